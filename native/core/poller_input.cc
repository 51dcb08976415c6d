// Reading and cutting frames.
//
// Usual case: one recv into the shared bump page, frames cut in place. What is left over is less than one frame:
//   1-3 bytes            kept in the connection: an idle connection holds no slab
//   a small frame's part stays where it is when the rest fits behind it, else moves to a fresh page
//   a large frame's part starts in a small block and moves to a run (at once for a connection that sent large frames
//                        before); its rest is then received in place, exactly to its end
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "poller.h"

namespace millrace {
namespace {
// Body behind a 4-byte length, aligned to 8.
uint32_t BodyAt(uint32_t cursor) { return (cursor + 4 + 7) / 8 * 8; }

// Room that surely takes a small frame with its padding; the largest one needs a page of its own.
uint32_t SmallRoom(uint32_t frame_length) { return std::min(frame_length + 16, kPageBytes); }

// What a frame of which `have` bytes are here gets first, when it is not placed in a run.
uint32_t BlockBytes(uint32_t frame_length) {
  return frame_length > kSmallFrameBytesMax ? kFirstBlockBytes : frame_length;
}

int32_t LengthAt(const uint8_t* bytes) {
  return int32_t(uint32_t(bytes[0]) << 24 | uint32_t(bytes[1]) << 16 | uint32_t(bytes[2]) << 8 | uint32_t(bytes[3]));
}
}  // namespace

void Poller::ReleaseSlab(uint32_t position) { slab_.Release(position, now_ms_); }

void Poller::EmitFrame(Connection* connection, uint32_t at, uint32_t length) {
  frames_held_++;
  connection->expects_large = length >= kLargeFrameBytes;
  Emit(kEventFrame, int32_t(connection->index), connection->generation, int32_t(at), int32_t(length), 0);
}

void Poller::SetPending(Connection* connection, uint32_t at, uint32_t length) {
  slab_.HoldPage(at);
  connection->pending_at = at;
  connection->pending_length = length;
}

void Poller::ClearPending(Connection* connection) {
  ReleaseSlab(connection->pending_at);
  connection->pending_at = kNowhere;
  connection->pending_length = 0;
}

void Poller::PushReady(Connection* connection) {
  if (connection->in_ready) return;
  connection->in_ready = true;
  ready_.push_back({connection->index, connection->generation});
}

void Poller::ResumeReading(Connection* connection) {
  SetInterest(connection);
  if (connection->MayRead() && connection->pending_at != kNowhere) PushReady(connection);
}

void Poller::WaitForSlab(Connection* connection, SlabWait kind) {
  connection->slab_wait = kind;
  auto& queue = kind == SlabWait::small ? small_waiters_ : large_waiters_;
  queue.push_back({connection->index, connection->generation});
  SetInterest(connection);
}

void Poller::EndOfInput(Connection* connection, ssize_t result, int error) {
  if (result == 0) {
    CloseConnection(connection, kClosePeer, 0);
  } else if (error == ECONNRESET || error == EPIPE) {
    CloseConnection(connection, kClosePeer, error, true);
  } else {
    CloseConnection(connection, kCloseError, error);
  }
}

void Poller::Read(Connection* connection) {
  if (connection->pending_at != kNowhere) {
    Cut(connection, connection->pending_at, connection->pending_length);
    return;  // whether more can be read now, the next turn tells
  }
  if (connection->frame_at != kNowhere) {
    ReadFrames(connection);
    return;
  }
  ReadFresh(connection);
}

void Poller::ReadFrames(Connection* connection) {
  for (int reads = 0; reads < kReadsPerTurn && ReadFrame(connection); reads++) {
  }
}

// Receives more of the frame under way. True when there is probably more to receive for it.
bool Poller::ReadFrame(Connection* connection) {
  Connection& c = *connection;
  uint64_t block = c.frame_is_run ? slab_.RunBytes(c.frame_at) : BlockBytes(c.frame_length);
  if (c.frame_have == block && block < c.frame_length) {
    // The first block is full, or others took what the run had not reached.
    bool extended = c.frame_is_run && slab_.Extend(c.frame_at, c.frame_length);
    if (!extended && (!large_waiters_.empty() || !PlaceLarge(connection))) {
      WaitForSlab(connection, SlabWait::large);
      return false;
    }
    block = c.frame_length;
  }
  uint64_t capacity = std::min<uint64_t>(block, c.frame_length);
  size_t wanted = std::min<size_t>(size_t(capacity) - c.frame_have, kReadBytesPerTurn);
  ssize_t got = recv(c.fd, slab_.at(c.frame_at + c.frame_have), wanted, MSG_DONTWAIT);
  if (got <= 0) {
    int error = errno;
    if (got < 0 && (error == EAGAIN || error == EINTR)) return false;
    EndOfInput(connection, got, error);
    return false;
  }
  Touch(connection);
  c.progress_ms = now_ms_;
  c.frame_have += uint32_t(got);
  if (c.frame_is_run) slab_.Reached(c.frame_at, c.frame_have, now_ms_);
  if (c.frame_have == c.frame_length) {
    uint32_t at = c.frame_at;
    c.frame_at = kNowhere;
    EmitFrame(connection, at, c.frame_length);
    return false;
  }
  return size_t(got) == wanted;
}

void Poller::ReadFresh(Connection* connection) {
  Connection& c = *connection;
  if (!small_waiters_.empty() || !slab_.EnsureRoom(kReadRoomMin)) {
    WaitForSlab(connection, SlabWait::small);
    return;
  }
  uint32_t start = BodyAt(slab_.cursor()) - 4;
  uint32_t room = slab_.room() - (start - slab_.cursor()) - c.head_length;
  if (c.expects_large) room = std::min(room, kLittleReadBytes);
  ssize_t got = recv(c.fd, slab_.at(start + c.head_length), room, MSG_DONTWAIT);
  if (got <= 0) {
    int error = errno;
    if (got < 0 && (error == EAGAIN || error == EINTR)) return;
    EndOfInput(connection, got, error);
    return;
  }
  memcpy(slab_.at(start), c.head, c.head_length);
  uint32_t length = c.head_length + uint32_t(got);
  c.head_length = 0;
  Touch(connection);
  c.progress_ms = now_ms_;
  uint32_t index = c.index;
  int32_t generation = c.generation;
  Cut(connection, start, length);
  // A large frame has begun: the bytes behind its head are most likely there already.
  if (Find(index, generation) == nullptr || c.frame_at == kNowhere || !c.MayRead()) return;
  if (c.frame_length > kSmallFrameBytesMax) ReadFrames(connection);
}

// Cuts `length` received bytes at `at` (new ones behind the cursor, or the connection's pending ones).
void Poller::Cut(Connection* connection, uint32_t at, uint32_t length) {
  Connection& c = *connection;
  bool was_pending = c.pending_at != kNowhere;
  uint32_t held_at = c.pending_at;
  c.pending_at = kNowhere;
  uint32_t frames = 0;
  uint32_t end = at + length;
  uint32_t used_to = at;  // the bump page is in use up to here
  bool alive = true;
  while (end - at >= 4) {
    int32_t frame_length = LengthAt(slab_.at(at));
    if (frame_length < 0 || frame_length > frame_bytes_max_) {
      c.pending_at = kNowhere;
      CloseConnection(connection, kCloseBadFrame, frame_length);
      alive = false;
      break;
    }
    if (end - at - 4 < uint32_t(frame_length)) {
      // A part. Pending first, so that the bytes stay whatever happens to the page.
      SetPending(connection, at, end - at);
      if (!was_pending) slab_.set_cursor(std::max(slab_.cursor(), end));
      used_to = at;
      PlacePartial(connection, at, end - at, uint32_t(frame_length));
      at = end;
      break;
    }
    if (frames == kFramesPerTurn) {
      SetPending(connection, at, end - at);
      used_to = end;
      PushReady(connection);
      at = end;
      break;
    }
    slab_.HoldPage(at + 4);
    EmitFrame(connection, at + 4, uint32_t(frame_length));
    frames++;
    at += 4 + uint32_t(frame_length);
    used_to = at;
  }
  if (alive && at < end) {
    c.head_length = uint8_t(end - at);
    memcpy(c.head, slab_.at(at), end - at);
  }
  if (was_pending) {
    ReleaseSlab(held_at);
  } else if (slab_.cursor() < used_to && used_to - slab_.cursor() <= slab_.room()) {
    slab_.set_cursor(used_to);
  }
}

// Finds a place for a frame of which `length` bytes (with its head) lie at `at`, held as pending. On success the frame
// is under way; false: the connection waits for slab space.
bool Poller::PlacePartial(Connection* connection, uint32_t at, uint32_t length, uint32_t frame_length) {
  Connection& c = *connection;
  c.frame_length = frame_length;
  uint32_t have = length - 4;
  if (frame_length > kSmallFrameBytesMax && (c.expects_large || have >= kFirstBlockBytes)) {
    if (large_waiters_.empty() && PlaceLarge(connection)) return true;
    WaitForSlab(connection, SlabWait::large);
    return false;
  }
  uint32_t page_end = (at / kPageBytes + 1) * kPageBytes;
  uint32_t block = BlockBytes(frame_length);
  if (slab_.cursor() == at + length && at + 4 + block <= page_end) {
    slab_.set_cursor(at + 4 + block);
    c.frame_at = at + 4;  // pending's hold becomes the frame's
    c.pending_at = kNowhere;
  } else {
    if (!slab_.EnsureRoom(SmallRoom(block))) {
      WaitForSlab(connection, SlabWait::small);
      return false;
    }
    uint32_t body = BodyAt(slab_.cursor());
    slab_.HoldPage(body);
    slab_.set_cursor(body + block);
    memcpy(slab_.at(body), slab_.at(at + 4), have);
    ClearPending(connection);
    c.frame_at = body;
  }
  c.frame_have = have;
  c.frame_is_run = false;
  return true;
}

// A run for the frame whose beginning is pending, or a larger one for the frame under way. False: no space.
bool Poller::PlaceLarge(Connection* connection) {
  Connection& c = *connection;
  uint32_t run = slab_.AllocateRun(c.frame_length, now_ms_);
  if (run == kNowhere) return false;
  if (c.frame_at != kNowhere) {
    memcpy(slab_.at(run), slab_.at(c.frame_at), c.frame_have);
    ReleaseSlab(c.frame_at);
  } else {
    c.frame_have = c.pending_length - 4;
    memcpy(slab_.at(run), slab_.at(c.pending_at + 4), c.frame_have);
    ClearPending(connection);
  }
  c.frame_at = run;
  c.frame_is_run = true;
  slab_.Reached(run, c.frame_have, now_ms_);
  return true;
}

// Lets connections that wait for space go on, first come first served.
void Poller::ServeWaiters() {
  while (!large_waiters_.empty()) {
    Key key = large_waiters_.front();
    Connection* connection = Find(key.index, key.generation);
    if (connection != nullptr && connection->slab_wait == SlabWait::large) {
      if (!PlaceLarge(connection)) break;
      connection->slab_wait = SlabWait::none;
      connection->progress_ms = now_ms_;
      SetInterest(connection);
    }
    large_waiters_.pop_front();
  }
  for (int served = 0; served < kSmallWaitersPerTurn && !small_waiters_.empty();) {
    Key key = small_waiters_.front();
    Connection* connection = Find(key.index, key.generation);
    if (connection == nullptr || connection->slab_wait != SlabWait::small) {
      small_waiters_.pop_front();
      continue;
    }
    if (!slab_.EnsureRoom(connection->pending_at == kNowhere ? kReadRoomMin : SmallRoom(BlockBytes(connection->frame_length)))) break;
    small_waiters_.pop_front();
    connection->slab_wait = SlabWait::none;
    connection->progress_ms = now_ms_;
    ResumeReading(connection);
    served++;
  }
}

}  // namespace millrace
