// What happens once a second, and the end of timed mutes.
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>

#include "poller.h"

namespace millrace {

void Poller::Sweep() {
  for (Listener& listener : listeners_) {
    if (!listener.paused) continue;
    listener.paused = false;
    Watch(listener.fd, 16 + uint64_t(listener.fd));
  }
  CloseIdle();
  if (!small_waiters_.empty() || !large_waiters_.empty()) CloseStalled();
  CheckProofs();
  EndIdleStreams();
  slab_.GiveBack(now_ms_);
}

void Poller::CloseIdle() {
  if (options_.idle_ms_max < 0) return;
  while (oldest_ != nullptr && now_ms_ - oldest_->active_ms >= options_.idle_ms_max && RowsLeft() > kFramesPerTurn) {
    bool slow = oldest_->output.queued() > options_.outbound_queue_bytes_max;
    CloseConnection(oldest_, slow ? kCloseSlowReader : kCloseIdle, 0);
  }
}

// Somebody waits for slab space: connections that hold some and do not fill it have to go. When all holders wait for
// one another, the one that holds most goes.
void Poller::CloseStalled() {
  Connection* fattest = nullptr;
  bool closed = false;
  bool moving = false;
  uint32_t partial_runs = 0;
  for (Connection* at = oldest_; at != nullptr;) {
    Connection* next = at->newer;
    bool holds = at->frame_at != kNowhere || at->pending_at != kNowhere;
    bool still = now_ms_ - at->progress_ms >= options_.stalled_ms;
    if (holds && !still && at->slab_wait == SlabWait::none) moving = true;
    if (at->frame_at != kNowhere && at->frame_is_run) partial_runs++;
    if (holds && still && at->MayRead() && RowsLeft() > kFramesPerTurn) {
      CloseConnection(at, kCloseStalled, 0);
      closed = true;
    } else if (holds && still && at->slab_wait != SlabWait::none) {
      if (fattest == nullptr || at->frame_have > fattest->frame_have) fattest = at;
    }
    at = next;
  }
  // Frames that are being answered free their space by themselves.
  bool answering = large_waiters_.empty() ? frames_held_ > 0 : slab_.runs() > partial_runs;
  if (!closed && !moving && !answering && fattest != nullptr) CloseConnection(fattest, kCloseStalled, 0);
}

void Poller::CheckProofs() {
  size_t checks = std::min(kProofChecksPerSweep, proofs_.size());
  for (size_t i = 0; i < checks && !proofs_.empty(); i++) {
    if (proof_cursor_ >= proofs_.size()) proof_cursor_ = 0;
    Key key = proofs_[proof_cursor_];
    Connection* connection = Find(key.index, key.generation);
    Proof* proof = connection == nullptr ? nullptr : connection->output.proof();
    if (proof != nullptr) {
      proof->Check(connection->fd, connection->output.sent());
      proof_cursor_++;
    } else {
      proofs_[proof_cursor_] = proofs_.back();
      proofs_.pop_back();
    }
  }
  for (size_t i = 0; i < lingering_.size();) {
    Lingering& entry = lingering_[i];
    if (entry.proof->CheckEnded(entry.fd, entry.sent) || now_ms_ >= entry.until_ms) {
      close(entry.fd);
      if (i + 1 < lingering_.size()) entry = std::move(lingering_.back());
      lingering_.pop_back();
    } else {
      i++;
    }
  }
}

// A reader that pauses gives its descriptor back and begins anew when it goes on.
void Poller::EndIdleStreams() {
  std::erase_if(streaming_, [this](Key key) {
    Connection* connection = Find(key.index, key.generation);
    if (connection == nullptr) return true;
    connection->reads_ahead = !connection->output.EndIdleStream();
    return !connection->reads_ahead;
  });
}

void Poller::EndMutes() {
  while (!mutes_.empty() && mutes_.top().at_ms <= now_ms_) {
    Key key = mutes_.top().key;
    mutes_.pop();
    Connection* connection = Find(key.index, key.generation);
    if (connection == nullptr || connection->muted_until_ms == 0 || connection->muted_until_ms > now_ms_) continue;
    connection->muted_until_ms = 0;
    ResumeReading(connection);
  }
  ArmMuteTimer();
}

void Poller::ArmMuteTimer() {
  if (mutes_.empty()) return;
  // One tick of the coarse clock later, so that it has passed when the timer fires.
  int64_t wait_ms = std::max<int64_t>(1, mutes_.top().at_ms - MonotonicMs() + 4);
  itimerspec once{};
  once.it_value.tv_sec = wait_ms / 1000;
  once.it_value.tv_nsec = (wait_ms % 1000) * 1'000'000;
  timerfd_settime(mute_fd_, 0, &once, nullptr);
}

}  // namespace millrace
