#include "recycle.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "file_io.h"
#include "segment.h"
#include "system_error.h"

namespace millrace {
namespace {

constexpr char kSuffix[] = ".millrace-next";
constexpr int64_t kLookBytes = 64 * 1024 * 1024;

bool EndsWith(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// Share of the file's pages that lie in the page cache.
double ResidentShare(int fd, int64_t size) {
  int64_t resident = 0;
  int64_t pages = 0;
  for (int64_t from = 0; from < size; from += kLookBytes) {
    const int64_t bytes = std::min(kLookBytes, size - from);
    void* map = ::mmap(nullptr, size_t(bytes), PROT_READ, MAP_SHARED, fd, from);
    if (map == MAP_FAILED) return 0;
    std::vector<unsigned char> flags(size_t((bytes + kPageBytes - 1) / kPageBytes));
    const int result = ::mincore(map, size_t(bytes), flags.data());
    ::munmap(map, size_t(bytes));
    if (result < 0) return 0;
    pages += int64_t(flags.size());
    resident += std::count_if(flags.begin(), flags.end(), [](unsigned char flag) { return flag & 1; });
  }
  return pages == 0 ? 0 : double(resident) / double(pages);
}

}  // namespace

SpareFiles::~SpareFiles() {
  for (Spare& spare : recycled_) Discard(spare);
  Discard(prepared_);
}

void SpareFiles::Discard(Spare& spare) {
  if (spare.space != nullptr) ::unlink(spare.space->file()->path.c_str());
  spare.space.reset();
}

void SpareFiles::Sweep() {
  DIR* directory = ::opendir(directory_.c_str());
  if (directory == nullptr) ThrowErrno("opendir", directory_);
  std::vector<std::string> found;
  while (const dirent* entry = ::readdir(directory)) {
    if (EndsWith(entry->d_name, kSuffix)) found.push_back(directory_ + "/" + entry->d_name);
  }
  ::closedir(directory);
  for (const std::string& path : found) UnlinkIfThere(path);
}

size_t SpareFiles::recycled() const {
  std::lock_guard lock(mutex_);
  return recycled_.size();
}

std::string SpareFiles::NextName() { return directory_ + "/" + std::to_string(names_++) + kSuffix; }

void SpareFiles::NoteRemoved(const std::shared_ptr<Segment>& segment, std::string path, int64_t end_offset) {
  std::lock_guard lock(mutex_);
  removed_.push_back({std::move(path), segment, segment->history(), segment->created_here(), end_offset});
  if (removed_.size() > kRemovedSegmentsMax) removed_.erase(removed_.begin());
}

bool SpareFiles::Offer(const std::string& path, int64_t active_base, const LogOptions& options) {
  std::lock_guard lock(mutex_);
  const auto entry = std::find_if(removed_.begin(), removed_.end(), [&](const Removed& r) { return r.path == path; });
  if (entry == removed_.end() || !entry->created_here || entry->end_offset > active_base) return false;
  if (options.engine == AppendEngine::kPwrite || recycled_.size() >= kRecycledFilesMax) return false;
  // Order matters: without a Segment no new SegmentFile can appear, and the last one tells before it is gone.
  if (!entry->segment.expired()) return false;
  if (entry->history->open.load(std::memory_order_acquire) != 0 || entry->history->tainted.load()) return false;
  const int fd = OpenIfThere(path, O_RDWR);
  if (fd < 0) {
    removed_.erase(entry);
    return false;
  }
  auto file = std::make_shared<SegmentFile>(fd, path, std::make_shared<FileHistory>());
  struct stat status;
  if (::fstat(fd, &status) < 0) ThrowErrno("fstat", path);
  if (!S_ISREG(status.st_mode) || status.st_nlink != 1 || status.st_size < kHeaderBytes) return false;
  if (ResidentShare(fd, status.st_size) < kResidentShareMin) return false;
  file->path = NextName();
  Rename(path, file->path);
  recycled_.push_back({std::make_unique<SegmentSpace>(file, status.st_size, status.st_size), entry->end_offset});
  removed_.erase(entry);
  return true;
}

SpareFiles::Spare SpareFiles::TakeRecycled(const LogOptions& options) {
  if (recycled_.empty() || options.engine == AppendEngine::kPwrite) return {};
  Spare spare = std::move(recycled_.back());
  recycled_.pop_back();
  const int64_t most = (options.segment_bytes + kPageBytes - 1) / kPageBytes * kPageBytes;
  if (spare.space->allocated() > most) spare.space->CutTo(most);
  spare.space->ZeroHeader(0);
  return spare;
}

std::unique_ptr<SegmentSpace> SpareFiles::Create(const std::string& path) {
  UnlinkIfThere(path);
  auto file = std::make_shared<SegmentFile>(OpenFile(path, O_RDWR | O_CREAT | O_EXCL), path,
                                            std::make_shared<FileHistory>());
  return std::make_unique<SegmentSpace>(std::move(file), 0, 0);
}

void SpareFiles::Prepare(const LogOptions& options) {
  std::lock_guard lock(mutex_);
  if (prepared_.space != nullptr) return;
  Spare spare = TakeRecycled(options);
  if (spare.space == nullptr) {
    spare.space = Create(NextName());
    try {
      const int64_t ahead = options.preallocate ? options.segment_bytes : std::min(options.segment_bytes, kPrepareBytesMax);
      spare.space->Reserve(ahead, options);
    } catch (...) {
      Discard(spare);
      throw;
    }
  }
  if (options.engine != AppendEngine::kPwrite) spare.space->MapAhead(options);
  prepared_ = std::move(spare);
}

std::unique_ptr<SegmentSpace> SpareFiles::Take(const std::string& path, int64_t base_offset, const LogOptions& options) {
  std::lock_guard lock(mutex_);
  Spare spare = std::move(prepared_);
  if (spare.space == nullptr) spare = TakeRecycled(options);
  if (spare.space != nullptr && spare.end_offset > base_offset) Discard(spare);  // the log was cut back meanwhile
  if (spare.space != nullptr) {
    try {
      Rename(spare.space->file()->path, path);
    } catch (...) {
      Discard(spare);
      throw;
    }
    spare.space->file()->path = path;
    return std::move(spare.space);
  }
  std::unique_ptr<SegmentSpace> space = Create(path);
  try {
    if (options.preallocate) space->Reserve(options.segment_bytes, options);
  } catch (...) {
    ::unlink(path.c_str());
    throw;
  }
  return space;
}

}  // namespace millrace
