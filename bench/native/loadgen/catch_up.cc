#include "catch_up.h"

#include "../common/crc32c.h"
#include "requests.h"

namespace bench {

CatchUp::CatchUp(int port, const CatchUpShape& shape, EventLoop& loop) : shape_(shape), connection_(port) {
  loop.Watch(connection_.fd(), this);
}

void CatchUp::Ask() {
  FetchShape fetch;
  fetch.min_bytes = 0;
  fetch.max_bytes = fetch.partition_max_bytes = shape_.max_bytes;
  connection_.Send(FetchRequest(shape_.topic, {{partition_, offset_}}, fetch), {nullptr, 0}, {NowMicros(), 0});
}

void CatchUp::OnReady(uint32_t events) {
  connection_.Flush();
  for (int turn = 0; turn < (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR) ? 2 : 1); turn++) {
    connection_.Receive([&](Span body, Sent sent, uint64_t now) {
      counts.requests++;
      counts.latency.Add(now - sent.due);
      Read(body);
    });
  }
}

void CatchUp::Read(Span body) {
  ReadFetch(body, &fetched_);
  if (fetched_.error != 0) Die("fetch error " + std::to_string(fetched_.error));
  if (fetched_.partitions.size() != 1) Die("a fetch of one partition was answered for another number");
  const FetchedPartition& got = fetched_.partitions[0];
  if (got.error != 0) Die("fetch error " + std::to_string(got.error) + " of partition " + std::to_string(partition_));
  const int64_t next = Batches(got.records);
  if (next == offset_) {
    if (got.high_watermark > offset_) Die("nothing was answered at offset " + std::to_string(offset_));
    offset_ = 0;
    partition_++;
    if (partition_ == shape_.partitions && shape_.at_the_end == AtTheEnd::kStartAgain) partition_ = 0;
  } else {
    offset_ = next;
  }
  if (partition_ == shape_.partitions) stopped_ = true;
  if (!stopped_) Ask();
}

int64_t CatchUp::Batches(Span records) {
  int64_t next = offset_;
  const uint8_t* at = records.data;
  size_t left = records.size;
  while (left >= batch::kHeader) {
    const size_t size = static_cast<size_t>(static_cast<uint32_t>(Read32(at + batch::kLengthAt))) + batch::kOverhead;
    if (size > left) break;  // the last one may be cut
    const int64_t base = Read64(at);
    if (shape_.verify) {
      if (base > next) Die("offsets skip from " + std::to_string(next) + " to " + std::to_string(base));
      if (Crc32c(at + batch::kCrcFrom, size - batch::kCrcFrom) != static_cast<uint32_t>(Read32(at + batch::kCrcAt))) {
        Die("wrong CRC at offset " + std::to_string(base));
      }
    }
    next = base + Read32(at + batch::kLastOffsetDeltaAt) + 1;
    counts.records += static_cast<uint64_t>(Read32(at + batch::kCountAt));
    counts.bytes += size;
    at += size;
    left -= size;
  }
  return next;
}

}  // namespace bench
