// The readers' side of a log: any thread, beside the writer.
#include <algorithm>

#include "file_io.h"
#include "log.h"

namespace millrace {

Log::Place Log::Floor(int64_t offset) const {
  std::shared_lock list(list_mutex_);
  const auto above = std::upper_bound(segments_.begin(), segments_.end(), offset,
                                      [](int64_t target, const auto& segment) { return target < segment->base_offset; });
  if (above == segments_.begin()) return {nullptr, segments_.empty() ? INT64_MAX : segments_.front()->base_offset};
  return {*(above - 1), above == segments_.end() ? INT64_MAX : (*above)->base_offset};
}

std::shared_ptr<Segment> Log::Get(int64_t base_offset) const {
  Place place = Floor(base_offset);
  Require(place.segment != nullptr && place.segment->base_offset == base_offset, "the log has no segment with this base");
  return std::move(place.segment);
}

std::vector<std::shared_ptr<Segment>> Log::Segments() const {
  std::shared_lock list(list_mutex_);
  return segments_;
}

// Position of the first batch with lastOffset >= offset; false = none in this segment.
bool Log::Position(Segment& segment, int64_t offset, int64_t& position) {
  const Published pair = segment.published();
  if (pair.size == 0 || (pair.end_offset >= 0 && offset >= pair.end_offset)) return false;
  position = 0;
  if (offset <= segment.base_offset) return true;
  if (positions_.Find(segment.base_offset, offset, position) || ends_.Find(segment.base_offset, offset, position)) {
    return position < pair.size;
  }
  Found found;
  if (!segment.Locate(offset, found)) return false;
  position = found.position;
  return true;
}

// Where bytes below `end_offset` end in the segment: the start of the batch that contains it.
int64_t Log::EndPosition(const Place& place, int64_t end_offset) {
  Segment& segment = *place.segment;
  const Published pair = segment.published();
  if (end_offset >= place.next_base || (pair.end_offset >= 0 && end_offset >= pair.end_offset)) return pair.size;
  const uint64_t era = positions_.era();
  int64_t position = 0;
  if (pair.size == 0 || end_offset <= segment.base_offset) return 0;
  if (positions_.Find(segment.base_offset, end_offset, position) || ends_.Find(segment.base_offset, end_offset, position)) {
    return std::min(position, pair.size);
  }
  if (!segment.LocateEnd(end_offset, position)) return position;
  positions_.Put(era, segment.base_offset, end_offset, position);
  return position;
}

int32_t Log::FindSpan(int64_t fetch_offset, int64_t end_offset, Span& span) {
  Place place = Floor(fetch_offset);
  if (place.segment == nullptr) return place.next_base == INT64_MAX ? kReadEmpty : kReadOutOfRange;
  if (fetch_offset >= end_offset) return kReadEmpty;
  // Compaction may have left nothing of a segment behind the offset: its successor answers then.
  while (!Position(*place.segment, fetch_offset, span.position)) {
    if (place.next_base >= end_offset) return kReadEmpty;  // INT64_MAX: no successor
    fetch_offset = place.next_base;
    place = Floor(fetch_offset);
    if (place.segment == nullptr) return kReadEmpty;  // removed meanwhile
  }
  span.length = EndPosition(place, end_offset) - span.position;
  if (span.length <= 0) return kReadEmpty;
  span.segment = std::move(place.segment);
  return kReadFound;
}

int32_t Log::Read(int64_t fetch_offset, int64_t end_offset, int64_t bytes_max, bool at_least_one, FileRange& range,
                  int64_t& segment_base) {
  Span span;
  const uint64_t era = positions_.era();
  const int32_t status = FindSpan(fetch_offset, end_offset, span);
  if (status != kReadFound) return status;
  std::shared_ptr<SegmentFile> file = span.segment->File();
  if (span.length > bytes_max) {
    BatchCursor cursor(file->fd, file->path, span.position + span.length, span.segment->base_offset);
    cursor.Start(span.position);
    if (!cursor.Next()) {
      if (span.segment->published().size < span.position + span.length) return kReadEmpty;  // cut meanwhile
      throw SystemError(EBADMSG, "read", file->path);
    }
    const int64_t first = cursor.header.size();
    if (first > bytes_max && !at_least_one) return kReadEmpty;
    span.length = std::max(first, bytes_max);
    // The reader comes back for what follows the last whole batch; the usual case of one batch is remembered.
    positions_.Put(era, span.segment->base_offset, cursor.header.next_offset(), span.position + first);
  }
  segment_base = span.segment->base_offset;
  range = {std::move(file), span.position, span.length};
  return kReadFound;
}

int64_t Log::ReadableBytes(int64_t fetch_offset, int64_t end_offset) {
  Span span;
  return FindSpan(fetch_offset, end_offset, span) == kReadFound ? span.length : 0;
}

bool Log::FindByTimestamp(int64_t timestamp, int64_t from_offset, Found& found) {
  const Place first = Floor(from_offset);
  for (const std::shared_ptr<Segment>& segment : Segments()) {
    if (first.segment != nullptr && segment->base_offset < first.segment->base_offset) continue;
    if (segment->FindTimestamp(timestamp, from_offset, found)) return true;
  }
  return false;
}

bool Log::MaxTimestampBatch(Found& found) {
  std::shared_ptr<Segment> best;
  int64_t largest = -1;
  int64_t offset = 0;
  for (const std::shared_ptr<Segment>& segment : Segments()) {
    if (segment->published().size == 0) continue;
    const SegmentInfo info = segment->Info();
    if (best != nullptr && info.max_timestamp <= largest) continue;
    best = segment;
    largest = info.max_timestamp;
    offset = info.offset_of_max_timestamp;
  }
  // Without any timestamp the first batch carries the largest one, -1.
  return best != nullptr && best->Locate(largest < 0 ? best->base_offset : offset, found);
}

bool Log::FindBatch(int64_t offset, Found& found) {
  for (Place place = Floor(offset);; place = Floor(place.next_base)) {
    if (place.segment != nullptr && place.segment->Locate(offset, found)) return true;
    if (place.next_base == INT64_MAX) return false;
  }
}

int64_t Log::ReadBytes(int64_t base_offset, int64_t position, void* target, int64_t length) {
  return Get(base_offset)->ReadBytes(position, target, length);
}

int64_t Log::SizeBytes() {
  int64_t bytes = 0;
  for (const std::shared_ptr<Segment>& segment : Segments()) bytes += segment->published().size + segment->IndexBytes();
  return bytes;
}

}  // namespace millrace
