#include "scan.h"

#include <algorithm>

#include "crc32c.h"
#include "file_io.h"
#include "log_options.h"
#include "segment.h"
#include "system_error.h"

namespace millrace {
namespace {

// Batches below this are read many at a time, larger ones header by header.
constexpr int64_t kSmallBatchBytes = 16 * 1024;

// Says why no batch starts at `position`; kTableFull = one does. `header` is filled then.
int32_t Classify(ScanReader& reader, int64_t position, int64_t ahead, int64_t base, int64_t expected, bool verify,
                 BatchHeader& header, int32_t& detail) {
  const int64_t room = reader.limit() - position;
  if (room == 0) return kEndOfFile;
  if (room < kHeaderBytes) return reader.AllZero(position, reader.limit()) ? kZeroTail : kTorn;
  const uint8_t* at = reader.At(position, kHeaderBytes, ahead);
  if (at == nullptr) return kTorn;
  if (std::all_of(at, at + kHeaderBytes, [](uint8_t byte) { return byte == 0; })) return kZeroTail;
  header = BatchHeader::Parse(at);
  const auto bad = [&](int32_t status) {
    detail = status;
    return kBadBatch;
  };
  if (header.length < kLengthFieldMin) return bad(kTooSmall);
  if (header.magic != kMagic) return bad(kBadMagic);
  if (header.size() > room) return kTorn;
  if (header.base_offset < expected) return kStaleBatch;
  if (!header.Plausible(base, room)) return bad(kBadOffsetRange);
  if (header.count < 0) return bad(kBadCount);
  if (verify && !reader.CrcMatches(position, header)) return bad(kBadCrc);
  return kTableFull;
}

}  // namespace

ScanReader::ScanReader(int fd, std::string path, int64_t limit)
    : fd_(fd), path_(std::move(path)), limit_(limit), window_(size_t(std::min(kScanWindowBytes, std::max<int64_t>(limit, 1)))) {}

const uint8_t* ScanReader::At(int64_t position, int64_t need, int64_t ahead) {
  if (position < from_ || position + need > to_) {
    const int64_t bytes = std::min({int64_t(window_.size()), std::max(need, ahead), limit_ - position});
    from_ = position;
    to_ = position + ReadAt(fd_, path_, window_.data(), bytes, position);
    if (position + need > to_) return nullptr;
  }
  return window_.data() + (position - from_);
}

bool ScanReader::CrcMatches(int64_t position, const BatchHeader& header) {
  uint32_t crc = 0;
  const int64_t end = position + header.size();
  for (int64_t at = position + kCrcFrom; at < end;) {
    const int64_t bytes = std::min(int64_t(window_.size()), end - at);
    const uint8_t* chunk = At(at, bytes, kScanWindowBytes);
    if (chunk == nullptr) return false;
    crc = Crc32c(chunk, size_t(bytes), crc);
    at += bytes;
  }
  return crc == header.crc;
}

bool ScanReader::AllZero(int64_t position, int64_t end) {
  while (position < end) {
    const int64_t bytes = std::min(int64_t(window_.size()), end - position);
    const uint8_t* chunk = At(position, bytes, bytes);
    if (chunk == nullptr) return false;
    if (!std::all_of(chunk, chunk + bytes, [](uint8_t byte) { return byte == 0; })) return false;
    position += bytes;
  }
  return true;
}

void Segment::StartRebuild() {
  Touch();
  std::lock_guard lock(mutex_);
  if (file_ == nullptr) OpenLocked();
  offsets_.set_path(PathOf(".index"));
  times_.set_path(PathOf(".timeindex"));
  offsets_.CreateEmpty();
  times_.CreateEmpty();
  summary_ = Summary{};
  summary_.offset_of_max = base_offset;
  scan_ = {0, base_offset, true};
}

void Segment::BookScanned(int64_t position, const BatchHeader& header, const LogOptions& options) {
  std::lock_guard lock(mutex_);
  offsets_.WriteOutWhenFull();
  times_.WriteOutWhenFull();
  BookLocked(position, header.size(), header.last_offset(), header.max_timestamp, options);
}

// LogSegment.recover ends with the final time row and exact file lengths.
void Segment::FinishRebuild() {
  std::lock_guard lock(mutex_);
  if (summary_.max_timestamp >= 0) {
    TimeRow::MaybeAdd(times_, summary_.max_timestamp, int32_t(summary_.offset_of_max - base_offset));
  }
  offsets_.Trim();
  times_.Trim();
  scan_.rebuilding = false;
  // The summary is of what was scanned; the size follows when the caller truncates. It is loaded again when asked for.
  summary_ = Summary{};
  summary_.offset_of_max = base_offset;
}

int32_t Segment::Scan(int64_t from, int32_t flags, const LogOptions& options, Row* rows, int32_t rows_max,
                      ScanResult& result) {
  const std::shared_ptr<SegmentFile> file = File();
  const int64_t limit = std::min(published().size, FileSize(file->fd, file->path));
  Require(from >= 0 && from <= limit, "scan: the position is not inside the segment");
  if ((flags & kScanRebuildIndexes) && from == 0) {
    Require(space_ == nullptr, "scan: indexes of an active segment are not rebuilt");
    StartRebuild();
  }
  int64_t expected = base_offset;
  bool rebuilding = false;
  {
    std::lock_guard lock(mutex_);
    if (from != 0 && from == scan_.position) {
      expected = scan_.expected_offset;
      rebuilding = scan_.rebuilding;
    }
    rebuilding |= from == 0 && (flags & kScanRebuildIndexes);
  }
  Require(rebuilding || !(flags & kScanRebuildIndexes), "scan: a rebuild starts at 0 and goes on where it stopped");
  ScanReader reader(file->fd, file->path, limit);
  int64_t position = from;
  int64_t ahead = kScanWindowBytes;
  int32_t count = 0;
  result = ScanResult{};
  for (; count < rows_max; count++) {
    BatchHeader header;
    result.stop = Classify(reader, position, ahead, base_offset, expected, flags & kScanVerify, header, result.detail);
    if (result.stop != kTableFull) break;
    Row& row = rows[count];
    row = Row{};
    row.slab = -1;
    row.detail = -1;
    row.length = int32_t(header.size());
    FillHeaderColumns(row, reader.At(position, kHeaderBytes, ahead));
    row.file_position = double(position);
    if (rebuilding) BookScanned(position, header, options);
    position += header.size();
    expected = header.next_offset();
    ahead = (flags & kScanVerify) || header.size() < kSmallBatchBytes ? kScanWindowBytes : kPageBytes;
  }
  // A table that is exactly full may also be the end; the next call says so.
  result.next_position = position;
  {
    std::lock_guard lock(mutex_);
    scan_.position = position;
    scan_.expected_offset = expected;
  }
  if (rebuilding && result.stop != kTableFull) FinishRebuild();
  return count;
}

int64_t Segment::FindValidAfter(int64_t from, int64_t expected_offset) {
  const std::shared_ptr<SegmentFile> file = File();
  const int64_t limit = std::min(published().size, FileSize(file->fd, file->path));
  ScanReader reader(file->fd, file->path, limit);
  ScanReader checker(file->fd, file->path, limit);  // computing a CRC must not throw away the search window
  int64_t budget = kCandidateBytesMax;
  for (int64_t at = from + 1; at >= 0 && at + kHeaderBytes <= limit; at++) {
    const int64_t bytes = std::min(kScanWindowBytes, limit - at);
    const uint8_t* window = reader.At(at, std::min<int64_t>(kHeaderBytes, bytes), bytes);
    if (window == nullptr) return -1;
    if (window[16] != kMagic) continue;
    const BatchHeader header = BatchHeader::Parse(window);
    if (header.base_offset < expected_offset || header.count < 0 || !header.Plausible(base_offset, limit - at)) continue;
    budget -= header.size();
    if (budget < 0) return at;  // not proved torn: the caller must not cut what may be good
    if (checker.CrcMatches(at, header)) return at;
  }
  return -1;
}

}  // namespace millrace
