#include "record_batch.h"

#include <fstream>
#include <iterator>

#include "../common/clock.h"
#include "../common/crc32c.h"

namespace bench {

RecordBatch RecordBatch::Make(size_t record_bytes, size_t batch_bytes, int64_t timestamp_ms) {
  uint64_t seed = 0x9e3779b97f4a7c15ull;
  RecordBatch made;
  Bytes body;
  do {
    Bytes head;
    head.i8(0);             // attributes
    head.varint(0);         // timestamp delta
    head.varint(made.records);
    head.varint(-1);        // no key
    head.varint(static_cast<int64_t>(record_bytes));
    body.varint(static_cast<int64_t>(head.size() + record_bytes + 1));
    body.insert(body.end(), head.begin(), head.end());
    if (made.records == 0) made.value_at = batch::kHeader + body.size();
    for (size_t i = 0; i < record_bytes; i++) {
      seed = seed * 6364136223846793005ull + 1442695040888963407ull;
      body.push_back(static_cast<uint8_t>('a' + (seed >> 60)));
    }
    body.varint(0);  // headers
    made.records++;
  } while (body.size() + record_bytes + 80 < batch_bytes);
  Bytes& out = made.bytes;
  out.i64(0);
  out.i32(static_cast<int32_t>(batch::kHeader - batch::kOverhead + body.size()));
  out.i32(-1);  // partition leader epoch
  out.i8(2);    // magic
  out.i32(0);   // CRC
  out.i16(0);   // attributes
  out.i32(made.records - 1);
  out.i64(timestamp_ms);
  out.i64(timestamp_ms);
  out.i64(-1);  // producer id
  out.i16(-1);
  out.i32(-1);
  out.i32(made.records);
  out.insert(out.end(), body.begin(), body.end());
  out.patch32(batch::kCrcAt, Crc32c(out.data() + batch::kCrcFrom, out.size() - batch::kCrcFrom));
  return made;
}

RecordBatch RecordBatch::Read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  RecordBatch made;
  made.bytes.assign(std::istreambuf_iterator<char>(file), {});
  if (made.bytes.size() < batch::kHeader) Die("no record batch in " + path);
  const uint8_t* bytes = made.bytes.data();
  if (static_cast<size_t>(Read32(bytes + batch::kLengthAt)) + batch::kOverhead != made.bytes.size()) {
    Die("not exactly one record batch in " + path);
  }
  if (Crc32c(bytes + batch::kCrcFrom, made.bytes.size() - batch::kCrcFrom) != static_cast<uint32_t>(Read32(bytes + batch::kCrcAt))) {
    Die("wrong CRC of the batch in " + path);
  }
  made.records = Read32(bytes + batch::kCountAt);
  return made;
}

PatchedNumber::PatchedNumber(const Bytes& batch, std::vector<size_t> places) : places_(std::move(places)) {
  Bytes probe = batch;
  auto crc = [&] { return Crc32c(probe.data() + batch::kCrcFrom, probe.size() - batch::kCrcFrom); };
  const uint32_t before = crc();
  for (size_t byte = 0; byte < 8; byte++) {
    for (size_t bit = 0; bit < 8; bit++) {
      for (size_t place : places_) probe[place + byte] ^= static_cast<uint8_t>(1u << bit);
      const uint32_t change = crc() ^ before;
      for (size_t place : places_) probe[place + byte] ^= static_cast<uint8_t>(1u << bit);
      for (size_t value = 0; value < 256; value++) {
        if (value >> bit & 1) change_[byte][value] ^= change;
      }
    }
  }
}

void PatchedNumber::Set(uint8_t* batch, uint64_t value) const {
  const uint64_t changed = static_cast<uint64_t>(Read64(batch + places_[0])) ^ value;
  uint32_t crc = static_cast<uint32_t>(Read32(batch + batch::kCrcAt));
  for (size_t byte = 0; byte < 8; byte++) crc ^= change_[byte][changed >> (56 - 8 * byte) & 0xff];
  for (size_t place : places_) Write64(batch + place, value);
  Write32(batch + batch::kCrcAt, crc);
}

}  // namespace bench
