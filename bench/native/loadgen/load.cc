#include "load.h"

#include <algorithm>

#include "../common/clock.h"

namespace bench {
namespace {

constexpr uint64_t kGraceMicros = 10'000'000;    // for sending what is overdue at the end
constexpr uint64_t kMissingMicros = 60'000'000;  // answers that come later than this are taken for lost
constexpr uint64_t kSleepMicrosMax = 50'000;

uint64_t Micros(double seconds) { return static_cast<uint64_t>(seconds * 1e6); }

}  // namespace

LoadShape LoadShape::From(const Options& options, size_t request_bytes, int64_t connections) {
  LoadShape shape{};
  shape.connections = static_cast<size_t>(options.Number("connections", connections));
  shape.inflight = static_cast<size_t>(options.Number("inflight", 5));
  shape.rate = options.Real("rate", options.Real("mbps", 0) * 1e6 / static_cast<double>(request_bytes));
  shape.warm = options.Real("warm", 0);
  const uint64_t bytes = static_cast<uint64_t>(options.Number("bytes", 0));
  const int64_t for_bytes = static_cast<int64_t>((bytes + request_bytes - 1) / request_bytes);
  shape.requests = static_cast<uint64_t>(options.Number("requests", for_bytes));
  shape.seconds = options.Real("seconds", shape.requests > 0 ? 600 : 10);
  shape.active = shape.connections;
  if (shape.connections == 0 || shape.inflight == 0) Die("connections and inflight must be at least 1");
  return shape;
}

void Line::OnReady(uint32_t events) {
  connection.Flush();
  load->Receive(*this);
  // The end of the stream may hide behind a read that was short.
  if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) load->Receive(*this);
}

Load::Load(int port, const LoadShape& shape, Workload& workload, Window& window)
    : shape_(shape), workload_(workload), window_(window) {
  for (size_t i = 0; i < shape.connections; i++) {
    lines_.push_back(std::make_unique<Line>(port, i, this));
    loop_.Watch(lines_[i]->connection.fd(), lines_[i].get());
  }
}

bool Load::Sending(uint64_t now) const {
  return now < end_ && (shape_.requests == 0 || !measuring_ || started_ < shape_.requests);
}

bool Load::AnyPartlySent() const {
  return std::any_of(lines_.begin(), lines_.end(), [](const auto& line) { return line->connection.partly_sent(); });
}

// Open loop: gives every intended send time that has come to the next connection in turn.
void Load::Hand(uint64_t now) {
  const double gap = 1e6 / shape_.rate;
  while (next_due_ <= static_cast<double>(now) && Sending(static_cast<uint64_t>(next_due_))) {
    Line& line = *lines_[next_line_++ % shape_.active];
    line.overdue.push_back(static_cast<uint64_t>(next_due_));
    next_due_ += gap;
    waiting_++;
    started_++;
    Refill(line, now);
  }
}

void Load::Refill(Line& line, uint64_t now) {
  Connection& connection = line.connection;
  while (!connection.partly_sent() && connection.in_flight() < shape_.inflight) {
    uint64_t due = now;
    if (shape_.rate > 0) {
      if (line.overdue.empty()) return;
      due = line.overdue.front();
      line.overdue.pop_front();
      waiting_--;
    } else {
      if (!Sending(now)) return;
      started_++;
    }
    outstanding_++;
    workload_.Send(line, due);
  }
}

void Load::Receive(Line& line) {
  uint64_t latest = 0;
  line.connection.Receive([&](Span body, Sent sent, uint64_t now) {
    latest = now;
    outstanding_--;
    answered_++;
    latency_.Add(now - sent.due);
    const int16_t error = workload_.Judge(body, sent);
    if (error != 0 && refused_++ == 0) first_error_ = error;
  });
  if (window_at_ > 0) Refill(line, latest > 0 ? latest : NowMicros());
}

void Load::BeginWindow() {
  measuring_ = true;
  answered_ = refused_ = started_ = 0;
  latency_.Clear();
  workload_.Begin();
  window_.Begin();
}

bool Load::Over(uint64_t now) {
  const bool sending = shape_.rate > 0 ? Sending(static_cast<uint64_t>(next_due_)) : Sending(now);
  if (sending) return false;
  if (waiting_ > 0 && now > end_ + kGraceMicros) {
    for (auto& line : lines_) line->overdue.clear();
    unsent_ = waiting_;
    waiting_ = 0;
  }
  if (waiting_ + outstanding_ > 0) {
    if (now > end_ + kMissingMicros) Die("answers are missing 60 s after the last request");
    return false;
  }
  if (!finished_) window_.End();
  finished_ = true;
  return workload_.Settled(now);
}

uint64_t Load::Patience(uint64_t now) const {
  uint64_t until = now + kSleepMicrosMax;
  if (!measuring_) until = std::min(until, window_at_);
  if (now < end_) until = std::min(until, end_);
  if (shape_.rate > 0 && now < end_) until = std::min(until, static_cast<uint64_t>(next_due_) + 1);
  return until > now ? until - now : 0;
}

void Load::AskOnce() {
  for (auto& line : lines_) {
    outstanding_++;
    workload_.Send(*line, line->opened);
  }
  const uint64_t give_up = NowMicros() + kMissingMicros;
  while (outstanding_ > 0) {
    if (NowMicros() > give_up) Die("answers are missing 60 s after the last request");
    loop_.Turn(kSleepMicrosMax);
  }
}

void Load::Run() {
  const uint64_t start = NowMicros();
  window_at_ = start + Micros(shape_.warm);
  end_ = window_at_ + Micros(shape_.seconds);
  next_due_ = static_cast<double>(start);
  if (shape_.warm == 0) BeginWindow();
  if (shape_.rate == 0) {
    for (size_t i = 0; i < shape_.active; i++) Refill(*lines_[i], start);
  }
  for (;;) {
    const uint64_t now = NowMicros();
    if (!measuring_ && now >= window_at_) BeginWindow();
    if (shape_.rate > 0) Hand(now);
    if (Over(now)) return;
    loop_.Turn(Patience(now));
  }
}

void Load::AddTo(Result* result) const {
  result->Count("requests", answered_);
  result->Count("errors", refused_);
  if (refused_ > 0) result->Real("firstError", first_error_);
  result->Percentiles("", latency_);
  result->Count("unsent", unsent_);
  window_.AddTo(result);
}

}  // namespace bench
