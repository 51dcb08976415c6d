// Whole request frames (with the length prefix); the correlation id is filled in by the connection.
// Versions are those that name topics, so that no topic id has to be looked up.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "../common/wire.h"

namespace bench {

constexpr size_t kCorrelationAt = 8;

// What all requests say of themselves from now on; "loadgen" before.
void SetClientId(const std::string& name);
// A frame begins with the header (v1) and gets its length when it is whole; `following` bytes are sent behind it.
Bytes Header(int16_t key, int16_t version);
Bytes Framed(Bytes out, size_t following = 0);

// Produce v7 up to where the batch of `batch_bytes` follows.
Bytes ProduceHead(const std::string& topic, int32_t partition, int16_t acks, size_t batch_bytes);

struct FetchPosition {
  int32_t partition;
  int64_t offset;
};
struct FetchShape {
  int32_t wait_ms = 0, min_bytes = 1, max_bytes = 1 << 20, partition_max_bytes = 1 << 20;
  int32_t session = 0, epoch = -1;  // KIP-227; -1 = no session
};
Bytes FetchRequest(const std::string& topic, const std::vector<FetchPosition>& positions, const FetchShape& shape);  // v11

Bytes MetadataRequest(const std::string& topic, bool create);                    // v4
Bytes MetadataRequestV12(const std::vector<std::string>& topics);                // none = all
Bytes ApiVersionsRequest();                                                      // v4
Bytes CreateTopicsRequest(const std::string& topic, int32_t partitions,
                          const std::vector<std::pair<std::string, std::string>>& configs);  // v4
// Sets (or, with a negative value, removes) a quota of one client id.
Bytes AlterClientQuotaRequest(const std::string& client, const std::string& key, double value);  // v0
constexpr int64_t kLatest = -1, kEarliest = -2;
Bytes ListOffsetsRequest(const std::string& topic, const std::vector<int32_t>& partitions, int64_t timestamp);  // v5

}  // namespace bench
