#include "segment_space.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>

#include "file_io.h"
#include "system_error.h"
#include "write_behind.h"

namespace millrace {
namespace {

// A page-table entry given back costs up to 1 µs: a slice is what an append may take on by the way.
constexpr int64_t kReleaseSliceBytes = 256 * 1024;
constexpr int64_t kKeepMappedBytes = 1024 * 1024;
constexpr int64_t kZeroChunkBytes = 64 * 1024;
constexpr size_t kVectorsMax = IOV_MAX;

int64_t RoundUp(int64_t bytes) { return (bytes + kPageBytes - 1) / kPageBytes * kPageBytes; }

bool NoSpace(int number) { return number == ENOSPC || number == EDQUOT || number == EFBIG; }

// What a kill may not reorder: stores before stay before stores after.
void Fence() { std::atomic_signal_fence(std::memory_order_seq_cst); }

}  // namespace

SegmentSpace::~SegmentSpace() { Unmap(); }

void SegmentSpace::Unmap() {
  if (map_ != nullptr) ::munmap(map_, size_t(mapped_));
  map_ = nullptr;
  mapped_ = 0;
  released_ = 0;
}

void SegmentSpace::Reserve(int64_t end, const LogOptions& options) {
  if (end <= allocated_) return;
  const int64_t step = allocated_ < kAllocateGrowUntilBytes
                           ? std::clamp(4 * allocated_, kAllocateFirstBytes, kAllocateGrowUntilBytes)
                           : kAllocateStepBytes;
  const int64_t whole = RoundUp(options.segment_bytes);
  const int64_t least = RoundUp(end);
  const int64_t ahead = options.preallocate ? whole : std::min(whole, RoundUp(allocated_ + step));
  try {
    Allocate(std::max(least, ahead));
  } catch (const SystemError& error) {
    if (ahead <= least || !NoSpace(error.number)) throw;
    Allocate(least);  // no room to run ahead, but perhaps for this drain
  }
}

void SegmentSpace::Allocate(int64_t end) {
  const int fd = file_->fd;
  int result;
  do {
    result = ::fallocate(fd, 0, allocated_, end - allocated_);
  } while (result < 0 && errno == EINTR);
  try {
    if (result < 0 && errno != EOPNOTSUPP && errno != ENOSYS) ThrowErrno("fallocate", file_->path);
    if (result < 0) {  // a file system without fallocate: zeros take the space
      const std::vector<uint8_t> zeros(kZeroChunkBytes);
      for (int64_t at = allocated_; at < end; at += kZeroChunkBytes) {
        WriteAt(fd, file_->path, zeros.data(), std::min(kZeroChunkBytes, end - at), at);
      }
    }
  } catch (const SystemError&) {
    Truncate(fd, file_->path, allocated_);  // what was allocated in part goes back
    throw;
  }
  allocated_ = end;
}

bool SegmentSpace::EnsureMapped(int64_t end, const LogOptions& options) {
  if (map_ != nullptr && end <= mapped_) return true;
  const int64_t length = RoundUp(std::max(end, options.segment_bytes)) + kPageBytes;
  void* map = ::mmap(nullptr, size_t(length), PROT_READ | PROT_WRITE, MAP_SHARED, file_->fd, 0);
  if (map == MAP_FAILED) return false;
  // A fault brings in its page alone. Only advice, so a refusal does not matter.
  ::madvise(map, size_t(length), MADV_RANDOM);
  Unmap();
  map_ = static_cast<uint8_t*>(map);
  mapped_ = length;
  released_ = std::max<int64_t>(0, end - kKeepMappedBytes) / kReleaseSliceBytes * kReleaseSliceBytes;
  return true;
}

void SegmentSpace::Write(const std::vector<AppendRow>& rows, int64_t position, int64_t total,
                         const LogOptions& options) {
  Require(position + total <= allocated_, "append beyond the allocated space");
  const int64_t end = position + total;
  const bool stale = position < stale_end_;
  const bool wanted = options.engine == AppendEngine::kMmap ||
                      (options.engine == AppendEngine::kAuto && end <= in_memory_end_);
  if ((stale || wanted) && EnsureMapped(end, options)) {
    WriteMapped(rows, position);
    mapped_writes_++;
  } else {
    if (stale) throw SystemError(ENOMEM, "mmap", file_->path);
    WriteCalls(rows, position, total);
    pwrite_writes_++;
  }
  in_memory_end_ = RoundUp(end);
}

void SegmentSpace::WriteMapped(const std::vector<AppendRow>& rows, int64_t position) {
  for (const AppendRow& row : rows) {
    uint8_t* const at = map_ + position;
    position += row.length;
    std::memcpy(at + kHeaderBytes, row.bytes + kHeaderBytes, size_t(row.length - kHeaderBytes));
    if (position < stale_end_) std::memset(map_ + position, 0, size_t(std::min(kHeaderBytes, allocated_ - position)));
    Fence();
    std::memcpy(at + kLogOverheadBytes, row.header + kLogOverheadBytes, size_t(kHeaderBytes - kLogOverheadBytes));
    std::memcpy(at, row.header, 8);
    Fence();
    std::memcpy(at + 8, row.header + 8, 4);
    Fence();
  }
}

void SegmentSpace::WriteCalls(const std::vector<AppendRow>& rows, int64_t position, int64_t total) {
  static thread_local std::vector<iovec> vectors;
  vectors.clear();
  for (const AppendRow& row : rows) {
    vectors.push_back({const_cast<uint8_t*>(row.header), size_t(kHeaderBytes)});
    if (row.length > kHeaderBytes) {
      vectors.push_back({const_cast<uint8_t*>(row.bytes + kHeaderBytes), size_t(row.length - kHeaderBytes)});
    }
  }
  const int64_t start = position;
  size_t next = 0;
  while (next < vectors.size()) {
    const ssize_t count =
        ::pwritev(file_->fd, &vectors[next], int(std::min(vectors.size() - next, kVectorsMax)), position);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      const SystemError error(count == 0 ? EIO : errno, "pwritev", file_->path);
      // What got there may hold whole batches that nobody was told about: away with it. Should even that fail, the
      // place counts as an older life: the next append goes through the mapping and zeroes what follows it.
      if (::ftruncate(file_->fd, start) == 0) {
        allocated_ = start;
      } else {
        stale_end_ = std::max(stale_end_, start + total);
      }
      throw error;
    }
    position += count;
    for (int64_t left = count; left > 0;) {
      iovec& vector = vectors[next];
      const int64_t used = std::min(left, int64_t(vector.iov_len));
      vector.iov_base = static_cast<uint8_t*>(vector.iov_base) + used;
      vector.iov_len -= size_t(used);
      left -= used;
      if (vector.iov_len == 0) next++;
    }
  }
}

void SegmentSpace::ZeroHeader(int64_t position) {
  const uint8_t zeros[kHeaderBytes] = {};
  const int64_t bytes = std::min(kHeaderBytes, allocated_ - position);
  if (bytes > 0) WriteAt(file_->fd, file_->path, zeros, bytes, position);
}

void SegmentSpace::CutTo(int64_t position) {
  Truncate(file_->fd, file_->path, position);
  allocated_ = position;
  stale_end_ = std::min(stale_end_, position);
  in_memory_end_ = 0;
}

void SegmentSpace::ReleaseBehind(int64_t size) {
  if (map_ == nullptr) return;
  while (size - released_ >= kKeepMappedBytes + kReleaseSliceBytes) {
    ::madvise(map_ + released_, size_t(kReleaseSliceBytes), MADV_DONTNEED);
    released_ += kReleaseSliceBytes;
  }
}

void SegmentSpace::WriteBehind(int64_t size) {
  const int64_t to = (size - kWriteBehindMarginBytes) / kPageBytes * kPageBytes;
  if (written_behind_ < 0 || to < written_behind_) written_behind_ = std::max<int64_t>(0, to);
  if (to - written_behind_ < kWriteBehindStepBytes) return;
  millrace::WriteBehind(file_, written_behind_, to);
  written_behind_ = to;
}

void SegmentSpace::Replace(std::shared_ptr<SegmentFile> file, int64_t allocated) {
  Unmap();
  file_ = std::move(file);
  allocated_ = allocated;
  stale_end_ = 0;
  in_memory_end_ = 0;
}

}  // namespace millrace
