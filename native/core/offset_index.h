// `.index` rows (OffsetIndex.java), 8 bytes: i32 last offset of a batch - base, i32 position of that batch in `.log`.
#pragma once
#include "big_endian.h"
#include "index_file.h"

namespace millrace {

constexpr int kOffsetRowBytes = 8;

struct OffsetRow {
  int32_t relative_offset = 0;
  int32_t position = 0;

  static OffsetRow Parse(const uint8_t* row) { return {LoadI32(row), LoadI32(row + 4)}; }
  static int64_t Key(const uint8_t* row) { return LoadI32(row); }
  static void Add(IndexFile& index, int32_t relative_offset, int32_t position) {
    uint8_t row[kOffsetRowBytes];
    StoreU32(row, uint32_t(relative_offset));
    StoreU32(row + 4, uint32_t(position));
    index.Add(row);
  }
};

}  // namespace millrace
