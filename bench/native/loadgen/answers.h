// Answers looked into as far as the load generator needs; every read is checked against the frame's end.
// `body` is what follows the correlation id.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "../common/wire.h"

namespace bench {

struct Span {
  const uint8_t* data;
  size_t size;
};

// A reader of one answer that ends the program when the answer is shorter than its fields say.
class Cursor {
 public:
  explicit Cursor(Span body) : at_(body.data), end_(body.data + body.size) {}
  const uint8_t* Take(size_t size);
  int8_t i8() { return static_cast<int8_t>(*Take(1)); }
  int16_t i16() { return Read16(Take(2)); }
  int32_t i32() { return Read32(Take(4)); }
  int64_t i64() { return Read64(Take(8)); }
  uint64_t unsignedVarint();
  std::string text();  // int16 length; null = ""

 private:
  const uint8_t* at_;
  const uint8_t* end_;
};

// The error of the only partition in a Produce v7 answer.
int16_t ProduceError(Span body);

struct FetchedPartition {
  int32_t partition;
  int16_t error;
  int64_t high_watermark;
  Span records;
};
struct Fetched {
  int16_t error = 0;
  int32_t session = 0;
  std::vector<FetchedPartition> partitions;  // reused from answer to answer
};
void ReadFetch(Span body, Fetched* into);  // v11

struct TopicLeaders {
  int16_t error = 0;
  int32_t partitions = 0;
  int32_t with_leader = 0;
};
TopicLeaders ReadMetadata(Span body);   // v4, one topic
int32_t MetadataErrorsV12(Span body);   // how many topics and partitions have an error
int16_t ApiVersionsError(Span body);    // v4
int16_t CreateTopicsError(Span body, std::string* message);  // v4, one topic

struct ListedOffset {
  int32_t partition;
  int16_t error;
  int64_t offset;
};
std::vector<ListedOffset> ReadListOffsets(Span body);  // v5, one topic

}  // namespace bench
