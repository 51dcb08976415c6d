#include "read_ahead.h"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <utility>

#include "helper_thread.h"

namespace millrace {
namespace {

// Where the kernel has no cachestat, one byte of every so many is asked for.
constexpr int64_t kProbeStepBytes = 64 * 1024;
constexpr long kCachestatCall = 451;  // since Linux 6.5; the same number everywhere

struct CachestatRange {
  uint64_t offset;
  uint64_t length;
};
struct Cachestat {
  uint64_t cached, dirty, writeback, evicted, recently_evicted;
};

int64_t PageBytes() {
  static const int64_t bytes = ::sysconf(_SC_PAGESIZE);
  return bytes;
}

// -1: the kernel does not tell.
int64_t CachedPages(int fd, int64_t position, int64_t length) {
  static std::atomic<bool> missing{false};
  if (missing.load(std::memory_order_relaxed)) return -1;
  CachestatRange range{uint64_t(position), uint64_t(length)};
  Cachestat stat{};
  if (::syscall(kCachestatCall, fd, &range, &stat, 0) == 0) return int64_t(stat.cached);
  if (errno == ENOSYS) missing.store(true, std::memory_order_relaxed);
  return -1;
}

// False only when the byte would have to be waited for.
bool ByteIsThere(int fd, int64_t position) {
  uint8_t byte;
  iovec vector{&byte, 1};
  return ::preadv2(fd, &vector, 1, position, RWF_NOWAIT) >= 0 || errno != EAGAIN;
}

}  // namespace

bool IsResident(int fd, int64_t position, int64_t length) {
  if (length <= 0) return true;
  const int64_t page = PageBytes();
  const int64_t last = position + length - 1;
  // A page counts as cached as soon as it is being read. Reads arrive in order, so the last one tells.
  if (!ByteIsThere(fd, last)) return false;
  if (position / page == last / page) return true;
  const int64_t cached = CachedPages(fd, position, length);
  if (cached >= 0) return cached >= last / page - position / page + 1;
  for (int64_t at = position; at < last; at += kProbeStepBytes) {
    if (!ByteIsThere(fd, at)) return false;
  }
  return true;
}

void ReadyBox::Put(uint64_t reader) {
  std::lock_guard lock(mutex_);
  if (event_fd_ < 0) return;
  readers_.push_back(reader);
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(event_fd_, &one, sizeof one);
}

std::vector<uint64_t> ReadyBox::Take() {
  std::lock_guard lock(mutex_);
  return std::exchange(readers_, {});
}

void ReadyBox::Close() {
  std::lock_guard lock(mutex_);
  event_fd_ = -1;
}

// The helper threads and the streams that wait for them.
class ReadHelpers {
 public:
  static ReadHelpers& Get() {
    // Never destroyed: helpers may still run while the process's static objects are torn down.
    static ReadHelpers* const helpers = new ReadHelpers;
    return *helpers;
  }

  void Queue(std::shared_ptr<ReadStream> stream) {
    std::lock_guard lock(mutex_);
    if (stream->queued_) return;
    stream->queued_ = true;
    streams_.push_back(std::move(stream));
    if (idle_ > 0) {
      changed_.notify_one();
    } else if (threads_ < kReadAheadThreadsMax) {
      StartThread();
    }
  }

  void Hold(int change) {
    std::lock_guard lock(mutex_);
    held_ += change;
    changed_.notify_all();
  }

 private:
  void StartThread() {
    if (StartHelperThread("read-ahead", [this] { Run(); })) {
      threads_++;
    } else if (threads_ == 0) {
      GiveUp();  // with no helper at all the bytes are read where they are sent
    }
  }

  void GiveUp() {
    for (const auto& stream : streams_) {
      stream->queued_ = false;
      stream->box_->Put(stream->reader_);
    }
    streams_.clear();
  }

  void Run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      if (streams_.empty() || held_ > 0) {
        idle_++;
        const bool work = changed_.wait_for(lock, std::chrono::seconds(kReadAheadIdleSeconds),
                                            [this] { return !streams_.empty() && held_ == 0; });
        idle_--;
        if (work) continue;
        if (held_ > 0) continue;
        threads_--;
        return;
      }
      std::shared_ptr<ReadStream> stream = std::move(streams_.front());
      streams_.pop_front();
      lock.unlock();
      stream->Step();
      lock.lock();
      // What was wanted since found it queued.
      const bool more = stream->HasWork();
      if (more && !stream->cancelled_.load(std::memory_order_relaxed)) {
        streams_.push_back(std::move(stream));
      } else {
        stream->queued_ = false;
      }
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::shared_ptr<ReadStream>> streams_;
  int threads_ = 0;
  int idle_ = 0;
  int held_ = 0;
};

ReadStream::~ReadStream() {
  if (fd_ >= 0) ::close(fd_);
}

std::shared_ptr<ReadStream> ReadStream::Open(const std::shared_ptr<SegmentFile>& file, std::shared_ptr<ReadyBox> box,
                                             uint64_t reader) {
  // By way of /proc: the file may have been renamed or unlinked.
  char path[32];
  std::snprintf(path, sizeof path, "/proc/self/fd/%d", file->fd);
  const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return nullptr;
  ::posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  std::shared_ptr<ReadStream> stream(new ReadStream);
  stream->file_ = file;
  stream->fd_ = fd;
  stream->box_ = std::move(box);
  stream->reader_ = reader;
  return stream;
}

void ReadStream::Want(int64_t from, int64_t to) {
  {
    std::lock_guard lock(mutex_);
    next_ = from;
    wanted_ = to;
  }
  ReadHelpers::Get().Queue(shared_from_this());
}

bool ReadStream::HasWork() {
  std::lock_guard lock(mutex_);
  return next_ < wanted_;
}

void ReadStream::Step() {
  static const int null_fd = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  off_t at;
  int64_t end;
  {
    std::lock_guard lock(mutex_);
    at = next_;
    end = wanted_;
  }
  if (at >= end || cancelled_.load(std::memory_order_relaxed)) return;
  ssize_t moved;
  do {
    moved = ::sendfile(null_fd, fd_, &at, size_t(std::min(end - at, kReadAheadSliceBytes)));
  } while (moved < 0 && errno == EINTR);
  std::lock_guard lock(mutex_);
  // The end of the file, or an error of the disk: whoever sends these bytes meets it and knows what to do.
  next_ = moved > 0 ? at : wanted_;
  if (next_ >= wanted_) box_->Put(reader_);
}

HoldReadHelpers::HoldReadHelpers() { ReadHelpers::Get().Hold(1); }
HoldReadHelpers::~HoldReadHelpers() { ReadHelpers::Get().Hold(-1); }

}  // namespace millrace
