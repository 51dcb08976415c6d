// Checks batches that clients or leaders sent: framing, magic, CRC, offset range and, unless compressed, every record
// (LogValidator, DefaultRecordBatch.ensureValid, DefaultRecord.readFrom). Refusals are statuses in the row.
#pragma once
#include <cstddef>

#include "batch_table.h"

namespace millrace {

void ValidateRow(Row& row, const Slabs& slabs);
// Decompressed records of a row whose header columns are filled.
void ValidateRecords(Row& row, const uint8_t* records, size_t length);

}  // namespace millrace
