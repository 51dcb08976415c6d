// Latencies in microseconds as HDR histograms keep them: 256 sub-buckets an octave, so a value is told within 0.4 %, from
// 1 µs to beyond any run's length.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace bench {

class Histogram {
 public:
  void Add(uint64_t micros) {
    counts_[Index(micros)]++;
    total_++;
    if (micros > max_) max_ = micros;
  }
  // The least value that at least `share` (0..1) of all reach or lie below.
  uint64_t At(double share) const {
    if (total_ == 0) return 0;
    const double wanted = share * static_cast<double>(total_);
    uint64_t seen = 0;
    for (size_t i = 0; i < counts_.size(); i++) {
      seen += counts_[i];
      if (counts_[i] > 0 && static_cast<double>(seen) >= wanted) return Value(i) < max_ ? Value(i) : max_;
    }
    return max_;
  }
  uint64_t max() const { return max_; }
  uint64_t total() const { return total_; }
  void Merge(const Histogram& other) {
    for (size_t i = 0; i < counts_.size(); i++) counts_[i] += other.counts_[i];
    total_ += other.total_;
    if (other.max_ > max_) max_ = other.max_;
  }
  void Clear() { *this = Histogram(); }

 private:
  static constexpr size_t kSub = 8;
  static constexpr size_t kOctaves = 40;  // 2^47 µs
  static size_t Index(uint64_t v) {
    if (v < (1u << kSub)) return v;
    const size_t octave = 63 - static_cast<size_t>(__builtin_clzll(v)) - kSub;
    if (octave + 1 >= kOctaves) return (kOctaves << kSub) - 1;
    return ((octave + 1) << kSub) + ((v >> octave) - (1u << kSub));
  }
  // The middle of the bucket.
  static uint64_t Value(size_t index) {
    if (index < (1u << kSub)) return index;
    const size_t octave = (index >> kSub) - 1;
    return (((index & ((1u << kSub) - 1)) + (1u << kSub)) << octave) + ((uint64_t{1} << octave) >> 1);
  }
  std::vector<uint64_t> counts_ = std::vector<uint64_t>(kOctaves << kSub);
  uint64_t total_ = 0;
  uint64_t max_ = 0;
};

}  // namespace bench
