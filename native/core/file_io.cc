#include "file_io.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

#include "system_error.h"

namespace millrace {
namespace {
constexpr mode_t kFileMode = 0644;

template <typename Call>
auto Retry(Call call) {
  decltype(call()) result;
  do {
    result = call();
  } while (result == -1 && errno == EINTR);
  return result;
}
}  // namespace

Fd::~Fd() {
  if (number >= 0) ::close(number);
}

int OpenIfThere(const std::string& path, int flags) {
  const int fd = Retry([&] { return ::open(path.c_str(), flags | O_CLOEXEC, kFileMode); });
  if (fd < 0 && errno != ENOENT) ThrowErrno("open", path);
  return fd;
}

int OpenFile(const std::string& path, int flags) {
  const int fd = OpenIfThere(path, flags);
  if (fd < 0) ThrowErrno("open", path);
  return fd;
}

int64_t ReadAt(int fd, const std::string& path, void* target, int64_t length, int64_t position) {
  int64_t done = 0;
  while (done < length) {
    const ssize_t count = Retry([&] {
      return ::pread(fd, static_cast<char*>(target) + done, size_t(length - done), position + done);
    });
    if (count < 0) ThrowErrno("pread", path);
    if (count == 0) break;
    done += count;
  }
  return done;
}

void WriteAt(int fd, const std::string& path, const void* source, int64_t length, int64_t position) {
  for (int64_t done = 0; done < length;) {
    const ssize_t count = Retry([&] {
      return ::pwrite(fd, static_cast<const char*>(source) + done, size_t(length - done), position + done);
    });
    if (count < 0) ThrowErrno("pwrite", path);
    done += count;
  }
}

void Truncate(int fd, const std::string& path, int64_t length) {
  if (Retry([&] { return ::ftruncate(fd, length); }) < 0) ThrowErrno("ftruncate", path);
}

int64_t FileSize(int fd, const std::string& path) {
  struct stat status;
  if (::fstat(fd, &status) < 0) ThrowErrno("fstat", path);
  return status.st_size;
}

double ModifiedMs(const struct stat& status) {
  return double(status.st_mtim.tv_sec) * 1000 + double(status.st_mtim.tv_nsec / 1000000);
}

void Sync(int fd, const std::string& path) {
  if (Retry([&] { return ::fdatasync(fd); }) < 0) ThrowErrno("fdatasync", path);
}

void StartSync(int fd) { ::sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE); }

void SyncDirectory(const std::string& directory) {
  Fd fd(OpenFile(directory, O_RDONLY | O_DIRECTORY), directory);
  if (Retry([&] { return ::fsync(fd.number); }) < 0) ThrowErrno("fsync", directory);
}

void Rename(const std::string& from, const std::string& to) {
  if (!RenameIfThere(from, to)) ThrowErrno("rename", from);
}

bool UnlinkIfThere(const std::string& path) {
  if (::unlink(path.c_str()) == 0) return true;
  if (errno != ENOENT) ThrowErrno("unlink", path);
  return false;
}

bool RenameIfThere(const std::string& from, const std::string& to) {
  if (std::rename(from.c_str(), to.c_str()) == 0) return true;
  if (errno != ENOENT) ThrowErrno("rename", from);
  return false;
}

}  // namespace millrace
