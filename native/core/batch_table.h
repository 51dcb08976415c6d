// The C++ side of src/io/batch-table.ts: one row of 32 words a batch. The numbers are exported and asserted there.
#pragma once
#include <cstdint>
#include <vector>

namespace millrace {

constexpr int kRowWords = 32;
constexpr int kRowDoubles = 16;
constexpr int kRowBytes = 128;

// A row as it lies in memory (native byte order). The layout test compares it with the picture in batch-table.ts.
struct Row {
  int32_t slab;
  int32_t position;
  int32_t length;
  int32_t flags;
  int32_t status;
  int32_t detail;
  int32_t attributes;
  int32_t last_offset_delta;
  int32_t count;
  int32_t producer_epoch;
  int32_t base_sequence;
  int32_t leader_epoch;
  int32_t producer_id_low;
  int32_t producer_id_high;
  int32_t crc;
  int32_t max_timestamp_delta;
  double base_offset;
  double base_timestamp;
  double max_timestamp;
  double max_timestamp_found;
  double min_timestamp_found;
  double append_time;
  double file_position;
  double reserved;
};
static_assert(sizeof(Row) == kRowBytes);

enum RowFlag : int32_t {
  kSkip = 1,
  kLogAppendTime = 2,
  kKeyRequired = 4,
  kFixMaxTimestamp = 8,
  kHeaderOnly = 16,
  kRecordsUnchecked = 32,
};

enum RowStatus : int32_t {
  kOk = 0,
  kCompressed = 1,
  kTooSmall = 2,
  kBadMagic = 3,
  kBadCrc = 4,
  kBadOffsetRange = 5,
  kBadCount = 6,
  kInconsistentCount = 7,
  kBadRecord = 8,
  kTrailingBytes = 9,
  kMissingKey = 10,
  kMoreBatches = 11,
  kOffsetDeltas = 12,
};

// Memory that rows point into.
struct Slab {
  const uint8_t* bytes = nullptr;
  int64_t length = 0;
};
using Slabs = std::vector<Slab>;

// The bytes of a row; throws ContractError when they do not lie in a registered slab.
const uint8_t* RowBytesAt(const Row& row, const Slabs& slabs);

}  // namespace millrace
