// Paces requests over pipelined connections: closed loop (a new request for every answer) or open loop (rate=, intended
// send times; a late send counts as latency, so a slow broker cannot hide by slowing the generator: no coordinated omission).
#pragma once
#include <deque>
#include <memory>
#include <vector>

#include "../common/histogram.h"
#include "connection.h"
#include "event_loop.h"
#include "window.h"

namespace bench {

class Load;

struct Line : Pollable {
  Line(int port, size_t index, Load* load) : opened(NowMicros()), connection(port), index(index), load(load) {}
  void OnReady(uint32_t events) override;
  const uint64_t opened;
  Connection connection;
  const size_t index;
  Load* const load;
  std::deque<uint64_t> overdue;  // open loop: intended times that wait for room
};

// What is sent and how answers are judged.
class Workload {
 public:
  virtual ~Workload() = default;
  // The measured window begins: counters restart.
  virtual void Begin() {}
  // Sends one request on the line's connection.
  virtual void Send(Line& line, uint64_t due) = 0;
  // The error code in the answer; 0 = accepted.
  virtual int16_t Judge(Span body, Sent sent) = 0;
  // Whether nothing more is awaited after the last answer.
  virtual bool Settled(uint64_t /*now*/) { return true; }
};

struct LoadShape {
  size_t connections, inflight;
  size_t active;          // so many of the connections are used by Run()
  double rate;            // requests/s over all connections; 0 = closed loop
  double warm, seconds;
  uint64_t requests;      // stop after so many; 0 = by time
  // connections, inflight, rate or mbps (payload of `request_bytes` each), warm, seconds, bytes.
  static LoadShape From(const Options& options, size_t request_bytes, int64_t connections = 1);
};

class Load {
 public:
  Load(int port, const LoadShape& shape, Workload& workload, Window& window);
  // One request on every connection at once; its latency counts from the connection's connect().
  void AskOnce();
  void Run();
  EventLoop& loop() { return loop_; }
  bool AnyPartlySent() const;
  const Histogram& latency() const { return latency_; }
  uint64_t accepted() const { return answered_ - refused_; }
  uint64_t refused() const { return refused_; }
  // requests, errors (and the code of the first), latencies, unsent and the window's figures.
  void AddTo(Result* result) const;

 private:
  friend struct Line;
  void Refill(Line& line, uint64_t now);
  void Receive(Line& line);
  void Hand(uint64_t now);
  bool Sending(uint64_t now) const;
  bool Over(uint64_t now);
  uint64_t Patience(uint64_t now) const;
  void BeginWindow();

  const LoadShape shape_;
  Workload& workload_;
  Window& window_;
  EventLoop loop_;
  std::vector<std::unique_ptr<Line>> lines_;
  bool measuring_ = false, finished_ = false;
  uint64_t window_at_ = 0, end_ = 0;
  double next_due_ = 0;    // open loop, µs
  size_t next_line_ = 0;
  uint64_t started_ = 0, waiting_ = 0, outstanding_ = 0, unsent_ = 0;
  uint64_t answered_ = 0, refused_ = 0;
  int16_t first_error_ = 0;
  Histogram latency_;
};

}  // namespace bench
