// Latencies in microseconds with 1 % resolution: 128 sub-buckets an octave, as HDR histograms do.
#pragma once
#include <cstdint>
#include <vector>

namespace loadgen {

class Histogram {
 public:
  void Add(uint64_t micros) {
    counts_[Index(micros)]++;
    total_++;
    if (micros > max_) max_ = micros;
  }
  // Value below which `share` (0..1) of all lie.
  uint64_t At(double share) const {
    uint64_t wanted = static_cast<uint64_t>(share * static_cast<double>(total_));
    uint64_t seen = 0;
    for (size_t i = 0; i < counts_.size(); i++) {
      seen += counts_[i];
      if (seen > wanted) return Value(i);
    }
    return max_;
  }
  uint64_t max() const { return max_; }
  uint64_t total() const { return total_; }

 private:
  static constexpr int kSub = 7;
  static size_t Index(uint64_t v) {
    if (v < (1u << kSub)) return v;
    int octave = 63 - __builtin_clzll(v) - kSub;
    return (static_cast<size_t>(octave + 1) << kSub) + ((v >> octave) - (1u << kSub));
  }
  static uint64_t Value(size_t index) {
    if (index < (1u << kSub)) return index;
    size_t octave = (index >> kSub) - 1;
    return ((index & ((1u << kSub) - 1)) + (1u << kSub)) << octave;
  }
  std::vector<uint64_t> counts_ = std::vector<uint64_t>(58u << kSub);
  uint64_t total_ = 0;
  uint64_t max_ = 0;
};

}  // namespace loadgen
