// `.timeindex` rows (TimeIndex.java), 12 bytes: i64 largest timestamp so far, i32 last offset of its batch - base.
#pragma once
#include "big_endian.h"
#include "index_file.h"

namespace millrace {

constexpr int kTimeRowBytes = 12;

struct TimeRow {
  int64_t timestamp = -1;
  int32_t relative_offset = 0;

  static TimeRow Parse(const uint8_t* row) { return {LoadI64(row), LoadI32(row + 8)}; }
  static int64_t TimeKey(const uint8_t* row) { return LoadI64(row); }
  static int64_t OffsetKey(const uint8_t* row) { return LoadI32(row + 8); }
  // A row only when the timestamp rose (TimeIndex.maybeAppend); an empty index counts as -1.
  static void MaybeAdd(IndexFile& index, int64_t timestamp, int32_t relative_offset) {
    const uint8_t* last = index.Last();
    if (timestamp <= (last == nullptr ? -1 : LoadI64(last))) return;
    uint8_t row[kTimeRowBytes];
    StoreU64(row, uint64_t(timestamp));
    StoreU32(row + 8, uint32_t(relative_offset));
    index.Add(row);
  }
};

}  // namespace millrace
