// The floor: what a C process without any broker logic pays for the same sockets and bytes.
//   floor port directory [bytes=1073741824]
// Answers Produce v7 (receives, CRC-32C over the batch, pwrite into a fallocated file that wraps around), Fetch v11
// (sendfile of 1 MiB pieces of that file), Metadata v4 (one topic, every partition led here) and ApiVersions v0.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "wire.h"

using namespace loadgen;

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t FastCrc(const uint8_t* p, size_t n) {
  uint64_t crc = 0xffffffffu;
  for (; n >= 8; p += 8, n -= 8) {
    uint64_t word;
    memcpy(&word, p, 8);
    crc = __builtin_ia32_crc32di(crc, word);
  }
  for (; n > 0; p++, n--) crc = __builtin_ia32_crc32qi(static_cast<uint32_t>(crc), *p);
  return ~static_cast<uint32_t>(crc);
}
#else
static uint32_t FastCrc(const uint8_t* p, size_t n) { return Crc32c(p, n); }
#endif

struct Connection {
  int fd;
  std::vector<uint8_t> input = std::vector<uint8_t>(2 << 20);
  size_t have = 0;
};

static int file_fd;
static int64_t file_size, position, end_of_data;
static uint64_t bad;

static void SendAll(int fd, const uint8_t* data, size_t size, int flags) {
  while (size > 0) {
    ssize_t put = send(fd, data, size, MSG_NOSIGNAL | flags);
    if (put < 0 && errno == EAGAIN) {
      usleep(50);
      continue;
    }
    if (put <= 0) return;
    data += put;
    size -= static_cast<size_t>(put);
  }
}

static const uint8_t* SkipHeader(const uint8_t* p) {
  p += 8;
  int16_t length = Read16(p);
  return p + 2 + (length > 0 ? length : 0);
}

static void Produce(Connection& c, const uint8_t* p, int32_t correlation) {
  p = SkipHeader(p) + 2 + 2 + 4 + 4;
  int16_t topic = Read16(p);
  const uint8_t* name = p;
  p += 2 + topic + 4;
  int32_t partition = Read32(p);
  int32_t size = Read32(p + 4);
  const uint8_t* batch = p + 8;
  if (FastCrc(batch + 21, static_cast<size_t>(size) - 21) != static_cast<uint32_t>(Read32(batch + 17))) bad++;
  if (position + size > file_size) position = 0;
  if (pwrite(file_fd, batch, static_cast<size_t>(size), position) != size) bad++;
  position += size;
  if (position > end_of_data) end_of_data = position;
  Bytes out;
  out.i32(0);
  out.i32(correlation);
  out.i32(1);
  out.insert(out.end(), name, name + 2 + topic);
  out.i32(1);
  out.i32(partition);
  out.i16(0);
  out.i64(0);
  out.i64(-1);
  out.i64(0);
  out.i32(0);
  out.patch32(0, static_cast<uint32_t>(out.size() - 4));
  SendAll(c.fd, out.data(), out.size(), 0);
}

// The offset asked for is taken as a batch number: the file holds equal batches.
static void Fetch(Connection& c, const uint8_t* p, int32_t correlation) {
  p = SkipHeader(p) + 4 + 4 + 4 + 4 + 1 + 4 + 4 + 4;
  int16_t topic = Read16(p);
  const uint8_t* name = p;
  p += 2 + topic + 4;
  int32_t partition = Read32(p);
  int64_t offset = Read64(p + 8);
  int32_t max = Read32(p + 24);
  uint8_t header[61];
  int64_t batch = 0, records = 1;
  if (pread(file_fd, header, 61, 0) == 61) {
    batch = Read32(header + 8) + 12;
    records = Read32(header + 57);
  }
  int64_t from = batch > 0 ? offset / records * batch : 0;
  int64_t size = batch > 0 ? max / batch * batch : 0;
  if (size == 0) size = batch;
  if (from + size > end_of_data) size = end_of_data > from ? end_of_data - from : 0;
  Bytes out;
  out.i32(0);
  out.i32(correlation);
  out.i32(0);
  out.i16(0);
  out.i32(0);
  out.i32(1);
  out.insert(out.end(), name, name + 2 + topic);
  out.i32(1);
  out.i32(partition);
  out.i16(0);
  for (int i = 0; i < 3; i++) out.i64(0);
  out.i32(-1);
  out.i32(-1);
  out.i32(static_cast<int32_t>(size));
  out.patch32(0, static_cast<uint32_t>(out.size() - 4 + static_cast<size_t>(size)));
  SendAll(c.fd, out.data(), out.size(), size > 0 ? MSG_MORE : 0);
  off_t at = from;
  while (size > 0) {
    ssize_t put = sendfile(c.fd, file_fd, &at, static_cast<size_t>(size));
    if (put < 0 && errno == EAGAIN) {
      usleep(50);
      continue;
    }
    if (put <= 0) return;
    size -= put;
  }
}

static void Metadata(Connection& c, const uint8_t* p, int32_t correlation, int port) {
  p = SkipHeader(p) + 4;
  int16_t topic = Read16(p);
  Bytes out;
  out.i32(0);
  out.i32(correlation);
  out.i32(0);
  out.i32(1);
  out.i32(1);
  out.text("127.0.0.1");
  out.i32(port);
  out.i16(-1);
  out.text("floor");
  out.i32(1);
  out.i32(1);
  out.i16(0);
  out.insert(out.end(), p, p + 2 + topic);
  out.i8(0);
  out.i32(64);
  for (int i = 0; i < 64; i++) {
    out.i16(0);
    out.i32(i);
    out.i32(1);
    for (int list = 0; list < 2; list++) {
      out.i32(1);
      out.i32(1);
    }
  }
  out.patch32(0, static_cast<uint32_t>(out.size() - 4));
  SendAll(c.fd, out.data(), out.size(), 0);
}

static bool Serve(Connection& c, int port) {
  for (;;) {
    ssize_t got = recv(c.fd, c.input.data() + c.have, c.input.size() - c.have, 0);
    if (got < 0 && errno == EAGAIN) return true;
    if (got <= 0) return false;
    c.have += static_cast<size_t>(got);
    size_t at = 0;
    while (c.have - at >= 4) {
      const uint8_t* frame = c.input.data() + at;
      size_t length = static_cast<size_t>(Read32(frame));
      if (c.have - at < 4 + length) {
        if (4 + length > c.input.size()) c.input.resize(4 + length);
        break;
      }
      int32_t correlation = Read32(frame + 8);
      switch (Read16(frame + 4)) {
        case 0: Produce(c, frame + 4, correlation); break;
        case 1: Fetch(c, frame + 4, correlation); break;
        case 3: Metadata(c, frame + 4, correlation, port); break;
        default: {
          Bytes out;
          out.i32(10);
          out.i32(correlation);
          out.i16(0);
          out.i32(0);
          SendAll(c.fd, out.data(), out.size(), 0);
        }
      }
      at += 4 + length;
    }
    memmove(c.input.data(), c.input.data() + at, c.have - at);
    c.have -= at;
  }
}

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  int port = atoi(argv[1]);
  file_size = argc > 3 ? atoll(argv[3]) : 1 << 30;
  std::string path = std::string(argv[2]) + "/floor.log";
  file_fd = open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0644);
  if (file_fd < 0 || posix_fallocate(file_fd, 0, file_size) != 0) return 1;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  int one = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || listen(listener, 1024) != 0) return 1;
  int epoll = epoll_create1(0);
  epoll_event event{EPOLLIN, {.ptr = nullptr}};
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
  for (;;) {
    epoll_event events[64];
    int ready = epoll_wait(epoll, events, 64, -1);
    for (int i = 0; i < ready; i++) {
      auto* c = static_cast<Connection*>(events[i].data.ptr);
      if (c == nullptr) {
        int fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
        if (fd < 0) continue;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        epoll_event in{EPOLLIN, {.ptr = new Connection{fd}}};
        epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &in);
      } else if (!Serve(*c, port)) {
        close(c->fd);
        delete c;
      }
    }
  }
}
