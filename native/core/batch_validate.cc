#include "batch_validate.h"

#include "batch_header.h"
#include "crc32c.h"
#include "system_error.h"

namespace millrace {
namespace {

constexpr int kVarintShiftMax = 28;   // five bytes; bits beyond 32 fall off, as in ByteUtils.readVarint
constexpr int kCodecMax = 4;          // zstd
constexpr int kVarlongShiftMax = 63;  // ten bytes

// Walks bytes; `failed` stays set once something was malformed or ran past the end.
class Cursor {
 public:
  Cursor(const uint8_t* at, const uint8_t* end) : at_(at), end_(end) {}
  const uint8_t* at() const { return at_; }
  int64_t remaining() const { return end_ - at_; }
  bool failed() const { return failed_; }

  int32_t Varint() {
    if (at_ < end_ && *at_ < 0x80) {
      const uint32_t byte = *at_++;
      return int32_t(byte >> 1) ^ -int32_t(byte & 1);
    }
    uint32_t value = 0;
    for (int shift = 0; shift <= kVarintShiftMax; shift += 7) {
      if (at_ == end_) break;
      const uint32_t byte = *at_++;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return int32_t(value >> 1) ^ -int32_t(value & 1);
    }
    failed_ = true;
    return -1;
  }

  int64_t Varlong() {
    uint64_t value = 0;
    for (int shift = 0; shift <= kVarlongShiftMax; shift += 7) {
      if (at_ == end_) break;
      const uint64_t byte = *at_++;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return int64_t(value >> 1) ^ -int64_t(value & 1);
    }
    failed_ = true;
    return 0;
  }

  void Byte() { Skip(1); }
  void Skip(int64_t length) {
    if (length > remaining()) {
      failed_ = true;
    } else if (length > 0) {
      at_ += length;
    }
  }
  // A length field and the bytes it announces; returns the length. Lengths below `least` are malformed.
  int32_t Field(int32_t least) {
    const int32_t length = Varint();
    if (length < least) failed_ = true;
    Skip(length);
    return length;
  }

 private:
  const uint8_t* at_;
  const uint8_t* const end_;
  bool failed_ = false;
};

struct RecordFacts {
  int64_t timestamp_delta;
  int32_t offset_delta;
  bool has_key;
};

// Reads one record and steps behind it; false when it is malformed.
bool ReadRecord(Cursor& outer, RecordFacts& facts) {
  const int32_t size = outer.Varint();
  if (outer.failed() || size < 1 || size > outer.remaining()) return false;
  Cursor record(outer.at(), outer.at() + size);  // nothing inside may reach past the declared size
  record.Byte();                                 // attributes: unused
  facts.timestamp_delta = record.Varlong();
  facts.offset_delta = record.Varint();
  facts.has_key = record.Field(-1) >= 0;
  record.Field(-1);
  const int32_t headers = record.Varint();
  if (record.failed() || headers < 0 || headers > record.remaining()) return false;
  for (int32_t i = 0; i < headers; i++) {
    record.Field(0);
    record.Field(-1);
    if (record.failed()) return false;
  }
  if (record.failed() || record.remaining() != 0) return false;
  outer.Skip(size);
  return true;
}

// Checks exactly row.count records. A malformed record outranks a missing key, which outranks odd deltas.
int32_t CheckRecords(Row& row, int64_t base_timestamp, const uint8_t* bytes, size_t length, bool ordered) {
  Cursor cursor(bytes, bytes + length);
  int64_t largest = -1;
  int64_t smallest = -1;
  int32_t largest_at = 0;
  int32_t first_without_key = -1;
  bool odd_deltas = false;
  int32_t status = kOk;
  for (int32_t i = 0; i < row.count; i++) {
    RecordFacts facts;
    if (!ReadRecord(cursor, facts)) {
      row.detail = i;
      status = kBadRecord;
      break;
    }
    if (!facts.has_key && first_without_key < 0) first_without_key = i;
    odd_deltas |= facts.offset_delta != i;
    const int64_t timestamp = int64_t(uint64_t(base_timestamp) + uint64_t(facts.timestamp_delta));  // wraps as in Java
    if (i == 0 || timestamp > largest) {
      largest = timestamp;
      largest_at = i;
    }
    if (i == 0 || timestamp < smallest) smallest = timestamp;
  }
  row.max_timestamp_found = double(largest);
  row.min_timestamp_found = double(smallest);
  row.max_timestamp_delta = largest_at;
  if (status != kOk) return status;
  if (cursor.remaining() != 0) return kTrailingBytes;
  if ((row.flags & kKeyRequired) && first_without_key >= 0) {
    row.detail = first_without_key;
    return kMissingKey;
  }
  return ordered && odd_deltas ? kOffsetDeltas : kOk;
}

int32_t CheckHeader(Row& row, const uint8_t* at) {
  if (row.last_offset_delta < 0) return kBadOffsetRange;
  row.max_timestamp_found = row.max_timestamp;
  row.min_timestamp_found = row.base_timestamp;
  row.max_timestamp_delta = row.last_offset_delta;
  if (row.flags & kHeaderOnly) {
    return row.count < 0 ? kBadCount : kOk;  // a compacted batch has fewer records than offsets, even none
  }
  if (row.count <= 0) return kBadCount;
  if (int64_t(row.count) != int64_t(row.last_offset_delta) + 1) return kInconsistentCount;
  // A codec nobody knows is refused by those who unpack.
  if ((row.flags & kRecordsUnchecked) && (row.attributes & kCompressionMask) <= kCodecMax) return kOk;
  if (row.attributes & kCompressionMask) return kCompressed;
  return CheckRecords(row, LoadI64(at + 27), at + kHeaderBytes, size_t(row.length - kHeaderBytes), false);
}

int32_t Check(Row& row, const uint8_t* at) {
  if (row.length < kHeaderBytes) return kTooSmall;
  FillHeaderColumns(row, at);
  const int64_t declared = LoadI32(at + 8);
  if (declared < kLengthFieldMin || declared + kLogOverheadBytes > row.length) return kTooSmall;
  if (declared + kLogOverheadBytes < row.length) return kMoreBatches;
  if (at[16] != kMagic) return kBadMagic;
  if (Crc32c(at + kCrcFrom, size_t(row.length - kCrcFrom)) != LoadU32(at + 17)) return kBadCrc;
  return CheckHeader(row, at);
}

}  // namespace

const uint8_t* RowBytesAt(const Row& row, const Slabs& slabs) {
  Require(row.slab >= 0 && size_t(row.slab) < slabs.size() && slabs[row.slab].bytes != nullptr,
          "the row's slab is not registered in this thread");
  const Slab& slab = slabs[row.slab];
  Require(row.position >= 0 && row.length >= 0 && int64_t(row.position) + row.length <= slab.length,
          "the row's bytes lie outside its slab");
  return slab.bytes + row.position;
}

void ValidateRow(Row& row, const Slabs& slabs) {
  const uint8_t* at = RowBytesAt(row, slabs);
  row.detail = -1;
  row.status = Check(row, at);
}

void ValidateRecords(Row& row, const uint8_t* records, size_t length) {
  row.detail = -1;
  row.status = CheckRecords(row, ToInt64(row.base_timestamp), records, length, true);
}

}  // namespace millrace
