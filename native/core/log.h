// One partition's log: its segments in order, the active one, look-ups over all of them. Shared by every thread of the
// process. One writer at a time by contract; a mutex makes a broken contract slow instead of fatal. Readers hold
// shared_ptrs: what they found stays readable whatever the writer does to the list.
#pragma once
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "hint_ring.h"
#include "recycle.h"
#include "segment.h"
#include "system_error.h"

namespace millrace {

enum ReadStatus : int32_t { kReadFound = 0, kReadEmpty = 1, kReadOutOfRange = 2 };

class Log {
 public:
  Log(std::string directory, const LogOptions& options);
  ~Log();
  const std::string& directory() const { return directory_; }

  // --- writer ---
  void SetOptions(const LogOptions& options);
  void AddSegment(int64_t base_offset, int64_t size_bytes);
  void CreateSegment(int64_t base_offset);
  void PrepareSegment();
  void Activate();
  void Seal(int64_t base_offset);
  void Append(Row* rows, int32_t count, const Slabs& slabs);
  void Truncate(int64_t base_offset, int64_t position, int64_t end_offset);
  void RemoveSegment(int64_t base_offset, const std::string& suffix);
  bool OfferRecycled(const std::string& path);
  void Flush(int64_t from_offset);
  // Ahead of the Flush of several logs, so that the disk works on all while the first is waited for.
  void StartFlush();
  int32_t Scan(int64_t base_offset, int64_t from, int32_t flags, Row* rows, int32_t rows_max, ScanResult& result);
  int64_t FindValidAfter(int64_t base_offset, int64_t from, int64_t expected_offset);

  // --- any thread ---
  // Finds the bytes that answer a fetch. kReadFound: `range` and its segment's base.
  int32_t Read(int64_t fetch_offset, int64_t end_offset, int64_t bytes_max, bool at_least_one, FileRange& range,
               int64_t& segment_base);
  int64_t ReadableBytes(int64_t fetch_offset, int64_t end_offset);
  bool FindByTimestamp(int64_t timestamp, int64_t from_offset, Found& found);
  bool MaxTimestampBatch(Found& found);
  bool FindBatch(int64_t offset, Found& found);
  int64_t ReadBytes(int64_t base_offset, int64_t position, void* target, int64_t length);
  SegmentInfo Info(int64_t base_offset) { return Get(base_offset)->Info(); }
  int64_t SizeBytes();

  // Tests look inside.
  std::shared_ptr<Segment> active() const { return active_; }
  size_t recycled() const { return spares_.recycled(); }

 private:
  struct Place {
    std::shared_ptr<Segment> segment;
    int64_t next_base = INT64_MAX;  // base of the segment behind; INT64_MAX = none
  };
  // Bytes of one segment that answer a fetch.
  struct Span {
    std::shared_ptr<Segment> segment;
    int64_t position = 0;
    int64_t length = 0;
  };

  // The segment with the greatest base <= offset; none = below the first (or no segments).
  Place Floor(int64_t offset) const;
  std::shared_ptr<Segment> Get(int64_t base_offset) const;
  std::vector<std::shared_ptr<Segment>> Segments() const;
  bool Position(Segment& segment, int64_t offset, int64_t& position);
  int64_t EndPosition(const Place& place, int64_t end_offset);
  int32_t FindSpan(int64_t fetch_offset, int64_t end_offset, Span& span);
  void Stamp(const Row& row, const uint8_t* bytes, AppendRow& out) const;

  const std::string directory_;
  mutable std::shared_mutex list_mutex_;
  std::vector<std::shared_ptr<Segment>> segments_;  // by base offset

  std::mutex writer_mutex_;  // everything below
  LogOptions options_;
  std::shared_ptr<Segment> active_;
  std::vector<AppendRow> pending_;
  std::atomic<bool> directory_dirty_{false};  // a file was made since the directory was last synced

  std::mutex flush_mutex_;
  std::optional<SystemError> flush_failure_;

  SpareFiles spares_;
  HintRing ends_;       // written by append: offset after a drain -> position there
  HintRing positions_;  // written by reads: where a sequential reader goes on
};

}  // namespace millrace
