// Walks batch headers of a `.log` file through a small window (FileLogInputStream). It stops without a word at whatever
// is not the next batch; segment_scan.cc says what that was.
#pragma once
#include <string>

#include "batch_header.h"

namespace millrace {

class BatchCursor {
 public:
  // Batches end at or before `limit`.
  BatchCursor(int fd, const std::string& path, int64_t limit, int64_t segment_base)
      : fd_(fd), path_(path), limit_(limit), segment_base_(segment_base) {}

  // Next() will look at `position`.
  void Start(int64_t position) { next_position_ = position, expected_ = segment_base_; }
  bool Next();
  // Where Next() would look: after it returned false, the place where the walk ended.
  int64_t next_position() const { return next_position_; }

  int64_t position = 0;
  BatchHeader header{};

 private:
  static constexpr int64_t kWindowBytes = 4096;
  const int fd_;
  const std::string& path_;
  const int64_t limit_;
  const int64_t segment_base_;
  int64_t next_position_ = 0;
  int64_t expected_ = 0;
  int64_t window_from_ = 0;
  int64_t window_to_ = 0;
  uint8_t window_[kWindowBytes];
};

}  // namespace millrace
