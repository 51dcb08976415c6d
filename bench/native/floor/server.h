// The floor of a broker: one thread that takes requests from sockets, checks and appends batches, answers. No logs, no
// offsets, no configuration: what is left is what the kernel and the bytes cost.
#pragma once
#include <sys/uio.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "../common/wire.h"

namespace bench {

struct FloorShape {
  int port;
  std::string directory;
  int64_t file_bytes;  // the file that is written round and round, allocated beforehand
  bool crc, append;
};

// One file for every partition; it wraps around.
class RingFile {
 public:
  RingFile(const std::string& directory, int64_t size);
  // Where the next `size` bytes will lie.
  int64_t Place(size_t size);
  // Takes note of bytes to write there; they must stay until Write().
  void Add(uint8_t* data, size_t size);
  // One pwritev for all that was added since.
  void Write();
  int fd() const { return fd_; }
  int64_t end() const { return end_; }

 private:
  const int fd_;
  const int64_t size_;
  int64_t position_ = 0, end_ = 0;
  size_t pending_bytes_ = 0;
  std::vector<iovec> pending_;
};

struct Peer {
  explicit Peer(int fd) : fd(fd) {}
  int fd;
  std::vector<uint8_t> input = std::vector<uint8_t>(64 << 10);
  size_t have = 0, parsed = 0;
  Bytes output;  // the answers of this turn
  bool closed = false;
};

class FloorServer {
 public:
  explicit FloorServer(const FloorShape& shape);
  [[noreturn]] void Run();

 private:
  void Accept();
  void Receive(Peer& peer);
  void Parse(Peer& peer);
  void Produce(Peer& peer, uint8_t* frame);
  void Fetch(Peer& peer, const uint8_t* frame);
  void Metadata(Peer& peer, const uint8_t* frame);
  void ApiVersions(Peer& peer, const uint8_t* frame);
  void Flush(Peer& peer, int flags);
  void Finish(Peer& peer);

  const FloorShape shape_;
  RingFile file_;
  int listener_, epoll_;
};

}  // namespace bench
