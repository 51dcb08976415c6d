// The append floor of the minute: recv, CRC-32C and pwrite of 1 MiB pieces over pages in use before and over fresh ones.
// A page that a virtual machine touches for the first time costs its host's work, which changes from minute to minute.
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <thread>
#include <vector>

#include "../common/crc32c.h"
#include "../common/socket.h"
#include "disk.h"

namespace bench {
namespace {

double ThreadCpuSeconds() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

// Two ends of a TCP connection over loopback.
void ConnectedPair(int (&ends)[2]) {
  const int listener = Listen(0);
  sockaddr_in address{};
  socklen_t size = sizeof address;
  if (listener < 0 || getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) Die("cannot listen");
  ends[0] = Connect(ntohs(address.sin_port), Blocking::kYes);
  ends[1] = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  close(listener);
  if (ends[0] < 0 || ends[1] < 0) Die("cannot connect");
}

// CPU-seconds per 1e9 bytes of the receiving and writing side.
double Append(int fd, int64_t bytes, size_t piece) {
  int ends[2];
  ConnectedPair(ends);
  std::thread sender([&] {
    const std::vector<uint8_t> data(piece, 'x');
    for (int64_t left = bytes; left > 0;) {
      const size_t wanted = static_cast<size_t>(std::min<int64_t>(left, static_cast<int64_t>(piece)));
      const ssize_t put = send(ends[0], data.data(), wanted, MSG_NOSIGNAL);
      if (put <= 0) Die("sending failed");
      left -= put;
    }
  });
  std::vector<uint8_t> buffer(piece);
  uint32_t crc = 0;
  const double before = ThreadCpuSeconds();
  for (int64_t at = 0; at < bytes; at += static_cast<int64_t>(piece)) {
    if (recv(ends[1], buffer.data(), piece, MSG_WAITALL) != static_cast<ssize_t>(piece)) Die("receiving failed");
    crc ^= Crc32c(buffer.data(), piece);
    if (pwrite(fd, buffer.data(), piece, at) != static_cast<ssize_t>(piece)) Die("a short write");
  }
  const double spent = ThreadCpuSeconds() - before;
  sender.join();
  close(ends[0]);
  close(ends[1]);
  if (crc == 1) fprintf(stderr, "-");  // the CRC is used, so it is computed
  return spent / (static_cast<double>(bytes) / 1e9);
}

}  // namespace

int AppendFloor(const std::string& directory, const Options& options) {
  const size_t piece = static_cast<size_t>(options.Number("batch", 1 << 20));
  const int64_t bytes = options.Number("bytes", 512 << 20) / static_cast<int64_t>(piece) * static_cast<int64_t>(piece);
  const std::string path = directory + "/append.log";
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0 || posix_fallocate(fd, 0, bytes) != 0) Die("cannot write in " + directory);
  const double fresh = Append(fd, bytes, piece);
  const double used = Append(fd, bytes, piece);
  close(fd);
  unlink(path.c_str());
  printf("{\"bytes\":%lld,\"freshCpuPerGB\":%.4f,\"usedCpuPerGB\":%.4f}\n", static_cast<long long>(bytes), fresh, used);
  return 0;
}

}  // namespace bench
