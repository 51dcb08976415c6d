// The little of Kafka's wire format that the load generator and the floor speak.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace bench {

struct Bytes : std::vector<uint8_t> {
  void i8(int8_t v) { push_back(static_cast<uint8_t>(v)); }
  void i16(int16_t v) { be(v, 2); }
  void i32(int32_t v) { be(v, 4); }
  void i64(int64_t v) { be(v, 8); }
  void text(const std::string& v) {
    i16(static_cast<int16_t>(v.size()));
    insert(end(), v.begin(), v.end());
  }
  void unsignedVarint(uint64_t v) {
    while (v >= 0x80) {
      push_back(static_cast<uint8_t>(v) | 0x80);
      v >>= 7;
    }
    push_back(static_cast<uint8_t>(v));
  }
  void varint(int64_t v) { unsignedVarint((static_cast<uint64_t>(v) << 1) ^ static_cast<uint64_t>(v >> 63)); }
  void compactText(const std::string& v) {
    unsignedVarint(v.size() + 1);
    insert(end(), v.begin(), v.end());
  }
  void patch32(size_t at, uint32_t v) {
    for (size_t i = 0; i < 4; i++) (*this)[at + i] = static_cast<uint8_t>(v >> (24 - 8 * i));
  }

 private:
  void be(int64_t v, int bytes) {
    for (int i = bytes - 1; i >= 0; i--) push_back(static_cast<uint8_t>(static_cast<uint64_t>(v) >> (8 * i)));
  }
};

inline int16_t Read16(const uint8_t* p) { return static_cast<int16_t>((p[0] << 8) | p[1]); }
inline int32_t Read32(const uint8_t* p) {
  return static_cast<int32_t>((uint32_t{p[0]} << 24) | (uint32_t{p[1]} << 16) | (uint32_t{p[2]} << 8) | p[3]);
}
inline int64_t Read64(const uint8_t* p) {
  return static_cast<int64_t>((static_cast<uint64_t>(static_cast<uint32_t>(Read32(p))) << 32) |
                              static_cast<uint32_t>(Read32(p + 4)));
}
inline void Write32(uint8_t* p, uint32_t v) {
  for (int i = 0; i < 4; i++) p[i] = static_cast<uint8_t>(v >> (24 - 8 * i));
}
inline void Write64(uint8_t* p, uint64_t v) {
  for (int i = 0; i < 8; i++) p[i] = static_cast<uint8_t>(v >> (56 - 8 * i));
}

// Record batch v2: where its fields lie (KIP-98; org.apache.kafka.common.record.DefaultRecordBatch).
namespace batch {
constexpr size_t kLengthAt = 8;      // bytes after this field
constexpr size_t kOverhead = 12;     // base offset and length
constexpr size_t kCrcAt = 17;
constexpr size_t kCrcFrom = 21;
constexpr size_t kLastOffsetDeltaAt = 23;
constexpr size_t kBaseTimestampAt = 27;
constexpr size_t kMaxTimestampAt = 35;
constexpr size_t kCountAt = 57;
constexpr size_t kHeader = 61;
}  // namespace batch

}  // namespace bench
