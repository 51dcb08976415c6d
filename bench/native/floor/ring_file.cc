#include <fcntl.h>
#include <unistd.h>

#include "../common/clock.h"
#include "server.h"

namespace bench {
namespace {

constexpr size_t kPiecesMax = 1024;  // IOV_MAX

int OpenAllocated(const std::string& directory, int64_t size) {
  const int fd = open((directory + "/floor.log").c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0 || posix_fallocate(fd, 0, size) != 0) Die("cannot write in " + directory);
  return fd;
}

}  // namespace

RingFile::RingFile(const std::string& directory, int64_t size) : fd_(OpenAllocated(directory, size)), size_(size) {}

int64_t RingFile::Place(size_t size) {
  if (static_cast<int64_t>(size) > size_) Die("a batch larger than the file");
  if (pending_.size() == kPiecesMax || position_ + static_cast<int64_t>(pending_bytes_ + size) > size_) Write();
  if (position_ + static_cast<int64_t>(size) > size_) position_ = 0;
  return position_ + static_cast<int64_t>(pending_bytes_);
}

void RingFile::Add(uint8_t* data, size_t size) {
  pending_.push_back({data, size});
  pending_bytes_ += size;
}

void RingFile::Write() {
  if (pending_.empty()) return;
  const ssize_t put = pwritev(fd_, pending_.data(), static_cast<int>(pending_.size()), position_);
  if (put != static_cast<ssize_t>(pending_bytes_)) Die("a short write");
  position_ += put;
  if (position_ > end_) end_ = position_;
  pending_.clear();
  pending_bytes_ = 0;
}

}  // namespace bench
