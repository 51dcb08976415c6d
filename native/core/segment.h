// One segment: `.log`, `.index`, `.timeindex` (LogSegment). One writer at a time (the log's writer lock); readers on any
// thread meanwhile. What readers may rely on is `published`: it is raised after bytes and index rows are in place.
// A sealed segment opens its files when somebody needs them and gives them back to the process-wide cache (sealed_files).
#pragma once
#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include "batch_cursor.h"
#include "offset_index.h"
#include "segment_file.h"
#include "segment_space.h"
#include "time_index.h"

namespace millrace {

// Offset after the last batch and bytes of batches. end_offset -1 = not known yet (a sealed segment nobody looked into).
struct Published {
  int64_t end_offset = -1;
  int64_t size = 0;
};

// A batch that a look-up found.
struct Found {
  int64_t segment_base = 0;
  int64_t position = 0;
  BatchHeader header{};
};

struct SegmentInfo {
  int64_t size_bytes;
  int64_t max_timestamp;
  int64_t offset_of_max_timestamp;
  int64_t offset_index_entries;
  int64_t time_index_entries;
  int64_t bytes_since_index_entry;
  double modified_ms;
  int64_t first_batch_max_timestamp;
};

struct ScanResult {
  int64_t next_position = 0;
  int32_t stop = 0;
  int32_t detail = 0;
  int64_t next_valid_position = -1;
};

std::string SegmentPath(const std::string& directory, int64_t base_offset, const char* suffix);

class Segment : public std::enable_shared_from_this<Segment> {
 public:
  // A segment whose files exist; nothing is opened. size_bytes = bytes of batches.
  Segment(std::string directory, int64_t base_offset, int64_t size_bytes);
  // A new segment on the file that `space` brings; creates its indexes.
  Segment(std::string directory, int64_t base_offset, std::unique_ptr<SegmentSpace> space);

  const int64_t base_offset;

  // --- any thread ---
  Published published() const;
  // The `.log`, opened when it is not.
  std::shared_ptr<SegmentFile> File();
  // First batch with lastOffset >= offset; false = none.
  bool Locate(int64_t offset, Found& found);
  // As Locate, for the end of a read: damage is where readable bytes end. `position` is set in any case.
  bool LocateEnd(int64_t offset, int64_t& position);
  // First batch with maxTimestamp >= timestamp and lastOffset >= from_offset.
  bool FindTimestamp(int64_t timestamp, int64_t from_offset, Found& found);
  SegmentInfo Info();
  int64_t ReadBytes(int64_t position, void* target, int64_t length);
  int64_t IndexBytes();
  // Closes the files unless somebody used them since the last call or they are open for writing. True = closed.
  bool CloseWhenIdle();
  const std::shared_ptr<FileHistory>& history() const { return history_; }
  // The `.log` was made by this process, so no socket of an earlier process can still send its pages.
  bool created_here() const { return created_here_; }

  // --- writer ---
  bool writable() const { return space_ != nullptr; }
  void Activate(const LogOptions& options);
  void Append(const std::vector<AppendRow>& rows, int64_t total, const LogOptions& options);
  void Seal();
  void Truncate(int64_t position, int64_t end_offset);
  // Renames the files; the segment's readers keep what they have open and find the rest under the new names.
  void Remove(const std::string& suffix);
  void WriteOutIndexes();
  void Flush();
  // Sends dirty pages on their way to the disk; Flush then waits less. Says nothing about what became of them.
  void StartFlush();
  const SegmentSpace* space() const { return space_.get(); }

  // --- segment_scan.cc ---
  int32_t Scan(int64_t from, int32_t flags, const LogOptions& options, Row* rows, int32_t rows_max, ScanResult& result);
  int64_t FindValidAfter(int64_t from, int64_t expected_offset);

 private:
  // Largest timestamp and the last offset of its first carrier, counters of the index rules. Guarded by mutex_.
  struct Summary {
    bool loaded = false;
    int64_t max_timestamp = -1;
    int64_t offset_of_max = 0;
    int64_t first_batch_max_timestamp = -1;
    int64_t bytes_since_index_entry = 0;
    double appended_ms = 0;
  };
  struct ScanState {
    int64_t position = 0;
    int64_t expected_offset = 0;
    bool rebuilding = false;
  };

  void Publish(int64_t end_offset, int64_t size);
  void OpenIndexes(bool writable);
  void OpenLocked();
  void CloseLocked();
  void Touch();
  std::string PathOf(const char* suffix) const { return SegmentPath(directory_, base_offset, suffix) + path_suffix_; }
  // Puts the cursor on the indexed batch nearest below `offset`, or on the first one. False = empty segment.
  bool StartNear(BatchCursor& cursor, int64_t offset);
  bool Floor(IndexFile& index, RowKey key, int64_t target, uint8_t* row);
  void Load();
  Summary LoadFrom(int64_t limit, int64_t& end_offset);
  void BookLocked(int64_t position, int64_t length, int64_t last_offset, int64_t max_timestamp,
                  const LogOptions& options);
  void CutIndexesLocked(int64_t size, int64_t end_offset);
  // found.position is where the walk ended when it returns false.
  bool Walk(int64_t offset, bool damage_throws, Found& found);
  // A walk that ends before `limit` met bytes that are no batch, unless the segment was cut meanwhile.
  void CheckEnd(const BatchCursor& cursor, int64_t limit, const std::string& path) const;
  void CopyToNewFile(int64_t position);
  // rebuild
  void StartRebuild();
  void BookScanned(int64_t position, const BatchHeader& header, const LogOptions& options);
  void FinishRebuild();

  const std::string directory_;
  const std::shared_ptr<FileHistory> history_ = std::make_shared<FileHistory>();
  const bool created_here_;

  std::atomic<uint32_t> sequence_{0};  // odd while a value of the pair below changes
  std::atomic<int64_t> end_offset_{-1};
  std::atomic<int64_t> size_{0};

  std::mutex load_mutex_;  // one thread summarizes; taken before mutex_
  std::mutex mutex_;       // everything below
  std::string path_suffix_;
  std::shared_ptr<SegmentFile> file_;
  IndexFile offsets_;
  IndexFile times_;
  bool indexes_open_ = false;
  bool used_ = false;
  bool cached_ = false;  // sealed_files knows it
  bool synced_ = false;
  Summary summary_;
  ScanState scan_;

  std::unique_ptr<SegmentSpace> space_;  // writer only
};

}  // namespace millrace
