// A segment's .log file as the rest of the process sees it: ref-counted, shared by all threads. The poller sends from
// it, the segment engine writes to it. Owned by shared_ptr: the descriptor closes with the last reference.
#pragma once
#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

namespace millrace {

// What outlives the descriptors of one file: several SegmentFile objects may open it in turn.
struct FileHistory {
  std::atomic<uint32_t> open{0};       // SegmentFile objects alive
  std::atomic<bool> tainted{false};    // one of them closed while senders were unproven: never recycle the file
};

struct SegmentFile {
  int fd = -1;
  std::string path;
  // Connections that were sent bytes of this file by sendfile and that may still see its pages (their unread bytes
  // are references to page-cache pages, not copies). > 0 = the file must not be overwritten in place. Raised by the
  // poller at the first sendfile per connection, lowered when it has proof that the reader consumed the bytes; a
  // connection that ends without proof leaves it raised for ever, so the file is unlinked, never recycled.
  std::atomic<uint32_t> unproven_senders{0};
  std::shared_ptr<FileHistory> history;  // may be null (tests)

  SegmentFile() = default;
  // Takes over `fd`.
  SegmentFile(int fd, std::string path, std::shared_ptr<FileHistory> history);
  SegmentFile(const SegmentFile&) = delete;
  SegmentFile& operator=(const SegmentFile&) = delete;
  ~SegmentFile();  // closes fd
};

// A byte range of a segment; keeps the file alive.
struct FileRange {
  std::shared_ptr<SegmentFile> file;
  int64_t position = 0;
  int64_t length = 0;
};

// Process-wide table of ranges handed to JavaScript as tokens. Thread-safe.
// put: returns a token > 0. take: removes and returns (file == nullptr when unknown). peek: copy without removing.
int32_t RangePut(FileRange range);
FileRange RangeTake(int32_t token);
FileRange RangePeek(int32_t token);
size_t RangeCount();
// As RangePut, for a range that RangeReleaseOwner(owner) takes back if it is still there: the owner's environment ended.
int32_t RangePutOwned(FileRange range, uint64_t owner);
void RangeReleaseOwner(uint64_t owner);

}  // namespace millrace
