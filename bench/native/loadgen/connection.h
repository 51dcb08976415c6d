// Connections to the broker: one that waits for each answer, and one that pipelines requests under epoll.
#pragma once
#include <sys/uio.h>

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "answers.h"
#include "../common/clock.h"
#include "../common/wire.h"

namespace bench {

// Asks and waits. What it returns stays valid until the next question.
class Caller {
 public:
  explicit Caller(int port);
  Caller(const Caller&) = delete;
  ~Caller();
  // Nothing when the broker closed the connection or cannot be reached.
  std::optional<Span> TryAsk(Bytes request);
  Span Ask(Bytes request);  // ends the program instead

 private:
  bool Exchange(const Bytes& request);
  int fd_;
  int32_t correlation_ = 0;
  std::vector<uint8_t> answer_;
};

// What is remembered of a request until its answer comes.
struct Sent {
  uint64_t due;  // intended send time, µs
  uint64_t tag;  // the workload's own
};

// Non-blocking; answers come in the order of the requests, which is checked by their correlation ids.
class Connection {
 public:
  explicit Connection(int port);
  Connection(const Connection&) = delete;
  ~Connection();

  int fd() const { return fd_; }
  size_t in_flight() const { return in_flight_.size(); }
  bool partly_sent() const { return left_[0].iov_len + left_[1].iov_len > 0; }

  // Sends `head` (copied; its correlation id is set) and `body` (must stay as it is while partly_sent()).
  // Nothing may be partly sent. After EAGAIN, Flush() goes on when the socket is writable again.
  void Send(const Bytes& head, Span body, Sent sent);
  void Flush();

  // Reads until the socket is empty and calls on_answer(Span body, Sent sent, uint64_t now) for every whole answer.
  template <class OnAnswer>
  void Receive(OnAnswer&& on_answer);

 private:
  // False when nothing more is to be had now.
  bool Fill();
  // The next whole frame of what was read.
  bool NextFrame(Span* body);

  int fd_;
  int32_t next_correlation_ = 0, expected_ = 0;
  std::deque<Sent> in_flight_;
  Bytes head_;
  iovec left_[2] = {};
  std::vector<uint8_t> input_ = std::vector<uint8_t>(16 << 10);
  size_t parsed_ = 0, have_ = 0;
  bool drained_ = false;
};

template <class OnAnswer>
void Connection::Receive(OnAnswer&& on_answer) {
  drained_ = false;
  while (!drained_ && Fill()) {
    const uint64_t now = NowMicros();
    Span body;
    while (NextFrame(&body)) {
      const Sent sent = in_flight_.front();
      in_flight_.pop_front();
      on_answer(body, sent, now);
    }
  }
}

}  // namespace bench
