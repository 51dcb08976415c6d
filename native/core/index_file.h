// One `.index` or `.timeindex` file (AbstractIndex): fixed-size sorted rows. It is never mapped: the last rows wait in
// memory and are written by pwrite; look-ups search those, then the file. A crash loses waiting rows, which recovery
// rebuilds. Not locked: the Segment's mutex guards it; a View may be searched without the lock because rows that are in
// the file change only by truncation, and a look-up that meets one is checked against the batch it points at.
#pragma once
#include <vector>

#include "file_io.h"

namespace millrace {

// Rows that may wait in memory before the next append writes them out.
constexpr int64_t kIndexRowsWaiting = 512;

using RowKey = int64_t (*)(const uint8_t* row);

// Greatest row with key <= target; false = none. `row` gets its bytes.
struct IndexView {
  FdPtr fd;
  int64_t rows = 0;
  int row_bytes = 0;
  bool Floor(RowKey key, int64_t target, uint8_t* row) const;
  // First row with key >= target, or `rows`.
  int64_t LowerBound(RowKey key, int64_t target) const;
  void Read(int64_t row, int64_t count, uint8_t* target) const;
};

class IndexFile {
 public:
  IndexFile(std::string path, int row_bytes) : path_(std::move(path)), row_bytes_(row_bytes) {}

  bool open() const { return fd_ != nullptr; }
  int64_t entries() const { return written_ + int64_t(waiting_.size()) / row_bytes_; }
  const std::string& path() const { return path_; }

  // Opens an existing file for look-ups or (create) for append. False when it is missing and may not be created.
  // Zero rows at the end are not counted: another broker preallocates its index files.
  bool Open(bool writable, bool create);
  // Replaces whatever has that name by an empty file.
  void CreateEmpty();
  void Close();
  void set_path(std::string path) { path_ = std::move(path); }

  void Add(const uint8_t* row);
  // Makes room for `rows` so that Add cannot fail.
  void Reserve(int64_t rows);
  void WriteOutWhenFull();
  void WriteOut();
  // Keeps the first `rows` and cuts the file.
  void Cut(int64_t rows);
  // Writes out and cuts the file to its rows.
  void Trim();
  void Sync();

  // The last row; nullptr when empty. Kept in memory: it is asked for on every append.
  const uint8_t* Last() const { return last_.empty() ? nullptr : last_.data(); }
  // Searches the rows in memory. True: `row` is the answer; false: it lies in the file, search view().
  bool FloorInMemory(RowKey key, int64_t target, uint8_t* row) const;
  int64_t LowerBound(RowKey key, int64_t target) const;
  IndexView view() const { return {fd_, written_, row_bytes_}; }

 private:
  void CountRows();
  void LoadLast();

  std::string path_;
  const int row_bytes_;
  FdPtr fd_;
  int64_t written_ = 0;
  std::vector<uint8_t> waiting_;
  std::vector<uint8_t> last_;
};

}  // namespace millrace
