// The 61-byte header of a record batch v2, big-endian:
//
//   0 baseOffset i64   8 length i32      12 leaderEpoch i32   16 magic i8        17 crc u32
//  21 attributes i16  23 lastOffsetDelta i32                  27 baseTimestamp i64
//  35 maxTimestamp i64                   43 producerId i64    51 producerEpoch i16
//  53 baseSequence i32                   57 count i32         61 records ...
//
// The CRC covers byte 21 to the end: baseOffset and leaderEpoch are stamped without renewing it.
#pragma once
#include "batch_table.h"
#include "big_endian.h"

namespace millrace {

constexpr int64_t kHeaderBytes = 61;
constexpr int64_t kLogOverheadBytes = 12;
constexpr int32_t kLengthFieldMin = 49;
constexpr uint8_t kMagic = 2;
constexpr int64_t kCrcFrom = 21;
constexpr int64_t kRelativeOffsetMax = INT32_MAX;
constexpr int32_t kCompressionMask = 7;
constexpr int32_t kLogAppendTimeBit = 8;

// A double of the table as an integer; what does not fit is clamped (casting it would be undefined).
inline int64_t ToInt64(double value) {
  if (!(value > -9223372036854775808.0)) return INT64_MIN;
  if (value >= 9223372036854775808.0) return INT64_MAX;
  return int64_t(value);
}

struct BatchHeader {
  int64_t base_offset;
  int32_t length;
  int32_t leader_epoch;
  uint8_t magic;
  uint32_t crc;
  int16_t attributes;
  int32_t last_offset_delta;
  int64_t base_timestamp;
  int64_t max_timestamp;
  int32_t count;

  static BatchHeader Parse(const uint8_t* at) {
    return {LoadI64(at),       LoadI32(at + 8),  LoadI32(at + 12), at[16],           LoadU32(at + 17),
            LoadI16(at + 21), LoadI32(at + 23), LoadI64(at + 27), LoadI64(at + 35), LoadI32(at + 57)};
  }
  int64_t size() const { return kLogOverheadBytes + length; }
  int64_t last_offset() const { return base_offset + last_offset_delta; }
  int64_t next_offset() const { return last_offset() + 1; }
  // Size, magic and offsets make sense for a batch of a segment that starts at `segment_base` and has `room` bytes left.
  bool Plausible(int64_t segment_base, int64_t room) const {
    return length >= kLengthFieldMin && magic == kMagic && size() <= room && last_offset_delta >= 0 &&
           base_offset >= segment_base && base_offset - segment_base <= kRelativeOffsetMax - last_offset_delta;
  }
};

// Copies the header at `at` into the header columns of a row.
inline void FillHeaderColumns(Row& row, const uint8_t* at) {
  row.attributes = LoadI16(at + 21);
  row.last_offset_delta = LoadI32(at + 23);
  row.count = LoadI32(at + 57);
  row.producer_epoch = LoadI16(at + 51);
  row.base_sequence = LoadI32(at + 53);
  row.leader_epoch = LoadI32(at + 12);
  row.producer_id_high = LoadI32(at + 43);
  row.producer_id_low = LoadI32(at + 47);
  row.crc = LoadI32(at + 17);
  row.base_offset = double(LoadI64(at));
  row.base_timestamp = double(LoadI64(at + 27));
  row.max_timestamp = double(LoadI64(at + 35));
}

}  // namespace millrace
