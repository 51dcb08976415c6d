#include "answers.h"

#include "../common/clock.h"

namespace bench {

const uint8_t* Cursor::Take(size_t size) {
  if (static_cast<size_t>(end_ - at_) < size) Die("an answer ends before its fields do");
  const uint8_t* taken = at_;
  at_ += size;
  return taken;
}

uint64_t Cursor::unsignedVarint() {
  uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    const uint8_t byte = *Take(1);
    value |= uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) return value;
  }
  Die("a varint does not end");
}

std::string Cursor::text() {
  const int16_t size = i16();
  if (size <= 0) return "";
  return std::string(reinterpret_cast<const char*>(Take(static_cast<size_t>(size))), static_cast<size_t>(size));
}

int16_t ProduceError(Span body) {
  Cursor in(body);
  in.i32();  // topics
  in.Take(static_cast<size_t>(in.i16()));
  in.Take(8);  // partitions, index
  return in.i16();
}

void ReadFetch(Span body, Fetched* into) {
  Cursor in(body);
  into->partitions.clear();
  in.i32();  // throttle
  into->error = in.i16();
  into->session = in.i32();
  for (int32_t topics = in.i32(); topics > 0; topics--) {
    in.Take(static_cast<size_t>(in.i16()));
    for (int32_t left = in.i32(); left > 0; left--) {
      FetchedPartition one{};
      one.partition = in.i32();
      one.error = in.i16();
      one.high_watermark = in.i64();
      in.Take(16);  // last stable offset, log start
      const int32_t aborted = in.i32();
      in.Take(aborted > 0 ? static_cast<size_t>(aborted) * 16 : 0);
      in.i32();  // preferred replica
      const int32_t size = in.i32();
      one.records.size = size > 0 ? static_cast<size_t>(size) : 0;
      one.records.data = in.Take(one.records.size);
      into->partitions.push_back(one);
    }
  }
}

TopicLeaders ReadMetadata(Span body) {
  Cursor in(body);
  in.i32();  // throttle
  for (int32_t brokers = in.i32(); brokers > 0; brokers--) {
    in.i32();
    in.text();
    in.i32();
    in.text();  // rack
  }
  in.text();  // cluster id
  in.i32();   // controller
  TopicLeaders found;
  if (in.i32() != 1) return found;
  found.error = in.i16();
  in.text();
  in.i8();  // internal
  found.partitions = in.i32();
  for (int32_t i = 0; i < found.partitions; i++) {
    const int16_t error = in.i16();
    in.i32();  // index
    const int32_t leader = in.i32();
    if (error == 0 && leader >= 0) found.with_leader++;
    for (int list = 0; list < 2; list++) in.Take(static_cast<size_t>(in.i32()) * 4);
  }
  return found;
}

int32_t MetadataErrorsV12(Span body) {
  Cursor in(body);
  auto skipText = [&] {
    const uint64_t size = in.unsignedVarint();
    in.Take(size > 0 ? size - 1 : 0);
  };
  int32_t errors = 0;
  in.i8();   // header's tagged fields
  in.i32();  // throttle
  for (uint64_t brokers = in.unsignedVarint(); brokers > 1; brokers--) {
    in.i32();
    skipText();
    in.i32();
    skipText();
    in.i8();
  }
  skipText();
  in.i32();
  for (uint64_t topics = in.unsignedVarint(); topics > 1; topics--) {
    if (in.i16() != 0) errors++;
    skipText();
    in.Take(16 + 1);  // topic id, internal
    for (uint64_t partitions = in.unsignedVarint(); partitions > 1; partitions--) {
      if (in.i16() != 0) errors++;
      in.Take(12);  // index, leader, epoch
      for (int list = 0; list < 3; list++) in.Take(4 * (in.unsignedVarint() - 1));
      in.i8();
    }
    in.i32();  // authorized operations
    in.i8();
  }
  return errors;
}

int16_t ApiVersionsError(Span body) { return Cursor(body).i16(); }

int16_t CreateTopicsError(Span body, std::string* message) {
  Cursor in(body);
  in.i32();  // throttle
  if (in.i32() != 1) Die("CreateTopics answered for another number of topics");
  in.text();
  const int16_t error = in.i16();
  *message = in.text();
  return error;
}

std::vector<ListedOffset> ReadListOffsets(Span body) {
  Cursor in(body);
  std::vector<ListedOffset> found;
  in.i32();  // throttle
  for (int32_t topics = in.i32(); topics > 0; topics--) {
    in.text();
    for (int32_t left = in.i32(); left > 0; left--) {
      ListedOffset one{};
      one.partition = in.i32();
      one.error = in.i16();
      in.i64();  // timestamp
      one.offset = in.i64();
      in.i32();  // leader epoch
      found.push_back(one);
    }
  }
  return found;
}

}  // namespace bench
