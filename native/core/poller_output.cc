#include "poller_output.h"

#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace millrace {
namespace {
constexpr int kVectorsMax = 64;

// Bytes read, short where they are not in memory; a file system that cannot tell reads as ever.
ssize_t ReadWithoutWaiting(int fd, uint8_t* target, size_t length, int64_t position) {
  iovec vector{target, length};
  const ssize_t got = preadv2(fd, &vector, 1, position, RWF_NOWAIT);
  if (got >= 0) return got;
  return errno == EAGAIN ? 0 : pread(fd, target, length, position);
}

bool Blocked(int error) { return error == EAGAIN || error == EWOULDBLOCK; }
}  // namespace

void Output::PushBorrowed(const uint8_t* bytes, uint32_t length) {
  if (length == 0) return;
  queued_ += length;
  if (!empty()) {
    Item& last = items_.back();
    if (last.bytes != nullptr && last.owned == nullptr && last.bytes + last.length == bytes) {
      last.length += length;
      return;
    }
  }
  Item item;
  item.bytes = bytes;
  item.length = length;
  items_.push_back(std::move(item));
}

void Output::PushRange(FileRange range) {
  if (range.length <= 0) return;
  queued_ += range.length;
  Item item;
  item.length = range.length;
  item.range = std::move(range);
  items_.push_back(std::move(item));
}

void Output::Own() {
  for (size_t i = head_; i < items_.size(); i++) {
    Item& item = items_[i];
    if (item.bytes == nullptr || item.owned != nullptr) continue;
    item.owned = std::make_unique_for_overwrite<uint8_t[]>(size_t(item.length));
    memcpy(item.owned.get(), item.bytes, size_t(item.length));
    item.bytes = item.owned.get();
  }
}

void Output::Clear() {
  items_.clear();
  head_ = 0;
  queued_ = 0;
  DropStream();
}

void Output::DropStream() {
  if (stream_ != nullptr) stream_->Cancel();
  stream_.reset();
  cold_end_ = 0;
}

void Output::Resume() {
  if (cold_end_ == 0 || empty()) return;
  // Sent now even if it has been thrown out again meanwhile: no reader waits for ever.
  items_[head_].warm_end = cold_end_;
  cold_end_ = 0;
}

bool Output::EndIdleStream() {
  if (stream_ != nullptr && !stream_used_ && cold_end_ == 0) DropStream();
  stream_used_ = false;
  return stream_ == nullptr;
}

bool Output::IsWarm(Item& item, int64_t length, const ColdReader& reader) {
  const FileRange& range = item.range;
  const int64_t end = range.position + length;
  if (item.warm_end >= end) return true;
  if (!IsResident(range.file->fd, range.position, length)) {
    if (stream_ != nullptr && !stream_->Reads(range.file)) DropStream();
    if (stream_ == nullptr) stream_ = ReadStream::Open(range.file, reader.box, reader.id);
    if (stream_ != nullptr) {
      stream_used_ = true;
      cold_end_ = end;
      stream_->Want(range.position, end);
      return false;
    }
  }
  item.warm_end = end;
  return true;
}

void Output::Consume(int64_t bytes) {
  sent_ += uint64_t(bytes);
  queued_ -= bytes;
  while (bytes > 0) {
    Item& item = items_[head_];
    int64_t part = std::min(bytes, item.length);
    item.length -= part;
    bytes -= part;
    if (item.bytes != nullptr) {
      item.bytes += part;
    } else {
      item.range.position += part;
    }
    if (item.length == 0) {
      item = Item();
      head_++;
    }
  }
  if (empty()) {
    items_.clear();
    head_ = 0;
    if (items_.capacity() > 64) items_.shrink_to_fit();
  }
}

int64_t Output::SendGathered(int fd, uint8_t* scratch, int* error) {
  iovec vectors[kVectorsMax];
  size_t count = 0;
  size_t scratch_used = 0;
  int64_t total = 0;
  bool range_follows = false;
  for (size_t i = head_; i < items_.size() && count < kVectorsMax && total < kSendBytesPerTurn; i++) {
    Item& item = items_[i];
    if (item.bytes != nullptr) {
      vectors[count++] = {const_cast<uint8_t*>(item.bytes), size_t(item.length)};
    } else if (item.length < kInlineRangeBytes && scratch_used + size_t(item.length) <= kScratchBytes) {
      const bool warm = item.warm_end >= item.range.position + item.length;
      const int file = item.range.file->fd;
      uint8_t* const target = scratch + scratch_used;
      const ssize_t got = warm ? pread(file, target, size_t(item.length), item.range.position)
                               : ReadWithoutWaiting(file, target, size_t(item.length), item.range.position);
      if (got < item.length && got >= 0 && !warm) break;  // what stands before it need not wait
      if (got != item.length) {
        *error = got < 0 ? errno : EIO;
        return -1;
      }
      vectors[count++] = {scratch + scratch_used, size_t(got)};
      scratch_used += size_t(got);
    } else {
      range_follows = true;
      break;
    }
    total += item.length;
  }
  if (count == 0) return 0;
  msghdr message{};
  message.msg_iov = vectors;
  message.msg_iovlen = count;
  // MSG_MORE: the header waits in the kernel for the range behind it and leaves in the same segment.
  ssize_t sent = sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT | (range_follows ? MSG_MORE : 0));
  if (sent < 0) *error = errno;
  return sent;
}

int64_t Output::SendRange(int fd, int64_t length, int* error) {
  Item& item = items_[head_];
  if (proof_ == nullptr) proof_ = std::make_unique<Proof>(fd);
  proof_->Raise(item.range.file, sent_ + uint64_t(length));
  off_t position = item.range.position;
  ssize_t sent = sendfile(fd, item.range.file->fd, &position, size_t(length));
  if (sent < 0) *error = errno;
  if (sent == 0) {  // the file is shorter than promised: the frame's length is already on its way, nothing can mend it
    *error = EIO;
    return -1;
  }
  return sent;
}

FlushResult Output::Flush(int fd, uint8_t* scratch, const ColdReader& reader, int* error) {
  int64_t budget = kSendBytesPerTurn;
  while (!empty()) {
    if (budget <= 0) return FlushResult::again;
    int64_t sent = SendGathered(fd, scratch, error);
    if (sent == 0) {
      Item& item = items_[head_];
      const bool gathered = item.length < kInlineRangeBytes;
      const int64_t length = gathered ? item.length : std::min(item.length, budget);
      if (!IsWarm(item, length, reader)) return FlushResult::cold;
      if (gathered) continue;
      sent = SendRange(fd, length, error);
    }
    if (sent < 0) {
      if (*error == EINTR) continue;
      return Blocked(*error) ? FlushResult::blocked : FlushResult::failed;
    }
    Consume(sent);
    budget -= sent;
  }
  return FlushResult::done;
}

}  // namespace millrace
