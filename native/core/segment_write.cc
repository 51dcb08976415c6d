// What the writer does to a segment: append, activate, seal, truncate, remove, flush.
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>

#include "file_io.h"
#include "segment.h"
#include "system_error.h"

namespace millrace {

// LogSegment.append, per batch: a row when more than the interval has passed since the last one.
void Segment::BookLocked(int64_t position, int64_t length, int64_t last_offset, int64_t max_timestamp,
                         const LogOptions& options) {
  if (position == 0) summary_.first_batch_max_timestamp = max_timestamp;
  if (max_timestamp > summary_.max_timestamp) {
    summary_.max_timestamp = max_timestamp;
    summary_.offset_of_max = last_offset;
  }
  // A full index is reported by segmentInfo and the caller rolls; until it does, look-ups walk a little further. The
  // time index keeps one row for the seal (TimeIndex.isFull).
  if (summary_.bytes_since_index_entry > options.index_interval_bytes &&
      offsets_.entries() < options.index_bytes_max / kOffsetRowBytes) {
    OffsetRow::Add(offsets_, int32_t(last_offset - base_offset), int32_t(position));
    if (times_.entries() < options.index_bytes_max / kTimeRowBytes - 1) {
      TimeRow::MaybeAdd(times_, summary_.max_timestamp, int32_t(summary_.offset_of_max - base_offset));
    }
    summary_.bytes_since_index_entry = 0;
  }
  summary_.bytes_since_index_entry += length;
}

void Segment::Append(const std::vector<AppendRow>& rows, int64_t total, const LogOptions& options) {
  Require(space_ != nullptr, "append to a segment that is not active");
  const Published before = published();
  Require(before.size + total <= kSegmentBytesMax, "append past 2^31 - 1 bytes: the segment had to be rolled");
  Require(rows.back().last_offset - base_offset <= kRelativeOffsetMax,
          "append of an offset that is not relative to the segment: it had to be rolled");
  {
    // Everything that can fail on behalf of the indexes happens here, before a byte is visible.
    std::lock_guard lock(mutex_);
    offsets_.WriteOutWhenFull();
    times_.WriteOutWhenFull();
    const int64_t most = std::min(int64_t(rows.size()), total / (options.index_interval_bytes + 1) + 1);
    offsets_.Reserve(most);
    times_.Reserve(most);
  }
  space_->Reserve(before.size + total, options);
  space_->Write(rows, before.size, total, options);
  timespec now;
  ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
  {
    std::lock_guard lock(mutex_);
    int64_t position = before.size;
    for (const AppendRow& row : rows) {
      BookLocked(position, row.length, row.last_offset, row.max_timestamp, options);
      position += row.length;
    }
    summary_.appended_ms = double(now.tv_sec) * 1000 + double(now.tv_nsec / 1000000);
    synced_ = false;
  }
  Publish(rows.back().last_offset + 1, before.size + total);
  space_->ReleaseBehind(before.size + total);
  space_->WriteBehind(before.size + total);
}

void Segment::Activate(const LogOptions& options) {
  if (space_ != nullptr) return;
  const int64_t size = published().size;
  const std::string path = PathOf(".log");
  auto file = std::make_shared<SegmentFile>(OpenFile(path, O_RDWR), path, history_);
  const int64_t length = FileSize(file->fd, path);
  Require(length >= size, "activate: the .log is shorter than its registered size");
  if (length > size) millrace::Truncate(file->fd, path, size);
  {
    std::lock_guard lock(mutex_);
    file_ = file;
    offsets_.Close();
    times_.Close();
    indexes_open_ = false;
    OpenIndexes(true);
    CutIndexesLocked(size, INT64_MAX);
    summary_.loaded = false;
  }
  Load();
  const Published pair = published();
  {
    std::lock_guard lock(mutex_);
    CutIndexesLocked(size, pair.end_offset);
    summary_.bytes_since_index_entry = 0;  // Kafka's counter starts at 0 whenever a segment is opened
  }
  auto space = std::make_unique<SegmentSpace>(file, size, 0);
  if (options.preallocate && size < options.segment_bytes) space->Reserve(size + 1, options);
  std::lock_guard lock(mutex_);
  space_ = std::move(space);
}

// Drops rows that speak of bytes at or behind `size` or of offsets at or behind `end_offset`.
void Segment::CutIndexesLocked(int64_t size, int64_t end_offset) {
  const int64_t relative = end_offset == INT64_MAX ? INT64_MAX : end_offset - base_offset;
  const RowKey position_key = [](const uint8_t* row) { return int64_t(LoadI32(row + 4)); };
  int64_t keep = std::min(offsets_.LowerBound(position_key, size), offsets_.LowerBound(OffsetRow::Key, relative));
  if (keep < offsets_.entries()) offsets_.Cut(keep);
  keep = times_.LowerBound(TimeRow::OffsetKey, relative);
  if (keep < times_.entries()) times_.Cut(keep);
}

void Segment::Seal() {
  if (space_ == nullptr) return;
  const int64_t size = published().size;
  {
    std::lock_guard lock(mutex_);
    if (summary_.max_timestamp >= 0) {
      TimeRow::MaybeAdd(times_, summary_.max_timestamp, int32_t(summary_.offset_of_max - base_offset));
    }
    offsets_.Trim();
    times_.Trim();
  }
  if (space_->allocated() != size) space_->CutTo(size);
  std::unique_ptr<SegmentSpace> space;
  {
    std::lock_guard lock(mutex_);
    space = std::move(space_);
    synced_ = false;
    CloseLocked();  // who still reads opens it again, through the cache that limits open files
  }
  space.reset();  // unmaps outside the lock
}

// Somebody still reads the file (or a socket may still show its pages): the bytes in place must not change, so the
// segment goes on in a copy of what is kept.
void Segment::CopyToNewFile(int64_t position) {
  const std::string path = PathOf(".log");
  const std::string copy = path + ".millrace-next";
  auto file = std::make_shared<SegmentFile>(OpenFile(copy, O_RDWR | O_CREAT | O_TRUNC), path, history_);
  try {
    std::vector<uint8_t> buffer(size_t(std::min<int64_t>(position, 1024 * 1024)));
    for (int64_t at = 0; at < position;) {
      const int64_t count = ReadAt(file_->fd, path, buffer.data(), std::min(int64_t(buffer.size()), position - at), at);
      if (count == 0) throw SystemError(EIO, "read", path);
      WriteAt(file->fd, copy, buffer.data(), count, at);
      at += count;
    }
    Sync(file->fd, copy);
    Rename(copy, path);
  } catch (...) {
    ::unlink(copy.c_str());
    throw;
  }
  history_->tainted.store(true);  // two files share this history now: never recycle
  if (space_ != nullptr) space_->Replace(file, position);
  file_ = file;
}

void Segment::Truncate(int64_t position, int64_t end_offset) {
  const Published before = published();
  Require(position >= 0 && position <= before.size, "truncate: the position is not inside the segment");
  Touch();
  std::lock_guard loading(load_mutex_);
  {
    std::lock_guard lock(mutex_);
    if (file_ == nullptr) OpenLocked();
    // One reference here and one in the space are ours.
    const long ours = space_ != nullptr ? 2 : 1;
    const bool seen = file_.use_count() > ours || file_->unproven_senders.load() > 0 ||
                      history_->open.load(std::memory_order_acquire) > 1 || history_->tainted.load();
    Publish(end_offset, position);  // first: a reader that meets the cut sees that it was cut
    if (seen && position < before.size) {
      CopyToNewFile(position);
    } else if (space_ != nullptr) {
      space_->CutTo(position);
    } else {
      Fd fd(OpenFile(PathOf(".log"), O_RDWR), PathOf(".log"));
      millrace::Truncate(fd.number, fd.path, position);
    }
    if (space_ == nullptr) {
      offsets_.Close();
      times_.Close();
      indexes_open_ = false;
      OpenIndexes(true);
    }
    CutIndexesLocked(position, end_offset);
    summary_.loaded = false;
    summary_.appended_ms = 0;
    synced_ = false;
    scan_ = ScanState{};
  }
  int64_t ignored;
  const Summary summary = LoadFrom(position, ignored);
  std::lock_guard lock(mutex_);
  summary_ = summary;
}

void Segment::Remove(const std::string& suffix) {
  std::unique_ptr<SegmentSpace> space;
  std::lock_guard lock(mutex_);
  if (space_ != nullptr) {
    offsets_.WriteOut();
    times_.WriteOut();
    space = std::move(space_);
  }
  // `.log` first: an index without a log is thrown away at the next start, a log without its index is scanned.
  for (const char* kind : {".log", ".index", ".timeindex"}) {
    const std::string path = PathOf(kind);
    RenameIfThere(path, path + suffix);
  }
  path_suffix_ += suffix;
  CloseLocked();
}

void Segment::WriteOutIndexes() {
  std::lock_guard lock(mutex_);
  if (space_ == nullptr) return;
  offsets_.WriteOut();
  times_.WriteOut();
}

void Segment::Flush() {
  std::shared_ptr<SegmentFile> file;
  FdPtr offsets;
  FdPtr times;
  {
    std::lock_guard lock(mutex_);
    if (synced_) return;
  }
  Touch();
  {
    std::lock_guard lock(mutex_);
    if (file_ == nullptr || !indexes_open_) OpenLocked();
    file = file_;
    // Index rows of the segment being written are made again by the scan after a power cut: only a sealed one's are synced.
    if (space_ == nullptr) {
      offsets = offsets_.view().fd;
      times = times_.view().fd;
    }
    // What is appended while we sync clears it again. A failed sync is never retried, so it may as well say "synced".
    synced_ = true;
  }
  Sync(file->fd, file->path);
  if (offsets) Sync(offsets->number, offsets->path);
  if (times) Sync(times->number, times->path);
}

void Segment::StartFlush() {
  std::lock_guard lock(mutex_);
  if (!synced_ && file_ != nullptr) StartSync(file_->fd);
}

}  // namespace millrace
