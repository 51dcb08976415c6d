// Options of one log and the limits of the segment engine.
#pragma once
#include <cstdint>

namespace millrace {

enum class AppendEngine { kAuto, kMmap, kPwrite };

struct LogOptions {
  int64_t index_interval_bytes = 4096;
  int64_t index_bytes_max = 10 * 1024 * 1024;
  int64_t segment_bytes = 1024 * 1024 * 1024;
  bool preallocate = false;
  AppendEngine engine = AppendEngine::kAuto;
};

constexpr int64_t kPageBytes = 4096;
// A position must fit Kafka's i32.
constexpr int64_t kSegmentBytesMax = INT32_MAX;
// Space is allocated ahead of the tail in growing steps: an idle partition stays small, a busy one rarely asks.
constexpr int64_t kAllocateFirstBytes = 64 * 1024;
constexpr int64_t kAllocateGrowUntilBytes = 16 * 1024 * 1024;
constexpr int64_t kAllocateStepBytes = 64 * 1024 * 1024;

}  // namespace millrace
