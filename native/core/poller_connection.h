// State of one accepted socket; owned by its poller.
#pragma once
#include <sys/socket.h>

#include <cstdint>
#include <string>

#include "poller_output.h"
#include "poller_slab.h"

namespace millrace {

// Why a connection does not read because of the slab.
enum class SlabWait : uint8_t { none, small, large };

struct Connection {
  int fd = -1;  // -1: this index is free
  uint32_t index = 0;
  int32_t generation = 0;
  sockaddr_storage peer{};
  std::string ip;
  int local_port = 0;

  // Input. At most one of three: a few bytes of the next length, bytes not yet cut, a frame under way.
  uint8_t head[4] = {};
  uint8_t head_length = 0;
  uint32_t pending_at = kNowhere;  // received, not yet cut (turn's share used up, or no space): holds its bump page
  uint32_t pending_length = 0;
  uint32_t frame_at = kNowhere;  // body of the frame under way
  uint32_t frame_length = 0;
  uint32_t frame_have = 0;
  bool frame_is_run = false;
  bool expects_large = false;  // the last frame was large: read only a little, so that the next need not be copied
  bool in_ready = false;
  SlabWait slab_wait = SlabWait::none;

  bool muted = false;
  int64_t muted_until_ms = 0;  // 0: no timed mute
  bool output_full = false;    // back-pressure
  bool output_blocked = false; // waits for EPOLLOUT
  bool output_cold = false;    // waits for the ready box
  bool output_dirty = false;   // something was queued in this submit
  bool close_when_sent = false;
  bool has_proof = false;
  bool reads_ahead = false;    // in the poller's list of those
  uint32_t interest = 0;
  Output output;

  int64_t active_ms = 0;    // last byte in or out
  int64_t progress_ms = 0;  // last byte in
  Connection* older = nullptr;  // list by activity
  Connection* newer = nullptr;

  bool MayRead() const {
    return !muted && muted_until_ms == 0 && !output_full && slab_wait == SlabWait::none && !close_when_sent;
  }
};

}  // namespace millrace
