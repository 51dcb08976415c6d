// Brings file bytes into the page cache beside the network threads: `sendfile` and `pread` of bytes that are not there
// would stop every connection of the thread until the disk has answered.
//
//   looked up:  in memory ──────────────> sent at once (the kernel's own read-ahead keeps it so for most of the way)
//               not in memory ─> helper reads it ─> ready box ─> the poller's next turn sends it
//
// Helpers are at most two threads of the process, started when somebody needs them and gone after a few idle seconds.
// They read in slices, one stream after the other, so that several cold readers share the disk. A slice is moved by
// `sendfile` to /dev/null: the pages are waited for and nothing is copied. Each stream has a file description of its own,
// so that the kernel's read-ahead sees one sequential reader and goes on behind what was asked for. (Helpers that ran
// 8 MiB ahead by themselves cost 0.2 to 0.4 CPU-s/GB more and halved the rate on two cores.)
#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "segment_file.h"

namespace millrace {

constexpr int64_t kReadAheadSliceBytes = 1024 * 1024;
constexpr int kReadAheadThreadsMax = 2;
constexpr int kReadAheadIdleSeconds = 5;

// Where streams tell that what was needed is there. Shared with the helpers, so it outlives its poller.
class ReadyBox {
 public:
  explicit ReadyBox(int event_fd) : event_fd_(event_fd) {}
  // `reader`: index and generation of a connection.
  void Put(uint64_t reader);
  std::vector<uint64_t> Take();
  // The descriptor is about to be closed.
  void Close();

 private:
  std::mutex mutex_;
  int event_fd_;
  std::vector<uint64_t> readers_;
};

class ReadStream : public std::enable_shared_from_this<ReadStream> {
 public:
  ~ReadStream();
  // nullptr: the file cannot be opened once more (descriptors are short); it is read without help then.
  static std::shared_ptr<ReadStream> Open(const std::shared_ptr<SegmentFile>& file, std::shared_ptr<ReadyBox> box,
                                          uint64_t reader);
  bool Reads(const std::shared_ptr<SegmentFile>& file) const {
    return !file_.owner_before(file) && !file.owner_before(file_);
  }
  // Reads [from, to), then tells the box. The reader asks for one piece at a time.
  void Want(int64_t from, int64_t to);
  // Nobody will ask again.
  void Cancel() { cancelled_.store(true, std::memory_order_relaxed); }

 private:
  friend class ReadHelpers;
  ReadStream() = default;
  void Step();  // one slice
  bool HasWork();

  std::weak_ptr<SegmentFile> file_;  // not held: a reader that pauses must not keep a file from being reused
  int fd_ = -1;
  std::shared_ptr<ReadyBox> box_;
  uint64_t reader_ = 0;
  std::atomic<bool> cancelled_{false};
  std::mutex mutex_;
  int64_t next_ = 0;     // what is left to read, up to wanted_; guarded by mutex_
  int64_t wanted_ = 0;
  bool queued_ = false;  // guarded by the helpers' mutex
};

// True when the bytes can be read without waiting for the disk. One or two calls; at most the kernel starts to read.
bool IsResident(int fd, int64_t position, int64_t length);

// Stops helpers from reading until it goes out of scope (tests: a disk that does not answer).
struct HoldReadHelpers {
  HoldReadHelpers();
  ~HoldReadHelpers();
};

}  // namespace millrace
