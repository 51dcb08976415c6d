// The writer's side of a log. The readers' side is log_read.cc.
#include "log.h"

#include <algorithm>
#include <cstring>

#include "crc32c.h"
#include "file_io.h"

namespace millrace {
namespace {

void CheckOptions(const LogOptions& options) {
  Require(options.index_interval_bytes >= 0, "indexIntervalBytes must not be negative");
  Require(options.index_bytes_max >= 0, "indexBytesMax must not be negative");
  Require(options.segment_bytes > 0 && options.segment_bytes <= kSegmentBytesMax, "segmentBytes must be in [1, 2^31)");
}

}  // namespace

Log::Log(std::string directory, const LogOptions& options)
    : directory_(std::move(directory)), options_(options), spares_(directory_) {
  CheckOptions(options);
  spares_.Sweep();
}

Log::~Log() {
  // Nobody is left to tell: index rows that cannot be written are rebuilt at the next start.
  for (const auto& segment : segments_) {
    try {
      segment->WriteOutIndexes();
    } catch (const SystemError&) {
      continue;
    }
  }
}

void Log::SetOptions(const LogOptions& options) {
  CheckOptions(options);
  std::lock_guard lock(writer_mutex_);
  options_ = options;
}

void Log::AddSegment(int64_t base_offset, int64_t size_bytes) {
  Require(base_offset >= 0 && size_bytes >= 0 && size_bytes <= kSegmentBytesMax, "addSegment: offset or size out of range");
  std::lock_guard lock(writer_mutex_);
  auto segment = std::make_shared<Segment>(directory_, base_offset, size_bytes);
  std::unique_lock list(list_mutex_);
  const auto at = std::lower_bound(segments_.begin(), segments_.end(), base_offset,
                                   [](const auto& s, int64_t base) { return s->base_offset < base; });
  Require(at == segments_.end() || (*at)->base_offset != base_offset, "addSegment: the log has this segment already");
  segments_.insert(at, std::move(segment));
}

void Log::CreateSegment(int64_t base_offset) {
  Require(base_offset >= 0, "createSegment: negative offset");
  std::lock_guard lock(writer_mutex_);
  const Place last = Floor(INT64_MAX - 1);
  if (last.segment != nullptr) {
    const Published pair = last.segment->published();
    const bool replaces = last.segment->base_offset == base_offset && pair.size == 0;
    Require(replaces || base_offset > last.segment->base_offset, "createSegment: not behind the last segment");
    Require(base_offset >= pair.end_offset, "createSegment: below the end of the log");
    if (replaces) {
      std::unique_lock list(list_mutex_);
      segments_.pop_back();
      active_.reset();
    }
  }
  const std::string path = SegmentPath(directory_, base_offset, ".log");
  std::unique_ptr<SegmentSpace> space = spares_.Take(path, base_offset, options_);
  try {
    auto segment = std::make_shared<Segment>(directory_, base_offset, std::move(space));
    std::unique_lock list(list_mutex_);
    segments_.push_back(segment);
    active_ = std::move(segment);
  } catch (...) {
    UnlinkIfThere(path);
    throw;
  }
  directory_dirty_ = true;
}

void Log::PrepareSegment() {
  LogOptions options;
  {
    std::lock_guard lock(writer_mutex_);
    options = options_;
  }
  spares_.Prepare(options);  // beside the appends, not between them
}

void Log::Activate() {
  std::lock_guard lock(writer_mutex_);
  const Place last = Floor(INT64_MAX - 1);
  Require(last.segment != nullptr, "activate: the log has no segment");
  last.segment->Activate(options_);
  active_ = last.segment;
}

void Log::Seal(int64_t base_offset) {
  std::lock_guard lock(writer_mutex_);
  const std::shared_ptr<Segment> segment = Get(base_offset);
  segment->Seal();
  if (active_ == segment) active_.reset();
}

// Header of the row as it will stand in the file; the caller's bytes stay untouched.
void Log::Stamp(const Row& row, const uint8_t* bytes, AppendRow& out) const {
  std::memcpy(out.header, bytes, size_t(kHeaderBytes));
  uint8_t* const header = out.header;
  StoreU64(header, uint64_t(ToInt64(row.base_offset)));
  StoreU32(header + 12, uint32_t(row.leader_epoch));
  bool renew = false;
  if (row.flags & kLogAppendTime) {
    StoreU16(header + 21, uint16_t(LoadU16(header + 21) | kLogAppendTimeBit));
    StoreU64(header + 35, uint64_t(ToInt64(row.append_time)));
    renew = true;
  } else if ((row.flags & kFixMaxTimestamp) && double(LoadI64(header + 35)) != row.max_timestamp_found) {
    StoreU64(header + 35, uint64_t(ToInt64(row.max_timestamp_found)));
    renew = true;
  }
  if (renew) {
    const uint32_t head = Crc32c(header + kCrcFrom, size_t(kHeaderBytes - kCrcFrom));
    StoreU32(header + 17, Crc32c(bytes + kHeaderBytes, size_t(row.length - kHeaderBytes), head));
  }
  const BatchHeader parsed = BatchHeader::Parse(header);
  out.bytes = bytes;
  out.length = row.length;
  out.last_offset = parsed.last_offset();
  out.max_timestamp = parsed.max_timestamp;
}

void Log::Append(Row* rows, int32_t count, const Slabs& slabs) {
  std::lock_guard lock(writer_mutex_);
  Require(active_ != nullptr, "append: no segment is active");
  const Published before = active_->published();
  int64_t expected = before.end_offset;
  int64_t total = 0;
  pending_.clear();
  for (int32_t i = 0; i < count; i++) {
    const Row& row = rows[i];
    if (row.flags & kSkip) continue;
    const uint8_t* bytes = RowBytesAt(row, slabs);
    Require(row.length >= kHeaderBytes && LoadI32(bytes + 8) == row.length - kLogOverheadBytes && bytes[16] == kMagic,
            "append: a row is not one batch of magic 2");
    const int64_t base = ToInt64(row.base_offset);
    Require(double(base) == row.base_offset && base >= expected && LoadI32(bytes + 23) >= 0,
            "append: offsets must follow the end of the log");
    Stamp(row, bytes, pending_.emplace_back());
    expected = pending_.back().last_offset + 1;
    total += row.length;
  }
  if (pending_.empty()) return;
  active_->Append(pending_, total, options_);
  int64_t position = before.size;
  for (int32_t i = 0; i < count; i++) {
    if (rows[i].flags & kSkip) continue;
    rows[i].file_position = double(position);
    position += rows[i].length;
  }
  ends_.Put(ends_.era(), active_->base_offset, expected, position);
}

void Log::Truncate(int64_t base_offset, int64_t position, int64_t end_offset) {
  std::lock_guard lock(writer_mutex_);
  const Place last = Floor(INT64_MAX - 1);
  Require(last.segment != nullptr && last.segment->base_offset == base_offset,
          "truncate: only the last segment can be cut; remove later ones first");
  Require(end_offset >= base_offset, "truncate: the end lies before the segment");
  ends_.Clear();
  positions_.Clear();
  last.segment->Truncate(position, end_offset);
  directory_dirty_ = true;  // the cut may have gone into a new file
  ends_.Clear();  // hints that readers found while it was being cut
  positions_.Clear();
}

void Log::RemoveSegment(int64_t base_offset, const std::string& suffix) {
  Require(!suffix.empty() && suffix.find('/') == std::string::npos, "removeSegment: the suffix must extend the names");
  std::lock_guard lock(writer_mutex_);
  const Place place = Floor(base_offset);
  const std::shared_ptr<Segment> segment = Get(base_offset);
  const int64_t known_end = segment->published().end_offset;
  segment->Remove(suffix);
  directory_dirty_ = true;
  {
    std::unique_lock list(list_mutex_);
    std::erase(segments_, segment);
  }
  if (active_ == segment) active_.reset();
  // A file that is later made anew under the same base offset must not be found through old hints.
  ends_.Clear();
  positions_.Clear();
  spares_.NoteRemoved(segment, SegmentPath(directory_, base_offset, ".log") + suffix,
                      known_end >= 0 ? known_end : place.next_base);
}

bool Log::OfferRecycled(const std::string& path) {
  LogOptions options;
  {
    std::lock_guard lock(writer_mutex_);
    options = options_;
  }
  const Place last = Floor(INT64_MAX - 1);
  return last.segment != nullptr && spares_.Offer(path, last.segment->base_offset, options);
}

void Log::Flush(int64_t from_offset) {
  std::lock_guard flushing(flush_mutex_);
  if (flush_failure_) throw *flush_failure_;
  const std::vector<std::shared_ptr<Segment>> segments = Segments();
  try {
    for (size_t i = 0; i < segments.size(); i++) {
      const bool below = i + 1 < segments.size() && segments[i + 1]->base_offset <= from_offset;
      if (!below) segments[i]->Flush();
    }
    if (directory_dirty_.exchange(false)) SyncDirectory(directory_);
  } catch (const SystemError& error) {
    // Pages of a failed sync are clean now: a second try would report success without having written them.
    flush_failure_.emplace(error);
    throw;
  }
}

void Log::StartFlush() {
  const Place last = Floor(INT64_MAX - 1);
  if (last.segment != nullptr) last.segment->StartFlush();
}

int32_t Log::Scan(int64_t base_offset, int64_t from, int32_t flags, Row* rows, int32_t rows_max, ScanResult& result) {
  LogOptions options;
  {
    std::lock_guard lock(writer_mutex_);
    options = options_;
  }
  return Get(base_offset)->Scan(from, flags, options, rows, rows_max, result);
}

int64_t Log::FindValidAfter(int64_t base_offset, int64_t from, int64_t expected_offset) {
  return Get(base_offset)->FindValidAfter(from, expected_offset);
}

}  // namespace millrace
