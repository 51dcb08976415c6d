#include "wire.h"

namespace loadgen {

uint32_t Crc32c(const uint8_t* data, size_t size) {
  static const std::vector<uint32_t> table = [] {
    std::vector<uint32_t> rows(256);
    for (uint32_t i = 0; i < 256; i++) {
      uint32_t value = i;
      for (int bit = 0; bit < 8; bit++) value = (value >> 1) ^ (value & 1 ? 0x82f63b78u : 0);
      rows[i] = value;
    }
    return rows;
  }();
  uint32_t crc = ~0u;
  for (size_t i = 0; i < size; i++) crc = table[(crc ^ data[i]) & 0xff] ^ (crc >> 8);
  return ~crc;
}

Bytes RecordBatch(int record_bytes, int batch_bytes, int64_t timestamp_ms, int* records) {
  uint64_t seed = 0x9e3779b97f4a7c15ull;
  Bytes body;
  int count = 0;
  do {
    Bytes record;
    record.i8(0);
    record.varint(0);       // timestamp delta
    record.varint(count);   // offset delta
    record.varint(-1);      // no key
    record.varint(record_bytes);
    for (int i = 0; i < record_bytes; i++) {
      seed = seed * 6364136223846793005ull + 1442695040888963407ull;
      record.push_back(static_cast<uint8_t>('a' + (seed >> 60)));
    }
    record.varint(0);  // headers
    body.varint(static_cast<int64_t>(record.size()));
    body.insert(body.end(), record.begin(), record.end());
    count++;
  } while (static_cast<int>(body.size()) + record_bytes + 80 < batch_bytes);
  Bytes batch;
  batch.i64(0);
  batch.i32(static_cast<int32_t>(49 + body.size()));
  batch.i32(-1);
  batch.i8(2);
  batch.i32(0);  // crc
  batch.i16(0);
  batch.i32(count - 1);
  batch.i64(timestamp_ms);
  batch.i64(timestamp_ms);
  batch.i64(-1);
  batch.i16(-1);
  batch.i32(-1);
  batch.i32(count);
  batch.insert(batch.end(), body.begin(), body.end());
  batch.patch32(17, Crc32c(batch.data() + 21, batch.size() - 21));
  *records = count;
  return batch;
}

static Bytes Header(int16_t key, int16_t version) {
  Bytes out;
  out.i32(0);
  out.i16(key);
  out.i16(version);
  out.i32(0);
  out.text("loadgen");
  return out;
}

static Bytes Framed(Bytes out) {
  out.patch32(0, static_cast<uint32_t>(out.size() - 4));
  return out;
}

Bytes ProduceRequest(const std::string& topic, int partition, int16_t acks, const Bytes& batch) {
  Bytes out = Header(0, 7);
  out.i16(-1);  // no transactional id
  out.i16(acks);
  out.i32(30000);
  out.i32(1);
  out.text(topic);
  out.i32(1);
  out.i32(partition);
  out.i32(static_cast<int32_t>(batch.size()));
  out.insert(out.end(), batch.begin(), batch.end());
  return Framed(out);
}

Bytes FetchRequest(const std::string& topic, int partition, int64_t offset, int32_t max_bytes, int32_t wait_ms) {
  Bytes out = Header(1, 11);
  out.i32(-1);
  out.i32(wait_ms);
  out.i32(1);
  out.i32(max_bytes);
  out.i8(0);
  out.i32(0);   // session id
  out.i32(-1);  // sessionless
  out.i32(1);
  out.text(topic);
  out.i32(1);
  out.i32(partition);
  out.i32(-1);
  out.i64(offset);
  out.i64(-1);
  out.i32(max_bytes);
  out.i32(0);
  out.text("");
  return Framed(out);
}

Bytes MetadataRequest(const std::string& topic, bool create) {
  Bytes out = Header(3, 4);
  out.i32(1);
  out.text(topic);
  out.i8(create ? 1 : 0);
  return Framed(out);
}

Bytes ApiVersionsRequest() { return Framed(Header(18, 0)); }

}  // namespace loadgen
