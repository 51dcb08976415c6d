// Positions of a few recent offsets, so that a sequential reader at the tail needs no index: "the first batch at or
// behind `offset` starts at `position` of the segment". Small mutex, held for some loads.
#pragma once
#include <array>
#include <cstdint>
#include <mutex>

namespace millrace {

class HintRing {
 public:
  // Truncation changes the era; a hint that was looked up before it is not accepted after it.
  uint64_t era() const {
    std::lock_guard lock(mutex_);
    return era_;
  }

  bool Find(int64_t segment_base, int64_t offset, int64_t& position) const {
    std::lock_guard lock(mutex_);
    for (const Hint& hint : hints_) {
      if (hint.offset == offset && hint.segment_base == segment_base) {
        position = hint.position;
        return true;
      }
    }
    return false;
  }

  void Put(uint64_t era, int64_t segment_base, int64_t offset, int64_t position) {
    std::lock_guard lock(mutex_);
    if (era != era_) return;
    for (const Hint& hint : hints_) {
      if (hint.offset == offset && hint.segment_base == segment_base) return;
    }
    hints_[next_] = {offset, segment_base, position};
    next_ = (next_ + 1) % kHints;
  }

  void Clear() {
    std::lock_guard lock(mutex_);
    era_++;
    hints_.fill(Hint{});
  }

 private:
  static constexpr size_t kHints = 16;
  struct Hint {
    int64_t offset = -1;
    int64_t segment_base = -1;
    int64_t position = 0;
  };
  mutable std::mutex mutex_;
  std::array<Hint, kHints> hints_{};
  size_t next_ = 0;
  uint64_t era_ = 0;
};

}  // namespace millrace
