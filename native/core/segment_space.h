// The writable `.log` of one segment: allocated space, mapping, and the two ways to put a drain of batches into it.
// Owned by whoever holds the log's writer lock; readers never see the mapping.
//
//    0            size (tail)      stale_end          allocated
//    |  batches   |0..61|  old life of a recycled file  |  fresh: zero by fallocate |
//
// Rules that keep Kafka's recovery able to cut at the tail whenever the process is killed:
//  * before a header is written the 61 bytes behind its batch are zero;
//  * a header is written after its body, and its length field last;
//  * pwrite, which a kill may cut anywhere, only over fresh space.
// No byte at or above `allocated` is ever touched, so a full disk is an error of Reserve and never a SIGBUS.
//
// Which way: a store into a page that is not in memory is a fault that reads the page first, and the disk's read-ahead
// with it (8 MiB on some disks: zeros to be made and, in a virtual machine, memory to be fetched from the host). So fresh
// pages come into being by pwrite, which fills them from the caller's bytes; the mapping serves what fits into the page
// that the tail is in, and recycled files, whose pages are in memory.
#pragma once
#include <memory>
#include <vector>

#include "batch_header.h"
#include "log_options.h"
#include "segment_file.h"

namespace millrace {

// One batch of a drain, header stamped aside so that the caller's bytes stay as they are.
struct AppendRow {
  const uint8_t* bytes;
  int64_t length;
  int64_t last_offset;
  int64_t max_timestamp;
  uint8_t header[kHeaderBytes];
};

class SegmentSpace {
 public:
  SegmentSpace(std::shared_ptr<SegmentFile> file, int64_t allocated, int64_t stale_end)
      : file_(std::move(file)), allocated_(allocated), stale_end_(stale_end) {}
  SegmentSpace(const SegmentSpace&) = delete;
  SegmentSpace& operator=(const SegmentSpace&) = delete;
  ~SegmentSpace();

  const std::shared_ptr<SegmentFile>& file() const { return file_; }
  int64_t allocated() const { return allocated_; }
  int64_t stale_end() const { return stale_end_; }

  // Allocates so that bytes below `end` may be written. Throws ENOSPC, EDQUOT, EFBIG with nothing changed.
  void Reserve(int64_t end, const LogOptions& options);
  // Writes the rows one behind the other from `position` on. Reserve came first. On a throw nothing counts as written.
  void Write(const std::vector<AppendRow>& rows, int64_t position, int64_t total, const LogOptions& options);
  // Maps ahead of time (off the hot path). Failure is not an error here.
  void MapAhead(const LogOptions& options) { EnsureMapped(1, options); }
  // Recycled file: makes its beginning the tail.
  void ZeroHeader(int64_t position);
  void CutTo(int64_t position);
  // Gives page-table entries behind the tail back in slices: dropping a whole mapping at once stalls for milliseconds.
  void ReleaseBehind(int64_t size);
  // Starts to write what was appended since the last step, see write_behind.h.
  void WriteBehind(int64_t size);
  void Replace(std::shared_ptr<SegmentFile> file, int64_t allocated);

  int64_t mapped_writes() const { return mapped_writes_; }
  int64_t pwrite_writes() const { return pwrite_writes_; }

 private:
  void Allocate(int64_t end);
  bool EnsureMapped(int64_t end, const LogOptions& options);
  void Unmap();
  void WriteMapped(const std::vector<AppendRow>& rows, int64_t position);
  void WriteCalls(const std::vector<AppendRow>& rows, int64_t position, int64_t total);

  std::shared_ptr<SegmentFile> file_;
  int64_t allocated_;
  int64_t stale_end_;  // bytes below are of an older life of the file
  int64_t in_memory_end_ = 0;  // end of the page that was written last
  int64_t written_behind_ = -1;  // -1: the next append sets it
  uint8_t* map_ = nullptr;
  int64_t mapped_ = 0;
  int64_t released_ = 0;
  int64_t mapped_writes_ = 0;
  int64_t pwrite_writes_ = 0;
};

}  // namespace millrace
