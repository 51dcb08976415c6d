// A consumer that tails every partition of a topic in a fetch session (KIP-227) with long polls, as a consumer does that
// keeps up: the first request names all partitions, later ones only those whose offset moved.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "connection.h"
#include "event_loop.h"
#include "requests.h"

namespace bench {

class Tail : public Pollable {
 public:
  // on_batch(header of a whole batch, its size, when it was received)
  using OnBatch = std::function<void(const uint8_t* batch, size_t size, uint64_t now)>;
  // Starts at `offsets`, one per partition.
  Tail(int port, const std::string& topic, std::vector<int64_t> offsets, EventLoop& loop, OnBatch on_batch);
  void OnReady(uint32_t events) override;
  uint64_t bytes = 0;
  uint64_t order_errors = 0;  // batches that did not start where the one before ended

 private:
  void Ask(const std::vector<FetchPosition>& positions);
  void AskForAll();
  void Read(Span body, uint64_t now);
  void Batches(int32_t partition, Span records, uint64_t now);

  const std::string topic_;
  std::vector<int64_t> offsets_;
  const OnBatch on_batch_;
  Connection connection_;
  int32_t session_ = 0, epoch_ = 0;
  Fetched fetched_;
};

}  // namespace bench
