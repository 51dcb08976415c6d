#include "segment.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "file_io.h"
#include "sealed_files.h"
#include "system_error.h"

namespace millrace {
namespace {

double NowMs() {
  timespec now;
  ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
  return double(now.tv_sec) * 1000 + double(now.tv_nsec / 1000000);
}

}  // namespace

std::string SegmentPath(const std::string& directory, int64_t base_offset, const char* suffix) {
  char name[32];
  std::snprintf(name, sizeof name, "/%020lld", static_cast<long long>(base_offset));
  return directory + name + suffix;
}

Segment::Segment(std::string directory, int64_t base_offset, int64_t size_bytes)
    : base_offset(base_offset),
      directory_(std::move(directory)),
      created_here_(false),
      offsets_(SegmentPath(directory_, base_offset, ".index"), kOffsetRowBytes),
      times_(SegmentPath(directory_, base_offset, ".timeindex"), kTimeRowBytes) {
  summary_.offset_of_max = base_offset;
  Publish(-1, size_bytes);
}

Segment::Segment(std::string directory, int64_t base_offset, std::unique_ptr<SegmentSpace> space)
    : base_offset(base_offset),
      directory_(std::move(directory)),
      history_(space->file()->history),
      created_here_(true),
      file_(space->file()),
      offsets_(SegmentPath(directory_, base_offset, ".index"), kOffsetRowBytes),
      times_(SegmentPath(directory_, base_offset, ".timeindex"), kTimeRowBytes),
      space_(std::move(space)) {
  offsets_.CreateEmpty();
  times_.CreateEmpty();
  indexes_open_ = true;
  summary_.offset_of_max = base_offset;
  summary_.loaded = true;
  summary_.appended_ms = NowMs();
  Publish(base_offset, 0);
}

Published Segment::published() const {
  for (;;) {
    const uint32_t before = sequence_.load(std::memory_order_acquire);
    const Published pair{end_offset_.load(std::memory_order_acquire), size_.load(std::memory_order_acquire)};
    if ((before & 1) == 0 && sequence_.load(std::memory_order_relaxed) == before) return pair;
  }
}

void Segment::Publish(int64_t end_offset, int64_t size) {
  const uint32_t before = sequence_.load(std::memory_order_relaxed);
  sequence_.store(before + 1, std::memory_order_relaxed);
  end_offset_.store(end_offset, std::memory_order_release);
  size_.store(size, std::memory_order_release);
  sequence_.store(before + 2, std::memory_order_release);
}

void Segment::OpenIndexes(bool writable) {
  if (indexes_open_) return;
  offsets_.set_path(PathOf(".index"));
  times_.set_path(PathOf(".timeindex"));
  offsets_.Open(writable, writable);
  times_.Open(writable, writable);
  indexes_open_ = true;
}

void Segment::OpenLocked() {
  if (file_ == nullptr) {
    const std::string path = PathOf(".log");
    file_ = std::make_shared<SegmentFile>(OpenFile(path, O_RDONLY), path, history_);
  }
  OpenIndexes(false);
  used_ = true;
}

// Opens what is closed; afterwards tells the cache, without the lock.
void Segment::Touch() {
  bool tell = false;
  {
    std::lock_guard lock(mutex_);
    if (file_ == nullptr || !indexes_open_) OpenLocked();
    used_ = true;
    if (space_ == nullptr && !cached_) tell = cached_ = true;
  }
  if (tell) SealedFilesOpened(shared_from_this());
}

std::shared_ptr<SegmentFile> Segment::File() {
  {
    std::lock_guard lock(mutex_);
    used_ = true;
    if (file_ != nullptr) return file_;
  }
  Touch();
  std::lock_guard lock(mutex_);
  if (file_ == nullptr) OpenLocked();  // closed again in between
  return file_;
}

bool Segment::CloseWhenIdle() {
  std::lock_guard lock(mutex_);
  if (used_ || scan_.rebuilding) {
    used_ = false;
    return false;
  }
  cached_ = false;
  if (space_ != nullptr) return true;  // active again: not the cache's business
  CloseLocked();
  return true;
}

void Segment::CloseLocked() {
  file_.reset();
  offsets_.Close();
  times_.Close();
  indexes_open_ = false;
}

bool Segment::Floor(IndexFile& index, RowKey key, int64_t target, uint8_t* row) {
  IndexView view;
  {
    std::lock_guard lock(mutex_);
    if (index.FloorInMemory(key, target, row)) return true;
    view = index.view();
  }
  return view.Floor(key, target, row);
}

bool Segment::StartNear(BatchCursor& cursor, int64_t offset) {
  uint8_t bytes[kOffsetRowBytes];
  if (offset > base_offset && Floor(offsets_, OffsetRow::Key, offset - base_offset, bytes)) {
    const OffsetRow row = OffsetRow::Parse(bytes);
    cursor.Start(row.position);
    // An index may be damaged or belong to an older file: the batch must agree with its row.
    if (cursor.Next() && cursor.header.last_offset() == base_offset + row.relative_offset) return true;
  }
  cursor.Start(0);
  return cursor.Next();
}

void Segment::CheckEnd(const BatchCursor& cursor, int64_t limit, const std::string& path) const {
  if (cursor.next_position() < limit && published().size >= limit) throw SystemError(EBADMSG, "read", path);
}

bool Segment::Locate(int64_t offset, Found& found) { return Walk(offset, true, found); }

bool Segment::LocateEnd(int64_t offset, int64_t& position) {
  Found found;
  const bool there = Walk(offset, false, found);
  position = found.position;
  return there;
}

bool Segment::Walk(int64_t offset, bool damage_throws, Found& found) {
  const int64_t limit = published().size;
  found.position = 0;
  if (limit == 0) return false;
  Touch();
  const std::shared_ptr<SegmentFile> file = File();
  BatchCursor cursor(file->fd, file->path, limit, base_offset);
  bool there = StartNear(cursor, offset);
  while (there && cursor.header.last_offset() < offset) there = cursor.Next();
  if (!there) {
    if (damage_throws) CheckEnd(cursor, limit, file->path);
    found.position = cursor.next_position();
    return false;
  }
  found = {base_offset, cursor.position, cursor.header};
  return true;
}

bool Segment::FindTimestamp(int64_t timestamp, int64_t from_offset, Found& found) {
  const int64_t limit = published().size;
  if (limit == 0) return false;
  Load();
  int64_t start = from_offset;
  {
    std::lock_guard lock(mutex_);
    if (summary_.max_timestamp < timestamp) return false;
  }
  Touch();
  uint8_t bytes[kTimeRowBytes];
  if (Floor(times_, TimeRow::TimeKey, timestamp, bytes)) {
    start = std::max(start, base_offset + TimeRow::Parse(bytes).relative_offset);
  }
  const std::shared_ptr<SegmentFile> file = File();
  BatchCursor cursor(file->fd, file->path, limit, base_offset);
  bool there = StartNear(cursor, start);
  while (there && (cursor.header.max_timestamp < timestamp || cursor.header.last_offset() < from_offset)) {
    there = cursor.Next();
  }
  if (!there) {
    CheckEnd(cursor, limit, file->path);
    return false;
  }
  found = {base_offset, cursor.position, cursor.header};
  return true;
}

int64_t Segment::ReadBytes(int64_t position, void* target, int64_t length) {
  const int64_t available = std::min(length, published().size - position);
  if (position < 0 || available <= 0) return 0;
  const std::shared_ptr<SegmentFile> file = File();
  return ReadAt(file->fd, file->path, target, available, position);
}

// What the files say about a segment that this process did not write (LogSegment.readLargestTimestamp): the last time
// row, then every batch behind the one it names.
Segment::Summary Segment::LoadFrom(int64_t limit, int64_t& end_offset) {
  Summary summary;
  summary.loaded = true;
  summary.offset_of_max = base_offset;
  end_offset = base_offset;
  if (limit == 0) return summary;
  Touch();
  const std::shared_ptr<SegmentFile> file = File();
  BatchCursor cursor(file->fd, file->path, limit, base_offset);
  cursor.Start(0);
  if (cursor.Next()) summary.first_batch_max_timestamp = cursor.header.max_timestamp;
  {
    std::lock_guard lock(mutex_);
    if (const uint8_t* last = times_.Last()) {
      summary.max_timestamp = TimeRow::Parse(last).timestamp;
      summary.offset_of_max = base_offset + TimeRow::Parse(last).relative_offset;
    }
  }
  bool there = StartNear(cursor, summary.offset_of_max);
  for (; there; there = cursor.Next()) {
    end_offset = cursor.header.next_offset();
    if (cursor.header.max_timestamp > summary.max_timestamp) {
      summary.max_timestamp = cursor.header.max_timestamp;
      summary.offset_of_max = cursor.header.last_offset();
    }
  }
  CheckEnd(cursor, limit, file->path);
  return summary;
}

void Segment::Load() {
  std::lock_guard loading(load_mutex_);
  {
    std::lock_guard lock(mutex_);
    if (summary_.loaded) return;
  }
  const Published pair = published();
  int64_t end_offset;
  const Summary summary = LoadFrom(pair.size, end_offset);
  std::lock_guard lock(mutex_);
  if (published().size != pair.size || summary_.loaded) return;  // cut meanwhile: the next caller loads again
  summary_ = summary;
  if (pair.end_offset < 0) Publish(end_offset, pair.size);
}

SegmentInfo Segment::Info() {
  Load();
  Touch();
  std::lock_guard lock(mutex_);
  SegmentInfo info{published().size,        summary_.max_timestamp,
                   summary_.offset_of_max,  offsets_.entries(),
                   times_.entries(),        summary_.bytes_since_index_entry,
                   summary_.appended_ms,    summary_.first_batch_max_timestamp};
  if (info.modified_ms == 0) {
    struct stat status;
    const bool there = file_ != nullptr ? ::fstat(file_->fd, &status) == 0 : ::stat(PathOf(".log").c_str(), &status) == 0;
    if (!there) ThrowErrno("stat", PathOf(".log"));
    info.modified_ms = ModifiedMs(status);
  }
  return info;
}

int64_t Segment::IndexBytes() {
  std::lock_guard lock(mutex_);
  if (indexes_open_) return offsets_.entries() * kOffsetRowBytes + times_.entries() * kTimeRowBytes;
  int64_t bytes = 0;
  for (const char* suffix : {".index", ".timeindex"}) {
    struct stat status;
    if (::stat(PathOf(suffix).c_str(), &status) == 0) bytes += status.st_size;
  }
  return bytes;
}

}  // namespace millrace
