#include "requests.h"

#include <bit>

namespace bench {
namespace {

std::string& ClientId() {
  static std::string name = "loadgen";
  return name;
}

}  // namespace

void SetClientId(const std::string& name) { ClientId() = name; }

Bytes Header(int16_t key, int16_t version) {
  Bytes out;
  out.i32(0);
  out.i16(key);
  out.i16(version);
  out.i32(0);
  out.text(ClientId());
  return out;
}

Bytes Framed(Bytes out, size_t following) {
  out.patch32(0, static_cast<uint32_t>(out.size() - 4 + following));
  return out;
}

Bytes ProduceHead(const std::string& topic, int32_t partition, int16_t acks, size_t batch_bytes) {
  Bytes out = Header(0, 7);
  out.i16(-1);  // no transactional id
  out.i16(acks);
  out.i32(30000);
  out.i32(1);
  out.text(topic);
  out.i32(1);
  out.i32(partition);
  out.i32(static_cast<int32_t>(batch_bytes));
  return Framed(std::move(out), batch_bytes);
}

Bytes FetchRequest(const std::string& topic, const std::vector<FetchPosition>& positions, const FetchShape& shape) {
  Bytes out = Header(1, 11);
  out.i32(-1);  // a consumer
  out.i32(shape.wait_ms);
  out.i32(shape.min_bytes);
  out.i32(shape.max_bytes);
  out.i8(0);  // read uncommitted
  out.i32(shape.session);
  out.i32(shape.epoch);
  out.i32(positions.empty() ? 0 : 1);
  if (!positions.empty()) {
    out.text(topic);
    out.i32(static_cast<int32_t>(positions.size()));
  }
  for (const FetchPosition& position : positions) {
    out.i32(position.partition);
    out.i32(-1);  // leader epoch
    out.i64(position.offset);
    out.i64(-1);  // log start
    out.i32(shape.partition_max_bytes);
  }
  out.i32(0);  // forgotten
  out.text("");
  return Framed(std::move(out));
}

Bytes MetadataRequest(const std::string& topic, bool create) {
  Bytes out = Header(3, 4);
  out.i32(1);
  out.text(topic);
  out.i8(create ? 1 : 0);
  return Framed(std::move(out));
}

Bytes MetadataRequestV12(const std::vector<std::string>& topics) {
  Bytes out = Header(3, 12);
  out.i8(0);  // header's tagged fields
  out.unsignedVarint(topics.empty() ? 0 : topics.size() + 1);
  for (const std::string& topic : topics) {
    out.i64(0);  // topic id
    out.i64(0);
    out.compactText(topic);
    out.i8(0);
  }
  out.i8(0);  // no creation
  out.i8(0);  // no authorized operations
  out.i8(0);
  return Framed(std::move(out));
}

Bytes ApiVersionsRequest() {
  Bytes out = Header(18, 4);
  out.i8(0);
  out.compactText("loadgen");
  out.compactText("1.0");
  out.i8(0);
  return Framed(std::move(out));
}

Bytes CreateTopicsRequest(const std::string& topic, int32_t partitions,
                          const std::vector<std::pair<std::string, std::string>>& configs) {
  Bytes out = Header(19, 4);
  out.i32(1);
  out.text(topic);
  out.i32(partitions);
  out.i16(1);  // replication factor
  out.i32(0);  // assignments
  out.i32(static_cast<int32_t>(configs.size()));
  for (const auto& [key, value] : configs) {
    out.text(key);
    out.text(value);
  }
  out.i32(60000);
  out.i8(0);  // not only validated
  return Framed(std::move(out));
}

Bytes AlterClientQuotaRequest(const std::string& client, const std::string& key, double value) {
  Bytes out = Header(49, 0);
  out.i32(1);
  out.i32(1);
  out.text("client-id");
  out.text(client);
  out.i32(1);
  out.text(key);
  out.i64(static_cast<int64_t>(std::bit_cast<uint64_t>(value < 0 ? 0 : value)));
  out.i8(value < 0 ? 1 : 0);
  out.i8(0);  // not only validated
  return Framed(std::move(out));
}

Bytes ListOffsetsRequest(const std::string& topic, const std::vector<int32_t>& partitions, int64_t timestamp) {
  Bytes out = Header(2, 5);
  out.i32(-1);
  out.i8(0);
  out.i32(1);
  out.text(topic);
  out.i32(static_cast<int32_t>(partitions.size()));
  for (int32_t partition : partitions) {
    out.i32(partition);
    out.i32(-1);  // leader epoch
    out.i64(timestamp);
  }
  return Framed(std::move(out));
}

}  // namespace bench
