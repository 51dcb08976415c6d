// File calls that finish what they start (EINTR, short counts) and throw SystemError with the path.
#pragma once
#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace millrace {

// A descriptor that closes with its last holder.
class Fd {
 public:
  Fd(int number, std::string path) : number(number), path(std::move(path)) {}
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd();
  const int number;
  const std::string path;
};
using FdPtr = std::shared_ptr<Fd>;

int OpenFile(const std::string& path, int flags);  // O_CLOEXEC is added
// -1 when the file does not exist.
int OpenIfThere(const std::string& path, int flags);
// Reads up to the end of the file; returns how many bytes came.
int64_t ReadAt(int fd, const std::string& path, void* target, int64_t length, int64_t position);
void WriteAt(int fd, const std::string& path, const void* source, int64_t length, int64_t position);
void Truncate(int fd, const std::string& path, int64_t length);
int64_t FileSize(int fd, const std::string& path);
double ModifiedMs(const struct stat& status);
void Sync(int fd, const std::string& path);
// Starts writing dirty pages out and does not wait; a failure shows in the Sync that follows.
void StartSync(int fd);
void SyncDirectory(const std::string& directory);
void Rename(const std::string& from, const std::string& to);
// True when there was such a file.
bool UnlinkIfThere(const std::string& path);
bool RenameIfThere(const std::string& from, const std::string& to);

}  // namespace millrace
