// The little of Kafka's protocol that the load generator speaks: pre-encoded requests, answers looked into just enough.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace loadgen {

struct Bytes : std::vector<uint8_t> {
  void i8(int8_t v) { push_back(static_cast<uint8_t>(v)); }
  void i16(int16_t v) { be(v, 2); }
  void i32(int32_t v) { be(v, 4); }
  void i64(int64_t v) { be(v, 8); }
  void text(const std::string& v) {
    i16(static_cast<int16_t>(v.size()));
    insert(end(), v.begin(), v.end());
  }
  void varint(int64_t v) {
    uint64_t z = (static_cast<uint64_t>(v) << 1) ^ static_cast<uint64_t>(v >> 63);
    while (z >= 0x80) {
      push_back(static_cast<uint8_t>(z) | 0x80);
      z >>= 7;
    }
    push_back(static_cast<uint8_t>(z));
  }
  void patch32(size_t at, uint32_t v) {
    for (int i = 0; i < 4; i++) (*this)[at + i] = static_cast<uint8_t>(v >> (24 - 8 * i));
  }

 private:
  void be(int64_t v, int bytes) {
    for (int i = bytes - 1; i >= 0; i--) push_back(static_cast<uint8_t>(static_cast<uint64_t>(v) >> (8 * i)));
  }
};

inline int32_t Read32(const uint8_t* p) {
  return static_cast<int32_t>((uint32_t{p[0]} << 24) | (uint32_t{p[1]} << 16) | (uint32_t{p[2]} << 8) | p[3]);
}
inline int64_t Read64(const uint8_t* p) {
  return static_cast<int64_t>((static_cast<uint64_t>(static_cast<uint32_t>(Read32(p))) << 32) |
                              static_cast<uint32_t>(Read32(p + 4)));
}
inline int16_t Read16(const uint8_t* p) { return static_cast<int16_t>((p[0] << 8) | p[1]); }

uint32_t Crc32c(const uint8_t* data, size_t size);

// A record batch v2 with as many records of `record_bytes` value bytes as fit `batch_bytes` (at least one).
Bytes RecordBatch(int record_bytes, int batch_bytes, int64_t timestamp_ms, int* records);

// Whole frames (with length prefix); the correlation id lies at byte 8.
Bytes ProduceRequest(const std::string& topic, int partition, int16_t acks, const Bytes& batch);   // v7
Bytes FetchRequest(const std::string& topic, int partition, int64_t offset, int32_t max_bytes, int32_t wait_ms);  // v11
Bytes MetadataRequest(const std::string& topic, bool create);                                       // v4
Bytes ApiVersionsRequest();                                                                         // v0
constexpr size_t kCorrelationAt = 8;

}  // namespace loadgen
