#include "tail.h"

#include "requests.h"

namespace bench {
namespace {

constexpr int16_t kSessionNotFound = 70, kInvalidSessionEpoch = 71;

}  // namespace

Tail::Tail(int port, const std::string& topic, std::vector<int64_t> offsets, EventLoop& loop, OnBatch on_batch)
    : topic_(topic), offsets_(std::move(offsets)), on_batch_(std::move(on_batch)), connection_(port) {
  loop.Watch(connection_.fd(), this);
  AskForAll();
}

void Tail::AskForAll() {
  session_ = epoch_ = 0;
  std::vector<FetchPosition> all;
  for (size_t p = 0; p < offsets_.size(); p++) all.push_back({static_cast<int32_t>(p), offsets_[p]});
  Ask(all);
}

void Tail::Ask(const std::vector<FetchPosition>& positions) {
  FetchShape shape;
  shape.wait_ms = 500;
  shape.max_bytes = 50 << 20;  // fetch.max.bytes of a consumer
  shape.session = session_;
  shape.epoch = epoch_;
  connection_.Send(FetchRequest(topic_, positions, shape), {nullptr, 0}, {NowMicros(), 0});
}

void Tail::OnReady(uint32_t events) {
  connection_.Flush();
  for (int turn = 0; turn < (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR) ? 2 : 1); turn++) {
    connection_.Receive([&](Span body, Sent, uint64_t now) { Read(body, now); });
  }
}

void Tail::Read(Span body, uint64_t now) {
  ReadFetch(body, &fetched_);
  if (fetched_.error == kSessionNotFound || fetched_.error == kInvalidSessionEpoch) return AskForAll();
  if (fetched_.error != 0) Die("fetch error " + std::to_string(fetched_.error));
  std::vector<FetchPosition> moved;
  for (const FetchedPartition& got : fetched_.partitions) {
    if (got.error != 0) Die("fetch error " + std::to_string(got.error) + " of partition " + std::to_string(got.partition));
    if (got.partition < 0 || static_cast<size_t>(got.partition) >= offsets_.size()) Die("a partition nobody asked for");
    int64_t& offset = offsets_[static_cast<size_t>(got.partition)];
    const int64_t before = offset;
    Batches(got.partition, got.records, now);
    if (offset != before) moved.push_back({got.partition, offset});
  }
  // A broker may refuse a session by answering with id 0; then each request names everything.
  if (fetched_.session == 0) return AskForAll();
  session_ = fetched_.session;
  epoch_++;
  Ask(moved);
}

void Tail::Batches(int32_t partition, Span records, uint64_t now) {
  int64_t& offset = offsets_[static_cast<size_t>(partition)];
  const uint8_t* at = records.data;
  size_t left = records.size;
  while (left >= batch::kHeader) {
    const size_t size = static_cast<size_t>(static_cast<uint32_t>(Read32(at + batch::kLengthAt))) + batch::kOverhead;
    if (size > left) break;
    if (Read64(at) != offset) order_errors++;
    offset = Read64(at) + Read32(at + batch::kLastOffsetDeltaAt) + 1;
    bytes += size;
    on_batch_(at, size, now);
    at += size;
    left -= size;
  }
}

}  // namespace bench
