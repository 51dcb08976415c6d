#include "index_file.h"

#include <fcntl.h>

#include <algorithm>
#include <cstring>

#include "system_error.h"

namespace millrace {
namespace {
constexpr int kRowBytesMax = 12;
// Bisection reads single rows until this many are left, then all of them at once.
constexpr int64_t kWindowRows = 256;
}  // namespace

void IndexView::Read(int64_t row, int64_t count, uint8_t* target) const {
  const int64_t bytes = count * row_bytes;
  const int64_t done = ReadAt(fd->number, fd->path, target, bytes, row * row_bytes);
  // The writer may have cut the file just now: rows that are gone read as zero and fail the check against the batch.
  if (done < bytes) std::memset(target + done, 0, size_t(bytes - done));
}

int64_t IndexView::LowerBound(RowKey key, int64_t target) const {
  int64_t low = 0;
  int64_t high = rows;
  uint8_t window[kWindowRows * kRowBytesMax];
  while (high - low > kWindowRows) {
    const int64_t middle = low + (high - low) / 2;
    Read(middle, 1, window);
    if (key(window) >= target) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  const int64_t first = low;
  if (high > first) Read(first, high - first, window);
  while (low < high) {
    const int64_t middle = low + (high - low) / 2;
    if (key(window + (middle - first) * row_bytes) >= target) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

bool IndexView::Floor(RowKey key, int64_t target, uint8_t* row) const {
  if (fd == nullptr || rows == 0 || target == INT64_MAX) {
    if (fd == nullptr || rows == 0) return false;
    Read(rows - 1, 1, row);
    return true;
  }
  const int64_t above = LowerBound(key, target + 1);
  if (above == 0) return false;
  Read(above - 1, 1, row);
  return true;
}

bool IndexFile::Open(bool writable, bool create) {
  const int flags = (writable ? O_RDWR : O_RDONLY) | (create ? O_CREAT : 0);
  const int fd = OpenIfThere(path_, flags);
  if (fd < 0) return false;
  fd_ = std::make_shared<Fd>(fd, path_);
  waiting_.clear();
  CountRows();
  LoadLast();
  return true;
}

void IndexFile::CreateEmpty() {
  UnlinkIfThere(path_);
  fd_ = std::make_shared<Fd>(OpenFile(path_, O_RDWR | O_CREAT | O_EXCL), path_);
  written_ = 0;
  waiting_.clear();
  last_.clear();
}

void IndexFile::Close() {
  fd_.reset();
  written_ = 0;
  waiting_.clear();
  waiting_.shrink_to_fit();
  last_.clear();
}

void IndexFile::CountRows() {
  written_ = FileSize(fd_->number, path_) / row_bytes_;
  // No index has a zero row behind its first, so zero rows are a tail that can be bisected.
  const auto zero = [&](int64_t at) {
    uint8_t row[kRowBytesMax];
    view().Read(at, 1, row);
    return std::all_of(row, row + row_bytes_, [](uint8_t byte) { return byte == 0; });
  };
  if (written_ < 2 || !zero(written_ - 1)) return;
  int64_t low = 0;
  int64_t high = written_ - 1;
  while (low < high) {
    const int64_t middle = low + (high - low) / 2;
    if (zero(middle)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  written_ = low;
}

void IndexFile::Add(const uint8_t* row) {
  waiting_.insert(waiting_.end(), row, row + row_bytes_);
  last_.assign(row, row + row_bytes_);
}

void IndexFile::WriteOutWhenFull() {
  if (int64_t(waiting_.size()) >= kIndexRowsWaiting * row_bytes_) WriteOut();
}

void IndexFile::WriteOut() {
  if (waiting_.empty()) return;
  WriteAt(fd_->number, path_, waiting_.data(), int64_t(waiting_.size()), written_ * row_bytes_);
  written_ = entries();
  waiting_.clear();
}

void IndexFile::Cut(int64_t rows) {
  Require(rows <= entries(), "an index cannot be cut to more rows than it has");
  if (rows >= written_) waiting_.resize(size_t((rows - written_) * row_bytes_));
  if (rows < written_) {
    waiting_.clear();
    written_ = rows;
  }
  LoadLast();
  Truncate(fd_->number, path_, written_ * row_bytes_);
}

void IndexFile::Trim() {
  WriteOut();
  if (FileSize(fd_->number, path_) != written_ * row_bytes_) Truncate(fd_->number, path_, written_ * row_bytes_);
}

void IndexFile::Sync() {
  WriteOut();
  millrace::Sync(fd_->number, path_);
}

void IndexFile::Reserve(int64_t rows) {
  const size_t needed = waiting_.size() + size_t(rows * row_bytes_);
  if (needed > waiting_.capacity()) waiting_.reserve(std::max(needed, 2 * waiting_.capacity()));
  last_.reserve(size_t(row_bytes_));
}

void IndexFile::LoadLast() {
  last_.clear();
  if (!waiting_.empty()) {
    last_.assign(waiting_.end() - row_bytes_, waiting_.end());
  } else if (written_ > 0) {
    last_.resize(size_t(row_bytes_));
    view().Read(written_ - 1, 1, last_.data());
  }
}

bool IndexFile::FloorInMemory(RowKey key, int64_t target, uint8_t* row) const {
  const int64_t count = int64_t(waiting_.size()) / row_bytes_;
  int64_t low = 0;
  int64_t high = count;
  while (low < high) {
    const int64_t middle = low + (high - low) / 2;
    if (key(waiting_.data() + middle * row_bytes_) > target) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  if (low == 0) return false;
  std::memcpy(row, waiting_.data() + (low - 1) * row_bytes_, size_t(row_bytes_));
  return true;
}

int64_t IndexFile::LowerBound(RowKey key, int64_t target) const {
  const int64_t count = int64_t(waiting_.size()) / row_bytes_;
  if (count > 0 && key(waiting_.data()) < target) {
    int64_t low = 1;
    int64_t high = count;
    while (low < high) {
      const int64_t middle = low + (high - low) / 2;
      if (key(waiting_.data() + middle * row_bytes_) >= target) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return written_ + low;
  }
  return written_ == 0 ? 0 : view().LowerBound(key, target);
}

}  // namespace millrace
