// The sockets of one network thread: accepts, cuts length-prefixed frames into the slab, sends bytes and file ranges in
// order. Not thread-safe except Wake (poller_wake.h): the thread that owns it calls everything. Knows nothing of Node:
// its epoll descriptor becomes readable when Turn has something to do.
//
//   Turn():   epoll_wait -> accept | flush | read and cut -> rows of `events`
//   Submit(): rows of `commands` -> queues -> one sendmsg (and sendfile) per connection
//
// Reading is level-triggered; a connection is taken out of the read set while it is muted, its output is full, or it
// waits for slab space. Rows and commands: src/io/poller.ts.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <queue>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "poller_connection.h"
#include "poller_slab.h"

namespace millrace {

constexpr uint32_t kEventWords = 8;
constexpr uint32_t kCommandWords = 8;
enum EventKind : int32_t { kEventFrame = 1, kEventOpened = 2, kEventClosed = 3 };
enum CommandKind : int32_t {
  kCommandBytes = 1,
  kCommandRange = 2,
  kCommandFreeFrame = 3,
  kCommandClose = 4,
  kCommandMute = 5,
  kCommandUnmute = 6,
};
enum CloseReason : int32_t {
  kClosePeer = 1,
  kCloseIdle = 2,
  kCloseBadFrame = 3,
  kCloseRequested = 4,
  kCloseStalled = 5,
  kCloseError = 6,
  kCloseLimit = 7,
  kCloseSlowReader = 8,
};

constexpr int kReadsPerTurn = 3;                  // of one connection inside one large frame
constexpr uint32_t kFramesPerTurn = 64;           // of one connection
constexpr uint32_t kReadBytesPerTurn = 512 * 1024;  // of one connection
constexpr uint32_t kReadRoomMin = 8 * 1024;       // a bump page with less room is retired
// A large frame of a connection that never completed one starts in a block of this size: announcing costs no run, and
// scattered announcements do not break up the space for runs (tried: twenty of them did).
constexpr uint32_t kFirstBlockBytes = 16 * 1024;
constexpr uint32_t kLittleReadBytes = 256;        // after a large frame
constexpr uint32_t kLargeFrameBytes = 32 * 1024;
constexpr int kAcceptsPerTurn = 256;              // of one listener
constexpr int kEpollEventsMax = 256;
constexpr int64_t kSweepMs = 1000;
constexpr size_t kProofChecksPerSweep = 64;
constexpr size_t kLingeringMax = 256;             // ended connections whose sent files still lack proof
constexpr int64_t kLingeringMs = 60'000;
constexpr int kSmallWaitersPerTurn = 8;
constexpr int kDiscardReadsMax = 16;              // of unread input before a close
constexpr uint32_t kEventRowsMin = 4 * (kFramesPerTurn + 2);

struct PollerOptions {
  uint8_t* slab = nullptr;
  size_t slab_bytes = 0;
  int32_t* events = nullptr;
  uint32_t event_rows = 0;
  const int32_t* commands = nullptr;
  uint32_t command_rows = 0;
  const uint8_t* outbound = nullptr;
  uint32_t outbound_bytes = 0;
  int64_t frame_bytes_max = 0;
  int64_t idle_ms_max = -1;
  int64_t connections_max = 0;
  int64_t connections_per_ip_max = 0;
  int64_t outbound_queue_bytes_max = 0;
  int send_buffer_bytes = -1;
  int receive_buffer_bytes = -1;
  int64_t stalled_ms = 30'000;
};

struct PollerStats {
  int64_t connections = 0;
  int64_t slab_bytes_used = 0;
  int64_t queued_bytes = 0;
  int64_t frames_held = 0;
  int64_t lingering = 0;
};

class Poller {
 public:
  explicit Poller(const PollerOptions& options);
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  // errno of construction (epoll, eventfd, timers), 0 when usable.
  int error() const { return error_; }
  int epoll_fd() const { return epoll_fd_; }
  int32_t wake_id() const { return wake_id_; }

  // Returns errno, 0 = listening.
  int ListenOn(const std::string& host, uint16_t port, int backlog, bool reuse_port, int* listener, uint16_t* bound);
  void StopListening();
  // Never blocks. Returns how many rows of `events` are filled; *woken: Wake was called.
  uint32_t Turn(bool* woken);
  void Submit(uint32_t count);
  void SendBuffer(uint32_t connection, int32_t generation, const uint8_t* bytes, size_t length);
  // nullptr when the index was never used. The address of a closed connection is known until the turn after its event.
  const Connection* At(uint32_t connection) const;
  PollerStats Stats() const;

 private:
  struct Listener {
    int id;
    int fd;
    bool paused = false;
  };
  struct Lingering {
    int fd;
    std::unique_ptr<Proof> proof;
    uint64_t sent;
    int64_t until_ms;
  };
  struct Key {
    uint32_t index;
    int32_t generation;
  };
  struct MuteEnd {
    int64_t at_ms;
    Key key;
    bool operator>(const MuteEnd& other) const { return at_ms > other.at_ms; }
  };

  // poller.cc: loop, connections, commands
  void Watch(int fd, uint64_t tag);
  void SelfWake();
  uint32_t RowsLeft() const { return options_.event_rows - rows_; }
  void Emit(int32_t kind, int32_t index, int32_t generation, int32_t a, int32_t b, int32_t c);
  Connection* Find(uint32_t index, int32_t generation);
  void HandleSocket(Connection* connection, uint32_t events);
  void RunCommand(const int32_t* row);
  void SetInterest(Connection* connection);
  void FlushConnection(Connection* connection);
  void FlushReady();
  void FlushDirty();
  void UpdateOutputPressure(Connection* connection);
  void CloseConnection(Connection* connection, int32_t reason, int32_t detail, bool reset = false);
  void EndProof(int fd, std::unique_ptr<Proof> proof, uint64_t sent, bool peer_closed);
  void Touch(Connection* connection);
  void Unlink(Connection* connection);
  void Append(Connection* connection);

  // poller_accept.cc
  void Accept(Listener* listener);
  bool Admit(int fd, int listener);
  int AcceptWithReserve(Listener* listener);

  // poller_input.cc
  void Read(Connection* connection);
  void ReadFresh(Connection* connection);
  void ReadFrames(Connection* connection);
  bool ReadFrame(Connection* connection);
  void Cut(Connection* connection, uint32_t at, uint32_t length);
  bool PlacePartial(Connection* connection, uint32_t at, uint32_t length, uint32_t frame_length);
  bool PlaceLarge(Connection* connection);
  void EmitFrame(Connection* connection, uint32_t at, uint32_t length);
  void SetPending(Connection* connection, uint32_t at, uint32_t length);
  void ClearPending(Connection* connection);
  void WaitForSlab(Connection* connection, SlabWait kind);
  void ServeWaiters();
  void ResumeReading(Connection* connection);
  void PushReady(Connection* connection);
  void EndOfInput(Connection* connection, ssize_t result, int error);
  void ReleaseSlab(uint32_t position);

  // poller_sweep.cc
  void Sweep();
  void CloseIdle();
  void CloseStalled();
  void CheckProofs();
  void EndIdleStreams();
  void EndMutes();
  void ArmMuteTimer();

  PollerOptions options_;
  int64_t frame_bytes_max_;
  int error_ = 0;
  int epoll_fd_ = -1;
  int event_fd_ = -1;
  int sweep_fd_ = -1;
  int mute_fd_ = -1;
  int reserve_fd_ = -1;
  int32_t wake_id_ = 0;
  std::atomic<bool> woken_{false};
  int64_t now_ms_ = 0;
  Slab slab_;
  std::unique_ptr<uint8_t[]> scratch_;

  std::vector<Listener> listeners_;
  int next_listener_ = 1;
  std::deque<Connection> connections_;  // a deque: addresses stay
  std::vector<uint32_t> free_indices_;
  std::vector<uint32_t> resting_indices_;  // closed; reusable after the turn that reported it
  std::unordered_map<std::string, int64_t> per_ip_;
  int64_t open_ = 0;
  int64_t frames_held_ = 0;
  Connection* oldest_ = nullptr;
  Connection* newest_ = nullptr;

  bool in_turn_ = false;
  uint32_t rows_ = 0;
  std::vector<std::array<int32_t, 6>> deferred_;  // closed rows that came up outside a turn or did not fit
  int32_t refused_limit_ = 0;                     // connections of this turn closed by a limit
  int32_t refused_error_ = 0;
  int32_t refused_errno_ = 0;

  std::vector<Key> ready_;
  std::vector<Key> dirty_;
  std::deque<Key> small_waiters_;
  std::deque<Key> large_waiters_;
  std::vector<Key> proofs_;
  size_t proof_cursor_ = 0;
  std::vector<Lingering> lingering_;
  std::shared_ptr<ReadyBox> ready_box_;
  std::vector<Key> streaming_;  // connections that read ahead
  std::priority_queue<MuteEnd, std::vector<MuteEnd>, std::greater<MuteEnd>> mutes_;
};

int64_t MonotonicMs();

}  // namespace millrace
