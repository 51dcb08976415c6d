#include "poller.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "poller_listen.h"
#include "poller_wake.h"

namespace millrace {
namespace {
// Tags of epoll events: small numbers for the poller's own descriptors, listeners, then (generation, index).
constexpr uint64_t kTagWake = 1, kTagSweep = 2, kTagMute = 3, kTagListener = 16, kTagListenerEnd = 1u << 20;

uint64_t SocketTag(const Connection& connection) {
  return (uint64_t(uint32_t(connection.generation)) << 32) | connection.index;
}
}  // namespace

int64_t MonotonicMs() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return int64_t(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
}

Poller::Poller(const PollerOptions& options)
    : options_(options),
      now_ms_(MonotonicMs()),
      slab_(options.slab, options.slab_bytes),
      scratch_(std::make_unique_for_overwrite<uint8_t[]>(kScratchBytes)) {
  frame_bytes_max_ = std::min<int64_t>(options.frame_bytes_max, int64_t(slab_.frame_bytes_max()));
  epoll_fd_ = epoll_create1(EPOLL_CLOEXEC);
  event_fd_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  sweep_fd_ = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  mute_fd_ = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  reserve_fd_ = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (epoll_fd_ < 0 || event_fd_ < 0 || sweep_fd_ < 0 || mute_fd_ < 0 || reserve_fd_ < 0) {
    error_ = errno;
    return;
  }
  itimerspec period{};
  period.it_interval.tv_sec = period.it_value.tv_sec = kSweepMs / 1000;
  timerfd_settime(sweep_fd_, 0, &period, nullptr);
  Watch(event_fd_, kTagWake);
  Watch(sweep_fd_, kTagSweep);
  Watch(mute_fd_, kTagMute);
  wake_id_ = WakeRegister(event_fd_, &woken_);
  ready_box_ = std::make_shared<ReadyBox>(event_fd_);
}

Poller::~Poller() {
  if (wake_id_ != 0) WakeUnregister(wake_id_);
  if (ready_box_ != nullptr) ready_box_->Close();
  StopListening();
  for (Connection& connection : connections_) {
    if (connection.fd >= 0) CloseConnection(&connection, kCloseRequested, 0);
  }
  for (Lingering& entry : lingering_) {
    entry.proof->CheckEnded(entry.fd, entry.sent);
    close(entry.fd);
  }
  for (int fd : {epoll_fd_, event_fd_, sweep_fd_, mute_fd_, reserve_fd_}) {
    if (fd >= 0) close(fd);
  }
}

void Poller::Watch(int fd, uint64_t tag) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = tag;
  if (epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, fd, &event) != 0) error_ = errno;
}

// Makes the epoll descriptor readable without telling the owner that another thread called.
void Poller::SelfWake() {
  uint64_t one = 1;
  [[maybe_unused]] ssize_t written = write(event_fd_, &one, sizeof one);
}

int Poller::ListenOn(const std::string& host, uint16_t port, int backlog, bool reuse_port, int* listener,
                     uint16_t* bound) {
  ListenResult result = Listen(host, port, backlog, reuse_port);
  if (result.error != 0) return result.error;
  *listener = next_listener_++;
  *bound = result.port;
  for (int fd : result.fds) {
    Watch(fd, kTagListener + uint64_t(fd));
    listeners_.push_back({*listener, fd});
  }
  return 0;
}

void Poller::StopListening() {
  for (Listener& listener : listeners_) close(listener.fd);
  listeners_.clear();
}

Connection* Poller::Find(uint32_t index, int32_t generation) {
  if (index >= connections_.size()) return nullptr;
  Connection& connection = connections_[index];
  return connection.fd >= 0 && connection.generation == generation ? &connection : nullptr;
}

const Connection* Poller::At(uint32_t connection) const {
  return connection < connections_.size() ? &connections_[connection] : nullptr;
}

void Poller::Emit(int32_t kind, int32_t index, int32_t generation, int32_t a, int32_t b, int32_t c) {
  int32_t* row = options_.events + size_t(rows_++) * kEventWords;
  row[0] = kind;
  row[1] = index;
  row[2] = generation;
  row[3] = a;
  row[4] = b;
  row[5] = c;
}

uint32_t Poller::Turn(bool* woken) {
  in_turn_ = true;
  rows_ = 0;
  now_ms_ = MonotonicMs();
  free_indices_.insert(free_indices_.end(), resting_indices_.begin(), resting_indices_.end());
  resting_indices_.clear();
  size_t reported = std::min<size_t>(deferred_.size(), options_.event_rows / 2);
  for (size_t i = 0; i < reported; i++) {
    const auto& row = deferred_[i];
    Emit(row[0], row[1], row[2], row[3], row[4], row[5]);
    resting_indices_.push_back(uint32_t(row[1]));
  }
  deferred_.erase(deferred_.begin(), deferred_.begin() + ptrdiff_t(reported));

  epoll_event events[kEpollEventsMax];
  int count = epoll_wait(epoll_fd_, events, kEpollEventsMax, 0);
  uint64_t drained;
  for (int i = 0; i < count; i++) {
    uint64_t tag = events[i].data.u64;
    if (tag == kTagWake) {
      [[maybe_unused]] ssize_t got = read(event_fd_, &drained, sizeof drained);
    } else if (tag == kTagSweep) {
      if (read(sweep_fd_, &drained, sizeof drained) > 0) Sweep();
    } else if (tag == kTagMute) {
      if (read(mute_fd_, &drained, sizeof drained) > 0) EndMutes();
    } else if (tag >= kTagListener && tag < kTagListenerEnd) {
      for (Listener& listener : listeners_) {
        if (uint64_t(listener.fd) + kTagListener == tag) Accept(&listener);
      }
    } else if (Connection* connection = Find(uint32_t(tag), int32_t(tag >> 32))) {
      if (RowsLeft() < kFramesPerTurn + 2) continue;  // level-triggered: it is reported again
      HandleSocket(connection, events[i].events);
    }
  }
  // Read the flag after the eventfd: a waker that still finds it set writes nothing, and its work is seen now.
  *woken = woken_.exchange(false);
  FlushReady();

  std::vector<Key> ready;
  ready.swap(ready_);
  for (size_t i = 0; i < ready.size(); i++) {
    Connection* connection = Find(ready[i].index, ready[i].generation);
    if (connection == nullptr) continue;
    if (RowsLeft() < kFramesPerTurn + 2) {
      ready_.push_back(ready[i]);
      continue;
    }
    connection->in_ready = false;
    if (connection->MayRead()) Read(connection);
  }
  if (refused_limit_ > 0 && RowsLeft() > 0) {
    Emit(kEventClosed, -1, 0, kCloseLimit, 0, refused_limit_);
    refused_limit_ = 0;
  }
  if (refused_error_ > 0 && RowsLeft() > 0) {
    Emit(kEventClosed, -1, 0, kCloseError, 0, refused_errno_);
    refused_error_ = 0;
  }
  ServeWaiters();
  if (!ready_.empty() || !deferred_.empty()) SelfWake();
  in_turn_ = false;
  return rows_;
}

void Poller::HandleSocket(Connection* connection, uint32_t events) {
  int32_t generation = connection->generation;
  uint32_t index = connection->index;
  if (events & EPOLLOUT) {
    FlushConnection(connection);
    if (Find(index, generation) == nullptr) return;
  }
  if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) == 0) return;
  if (connection->MayRead()) {
    Read(connection);
  } else if (events & (EPOLLERR | EPOLLHUP)) {
    // Not reading, so recv will not tell: take the error from the socket, or epoll would report it without end.
    int error = 0;
    socklen_t length = sizeof error;
    getsockopt(connection->fd, SOL_SOCKET, SO_ERROR, &error, &length);
    EndOfInput(connection, error == 0 ? 0 : -1, error);
  }
}

void Poller::SetInterest(Connection* connection) {
  uint32_t wanted = (connection->MayRead() ? uint32_t(EPOLLIN) : 0) |
                    (connection->output_blocked ? uint32_t(EPOLLOUT) : 0);
  if (wanted == connection->interest) return;
  connection->interest = wanted;
  epoll_event event{};
  event.events = wanted;
  event.data.u64 = SocketTag(*connection);
  epoll_ctl(epoll_fd_, EPOLL_CTL_MOD, connection->fd, &event);
}

void Poller::Submit(uint32_t count) {
  if (!in_turn_) now_ms_ = MonotonicMs();
  count = std::min(count, options_.command_rows);
  for (uint32_t i = 0; i < count; i++) RunCommand(options_.commands + size_t(i) * kCommandWords);
  FlushDirty();
  ServeWaiters();
  if (!ready_.empty() || !deferred_.empty()) SelfWake();
}

void Poller::RunCommand(const int32_t* row) {
  int32_t kind = row[0], a = row[3], b = row[4], c = row[5];
  if (kind == kCommandFreeFrame) {
    if (a >= 0 && slab_.Release(uint32_t(a), now_ms_)) frames_held_--;
    return;
  }
  // The range is ours from here on, whatever became of the connection.
  FileRange range;
  if (kind == kCommandRange) range = RangeTake(a);
  Connection* connection = Find(uint32_t(row[1]), row[2]);
  if (connection == nullptr) return;
  switch (kind) {
    case kCommandBytes:
      if (connection->close_when_sent || a < 0 || b < 0 || uint64_t(a) + uint64_t(b) > options_.outbound_bytes) return;
      connection->output.PushBorrowed(options_.outbound + a, uint32_t(b));
      break;
    case kCommandRange:
      if (connection->close_when_sent) return;
      if (range.file == nullptr || b < 0 || c < 0 || int64_t(b) + c > range.length) {
        CloseConnection(connection, kCloseError, EINVAL);  // a hole in the answer cannot be filled
        return;
      }
      range.position += b;
      range.length = c;
      connection->output.PushRange(std::move(range));
      break;
    case kCommandClose:
      if (a == 1) {
        CloseConnection(connection, kCloseRequested, 0);
        return;
      }
      connection->close_when_sent = true;
      SetInterest(connection);
      break;
    case kCommandMute:
      if (a > 0) {
        connection->muted_until_ms = std::max(connection->muted_until_ms, now_ms_ + a);
        mutes_.push({connection->muted_until_ms, {connection->index, connection->generation}});
        ArmMuteTimer();
      } else {
        connection->muted = true;
      }
      SetInterest(connection);
      return;
    case kCommandUnmute:
      if (!connection->muted) return;
      connection->muted = false;
      ResumeReading(connection);
      return;
    default:
      return;
  }
  if (!connection->output_dirty) {
    connection->output_dirty = true;
    dirty_.push_back({connection->index, connection->generation});
  }
}

void Poller::FlushDirty() {
  for (Key key : dirty_) {
    Connection* connection = Find(key.index, key.generation);
    if (connection == nullptr) continue;
    connection->output_dirty = false;
    // A blocked connection gets its turn from EPOLLOUT, a cold one from the ready box.
    if (!connection->output_blocked && !connection->output_cold) {
      FlushConnection(connection);
      connection = Find(key.index, key.generation);
      if (connection == nullptr) continue;
    }
    connection->output.Own();
    UpdateOutputPressure(connection);
  }
  dirty_.clear();
}

void Poller::SendBuffer(uint32_t index, int32_t generation, const uint8_t* bytes, size_t length) {
  Connection* connection = Find(index, generation);
  if (connection == nullptr || connection->close_when_sent) return;
  if (!in_turn_) now_ms_ = MonotonicMs();
  connection->output.PushBorrowed(bytes, uint32_t(length));
  if (!connection->output_dirty) {
    connection->output_dirty = true;
    dirty_.push_back({index, generation});
  }
  FlushDirty();
  if (!deferred_.empty()) SelfWake();
}

void Poller::FlushConnection(Connection* connection) {
  Output& output = connection->output;
  uint64_t before = output.sent();
  int error = 0;
  FlushResult result = output.Flush(connection->fd, scratch_.get(), {ready_box_, SocketTag(*connection)}, &error);
  if (output.sent() != before) Touch(connection);
  if (output.proof() != nullptr && !connection->has_proof) {
    connection->has_proof = true;
    proofs_.push_back({connection->index, connection->generation});
  }
  if (result == FlushResult::failed) {
    bool reset = error == ECONNRESET || error == EPIPE;
    CloseConnection(connection, reset ? kClosePeer : kCloseError, error, reset);
    return;
  }
  if (result == FlushResult::done && connection->close_when_sent) {
    // Unread input would turn our FIN into an RST, which can overtake the answer just sent.
    for (int i = 0; i < kDiscardReadsMax; i++) {
      if (recv(connection->fd, scratch_.get(), kScratchBytes, MSG_DONTWAIT) < ssize_t(kScratchBytes)) break;
    }
    CloseConnection(connection, kCloseRequested, 0);
    return;
  }
  if (output.reads_ahead() && !connection->reads_ahead) {
    connection->reads_ahead = true;
    streaming_.push_back({connection->index, connection->generation});
  }
  connection->output_cold = result == FlushResult::cold;
  connection->output_blocked = result == FlushResult::blocked || result == FlushResult::again;
  UpdateOutputPressure(connection);
  SetInterest(connection);
}

// What cold connections waited for has been read.
void Poller::FlushReady() {
  for (uint64_t reader : ready_box_->Take()) {
    Connection* connection = Find(uint32_t(reader), int32_t(reader >> 32));
    if (connection == nullptr || !connection->output_cold) continue;
    connection->output_cold = false;
    connection->output.Resume();
    FlushConnection(connection);
  }
}

void Poller::UpdateOutputPressure(Connection* connection) {
  int64_t queued = connection->output.queued();
  if (!connection->output_full && queued > options_.outbound_queue_bytes_max) {
    connection->output_full = true;
    SetInterest(connection);
  } else if (connection->output_full && queued <= options_.outbound_queue_bytes_max / 2) {
    connection->output_full = false;
    ResumeReading(connection);
  }
}

void Poller::CloseConnection(Connection* connection, int32_t reason, int32_t detail, bool reset) {
  if (connection->pending_at != kNowhere) ClearPending(connection);
  if (connection->frame_at != kNowhere) ReleaseSlab(connection->frame_at);
  connection->frame_at = kNowhere;
  int32_t thrown = int32_t(std::min<int64_t>(connection->output.queued(), INT32_MAX));
  std::unique_ptr<Proof> proof = connection->output.TakeProof();
  connection->output.Clear();
  epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, connection->fd, nullptr);
  if (proof != nullptr && reset) proof->ReleaseAll();
  EndProof(connection->fd, std::move(proof), connection->output.sent(), reason == kClosePeer);
  connection->fd = -1;
  Unlink(connection);
  open_--;
  auto counted = per_ip_.find(connection->ip);
  if (counted != per_ip_.end() && --counted->second == 0) per_ip_.erase(counted);
  int32_t index = int32_t(connection->index);
  if (in_turn_ && RowsLeft() > 0) {
    Emit(kEventClosed, index, connection->generation, reason, thrown, detail);
    resting_indices_.push_back(connection->index);
  } else {
    deferred_.push_back({kEventClosed, index, connection->generation, reason, thrown, detail});
  }
}

// Closes the descriptor, or keeps it for a while when files it was sent lack proof.
void Poller::EndProof(int fd, std::unique_ptr<Proof> proof, uint64_t sent, bool peer_closed) {
  if (proof != nullptr) proof->EndAt(sent);
  if (proof == nullptr || proof->CheckEnded(fd, sent) || !proof->peer_is_local() || lingering_.size() >= kLingeringMax) {
    close(fd);
    return;
  }
  // A peer that half-closed and has not read everything: our FIN would take its socket out of the kernel's tables, and
  // with it the only way to see it read on. It gets the end of the stream when it has.
  if (!peer_closed) {
    shutdown(fd, SHUT_RDWR);
    sent++;
  }
  lingering_.push_back({fd, std::move(proof), sent, now_ms_ + kLingeringMs});
}

void Poller::Unlink(Connection* connection) {
  (connection->older != nullptr ? connection->older->newer : oldest_) = connection->newer;
  (connection->newer != nullptr ? connection->newer->older : newest_) = connection->older;
  connection->older = connection->newer = nullptr;
}

void Poller::Append(Connection* connection) {
  connection->active_ms = now_ms_;
  connection->older = newest_;
  connection->newer = nullptr;
  (newest_ != nullptr ? newest_->newer : oldest_) = connection;
  newest_ = connection;
}

void Poller::Touch(Connection* connection) {
  if (connection->active_ms == now_ms_) return;
  Unlink(connection);
  Append(connection);
}

PollerStats Poller::Stats() const {
  PollerStats stats;
  stats.connections = open_;
  stats.slab_bytes_used = int64_t(slab_.used_bytes());
  stats.frames_held = frames_held_;
  stats.lingering = int64_t(lingering_.size());
  for (const Connection* at = oldest_; at != nullptr; at = at->newer) stats.queued_bytes += at->output.queued();
  return stats;
}

}  // namespace millrace
