#include "disk.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <vector>

namespace bench {
namespace {

std::string FileName(const std::string& directory, int64_t number) {
  return directory + "/sync-" + std::to_string(number) + ".log";
}

}  // namespace

// Plain sequential reading of a file that was put out of the page cache first.
int ReadFloor(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) Die("cannot open " + path);
  fsync(fd);  // pages not yet written cannot be dropped
  posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
  posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  std::vector<uint8_t> buffer(1 << 20);
  const double cpu = OwnCpuSeconds();
  const uint64_t start = NowMicros();
  uint64_t bytes = 0;
  for (ssize_t got; (got = read(fd, buffer.data(), buffer.size())) != 0;) {
    if (got < 0) Die("cannot read " + path);
    bytes += static_cast<uint64_t>(got);
  }
  const double seconds = static_cast<double>(NowMicros() - start) / 1e6;
  close(fd);
  printf("{\"bytes\":%llu,\"seconds\":%.6f,\"mbps\":%.3f,\"cpuSeconds\":%.6f}\n", static_cast<unsigned long long>(bytes), seconds,
         static_cast<double>(bytes) / 1e6 / seconds, OwnCpuSeconds() - cpu);
  return 0;
}

// Group commit: `producers` wait in a group; each round appends one record for every one of them, spread over the files,
// and makes each touched file durable before the group's acknowledgements count.
int SyncFloor(const std::string& directory, const Options& options) {
  const int64_t files = options.Number("files", 64), producers = options.Number("producers", 64);
  const size_t size = static_cast<size_t>(options.Number("record", 1024));
  const uint64_t window = static_cast<uint64_t>(options.Real("seconds", 5) * 1e6);
  std::vector<int> opened;
  for (int64_t i = 0; i < files; i++) {
    opened.push_back(open(FileName(directory, i).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644));
    if (opened.back() < 0) Die("cannot write in " + directory);
  }
  const std::vector<uint8_t> record(size, 'x');
  uint64_t acknowledged = 0, syncs = 0;
  const uint64_t start = NowMicros();
  while (NowMicros() - start < window) {
    for (int64_t i = 0; i < producers; i++) {
      const int fd = opened[static_cast<size_t>(i % files)];
      if (write(fd, record.data(), size) != static_cast<ssize_t>(size)) Die("a short write");
    }
    for (int64_t i = 0; i < files && i < producers; i++, syncs++) {
      if (fdatasync(opened[static_cast<size_t>(i)]) != 0) Die("fdatasync failed");
    }
    acknowledged += static_cast<uint64_t>(producers);
  }
  const double seconds = static_cast<double>(NowMicros() - start) / 1e6;
  for (int64_t i = 0; i < files; i++) {
    close(opened[static_cast<size_t>(i)]);
    unlink(FileName(directory, i).c_str());
  }
  printf("{\"acks\":%llu,\"seconds\":%.6f,\"acksPerSecond\":%.1f,\"syncs\":%llu}\n",
         static_cast<unsigned long long>(acknowledged), seconds, static_cast<double>(acknowledged) / seconds,
         static_cast<unsigned long long>(syncs));
  return 0;
}

}  // namespace bench
