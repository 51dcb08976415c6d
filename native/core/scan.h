// Numbers of `scan` (src/io/segment-engine.ts) and the reader that recovery walks a file with.
#pragma once
#include <string>
#include <vector>

#include "batch_header.h"

namespace millrace {

enum ScanFlag : int32_t { kScanVerify = 1, kScanRebuildIndexes = 2 };

enum ScanStop : int32_t {
  kTableFull = 0,
  kEndOfFile = 1,
  kZeroTail = 2,
  kTorn = 3,
  kBadBatch = 4,
  kStaleBatch = 5,
};

constexpr int64_t kScanWindowBytes = 256 * 1024;
// Candidates of findValidBatchAfter whose CRC may be computed, in bytes: bytes that look like headers of huge batches at
// every position must not make the search quadratic. Beyond it the candidate counts as a batch: nothing is cut on a guess.
constexpr int64_t kCandidateBytesMax = int64_t(8) * 1024 * 1024 * 1024;

// Reads a file through a window of memory.
class ScanReader {
 public:
  ScanReader(int fd, std::string path, int64_t limit);
  int64_t limit() const { return limit_; }
  // `need` bytes from `position` (both within limit and window), reading `ahead` at once. nullptr: the file is shorter.
  const uint8_t* At(int64_t position, int64_t need, int64_t ahead);
  bool CrcMatches(int64_t position, const BatchHeader& header);
  // Only zero bytes from `position` to `end`.
  bool AllZero(int64_t position, int64_t end);

 private:
  const int fd_;
  const std::string path_;
  const int64_t limit_;
  int64_t from_ = 0;
  int64_t to_ = 0;
  std::vector<uint8_t> window_;
};

}  // namespace millrace
