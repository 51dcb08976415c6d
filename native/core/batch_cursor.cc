#include "batch_cursor.h"

#include <algorithm>

#include "file_io.h"

namespace millrace {

bool BatchCursor::Next() {
  const int64_t at = next_position_;
  if (at < 0 || at + kHeaderBytes > limit_) return false;
  if (at < window_from_ || at + kHeaderBytes > window_to_) {
    window_from_ = at;
    window_to_ = at + ReadAt(fd_, path_, window_, std::min(kWindowBytes, limit_ - at), at);
    if (at + kHeaderBytes > window_to_) return false;
  }
  const BatchHeader found = BatchHeader::Parse(window_ + (at - window_from_));
  if (!found.Plausible(segment_base_, limit_ - at) || found.base_offset < expected_) return false;
  position = at;
  header = found;
  next_position_ = at + found.size();
  expected_ = found.next_offset();
  return true;
}

}  // namespace millrace
