// Files a log keeps for its next segments: one prepared ahead, up to two recycled. A recycled file's pages are resident,
// so appending to it costs a copy and no page faults that allocate. It is taken only when nobody can still see its
// bytes: no object names it, no descriptor of ours is open, no connection may hold its pages (see SegmentFile).
// They wait under `<number>.millrace-next`, a name that Kafka ignores; left-overs go when the log is opened.
#pragma once
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "log_options.h"
#include "segment_space.h"

namespace millrace {

class Segment;

constexpr size_t kRecycledFilesMax = 2;
// Removed segments that may still be offered; beyond, the oldest are unlinked like any other.
constexpr size_t kRemovedSegmentsMax = 1024;
// A file that left the page cache would be read back from disk page by page: not worth having.
constexpr double kResidentShareMin = 0.9;
constexpr int64_t kPrepareBytesMax = 64 * 1024 * 1024;

class SpareFiles {
 public:
  explicit SpareFiles(std::string directory) : directory_(std::move(directory)) {}
  ~SpareFiles();

  // Unlinks what an earlier life left behind.
  void Sweep();
  // `end_offset`: all offsets in the file lie below it.
  void NoteRemoved(const std::shared_ptr<Segment>& segment, std::string path, int64_t end_offset);
  bool Offer(const std::string& path, int64_t active_base, const LogOptions& options);
  void Prepare(const LogOptions& options);
  // A file for a new segment, under its final name.
  std::unique_ptr<SegmentSpace> Take(const std::string& path, int64_t base_offset, const LogOptions& options);
  size_t recycled() const;

 private:
  struct Removed {
    std::string path;
    std::weak_ptr<Segment> segment;
    std::shared_ptr<FileHistory> history;
    bool created_here;
    int64_t end_offset;
  };
  // Stale batches in a file must lie below the segment it serves next, or recovery might take them for its own.
  struct Spare {
    std::unique_ptr<SegmentSpace> space;
    int64_t end_offset = 0;
  };
  std::string NextName();
  Spare TakeRecycled(const LogOptions& options);
  static void Discard(Spare& spare);
  std::unique_ptr<SegmentSpace> Create(const std::string& path);

  const std::string directory_;
  mutable std::mutex mutex_;
  int64_t names_ = 0;
  Spare prepared_;
  std::vector<Spare> recycled_;
  std::vector<Removed> removed_;  // oldest first
};

}  // namespace millrace
