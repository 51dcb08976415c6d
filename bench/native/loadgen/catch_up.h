// A consumer that reads every partition of a topic from offset 0, one after the other, one fetch at a time.
#pragma once
#include <string>

#include "../common/histogram.h"
#include "connection.h"
#include "event_loop.h"

namespace bench {

enum class AtTheEnd { kStop, kStartAgain };

struct CatchUpShape {
  std::string topic;
  int32_t partitions;
  int32_t max_bytes;
  bool verify;  // CRC of every batch, offsets without gaps
  AtTheEnd at_the_end;
};

struct CatchUpCounts {
  uint64_t requests = 0, bytes = 0, records = 0;
  Histogram latency;
};

class CatchUp : public Pollable {
 public:
  CatchUp(int port, const CatchUpShape& shape, EventLoop& loop);
  void Start() { Ask(); }
  void OnReady(uint32_t events) override;
  // No further request is sent after it.
  void Stop() { stopped_ = true; }
  bool idle() const { return connection_.in_flight() == 0; }
  CatchUpCounts counts;

 private:
  void Ask();
  void Read(Span body);
  // Walks the whole batches; returns the offset after them.
  int64_t Batches(Span records);

  const CatchUpShape shape_;
  Connection connection_;
  int32_t partition_ = 0;
  int64_t offset_ = 0;
  bool stopped_ = false;
  Fetched fetched_;
};

}  // namespace bench
