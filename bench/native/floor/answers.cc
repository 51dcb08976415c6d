// The floor's answers: Produce v7, Fetch v11 of equal batches, Metadata v4 (every partition is led here), ApiVersions.
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "../common/clock.h"
#include "../common/crc32c.h"
#include "server.h"

namespace bench {
namespace {

constexpr int kPartitions = 64;

// What follows the request header: key, version, correlation id, client id.
uint8_t* Body(uint8_t* frame) {
  const int16_t client = Read16(frame + 12);
  return frame + 14 + (client > 0 ? client : 0);
}

const uint8_t* Body(const uint8_t* frame) { return Body(const_cast<uint8_t*>(frame)); }

size_t BeginAnswer(Bytes& out, const uint8_t* frame) {
  const size_t at = out.size();
  out.i32(0);
  out.i32(Read32(frame + 8));
  return at;
}

void EndAnswer(Bytes& out, size_t at, size_t following = 0) {
  out.patch32(at, static_cast<uint32_t>(out.size() - at - 4 + following));
}

}  // namespace

// The base offset is stamped as brokers do; batches are equal, so it follows from the place in the file.
void FloorServer::Produce(Peer& peer, uint8_t* frame) {
  uint8_t* p = Body(frame) + 2 + 2 + 4 + 4;
  const uint8_t* topic = p;
  const size_t topic_bytes = 2 + static_cast<size_t>(Read16(p));
  p += topic_bytes + 4;
  const int32_t partition = Read32(p);
  const size_t size = static_cast<size_t>(static_cast<uint32_t>(Read32(p + 4)));
  uint8_t* batch = p + 8;
  int16_t error = 0;
  if (shape_.crc && Crc32c(batch + batch::kCrcFrom, size - batch::kCrcFrom) != static_cast<uint32_t>(Read32(batch + batch::kCrcAt))) {
    error = 2;  // CORRUPT_MESSAGE
  }
  int64_t offset = 0;
  if (shape_.append && error == 0) {
    offset = file_.Place(size) / static_cast<int64_t>(size) * Read32(batch + batch::kCountAt);
    Write64(batch, static_cast<uint64_t>(offset));
    file_.Add(batch, size);
  }
  Bytes& out = peer.output;
  const size_t at = BeginAnswer(out, frame);
  out.i32(1);
  out.insert(out.end(), topic, topic + topic_bytes);
  out.i32(1);
  out.i32(partition);
  out.i16(error);
  out.i64(offset);
  out.i64(-1);
  out.i64(0);
  out.i32(0);
  EndAnswer(out, at);
}

// The offset asked for is a record number of equal batches, so it tells the place in the file; sendfile sends them.
void FloorServer::Fetch(Peer& peer, const uint8_t* frame) {
  file_.Write();
  const uint8_t* p = Body(frame) + 4 + 4 + 4 + 4 + 1 + 4 + 4 + 4;
  const uint8_t* topic = p;
  const size_t topic_bytes = 2 + static_cast<size_t>(Read16(p));
  p += topic_bytes + 4;
  const int32_t partition = Read32(p);
  const int64_t offset = Read64(p + 8);
  const int32_t max = Read32(p + 24);
  uint8_t header[batch::kHeader];
  int64_t batch_bytes = 1, records = 1, from = 0, size = 0;
  if (file_.end() > 0 && pread(file_.fd(), header, sizeof header, 0) == static_cast<ssize_t>(sizeof header)) {
    batch_bytes = Read32(header + batch::kLengthAt) + static_cast<int64_t>(batch::kOverhead);
    records = Read32(header + batch::kCountAt);
    from = offset / records * batch_bytes;
    size = std::clamp(std::max<int64_t>(max / batch_bytes, 1) * batch_bytes, int64_t{0}, std::max<int64_t>(file_.end() - from, 0));
  }
  Bytes& out = peer.output;
  const size_t at = BeginAnswer(out, frame);
  out.i32(0);
  out.i16(0);
  out.i32(0);
  out.i32(1);
  out.insert(out.end(), topic, topic + topic_bytes);
  out.i32(1);
  out.i32(partition);
  out.i16(0);
  for (int i = 0; i < 3; i++) out.i64(file_.end() / batch_bytes * records);
  out.i32(-1);
  out.i32(-1);
  out.i32(static_cast<int32_t>(size));
  EndAnswer(out, at, static_cast<size_t>(size));
  Flush(peer, size > 0 ? MSG_MORE : 0);
  off_t next = from;
  while (size > 0 && !peer.closed) {
    const ssize_t put = sendfile(peer.fd, file_.fd(), &next, static_cast<size_t>(size));
    if (put < 0 && errno == EAGAIN) {
      usleep(50);
      continue;
    }
    if (put <= 0) peer.closed = true;
    else size -= put;
  }
}

void FloorServer::Metadata(Peer& peer, const uint8_t* frame) {
  const uint8_t* topic = Body(frame) + 4;
  Bytes& out = peer.output;
  const size_t at = BeginAnswer(out, frame);
  out.i32(0);
  out.i32(1);
  out.i32(1);
  out.text("127.0.0.1");
  out.i32(shape_.port);
  out.i16(-1);
  out.text("floor");
  out.i32(1);
  out.i32(1);
  out.i16(0);
  out.insert(out.end(), topic, topic + 2 + Read16(topic));
  out.i8(0);
  out.i32(kPartitions);
  for (int i = 0; i < kPartitions; i++) {
    out.i16(0);
    out.i32(i);
    out.i32(1);
    for (int list = 0; list < 2; list++) {
      out.i32(1);
      out.i32(1);
    }
  }
  EndAnswer(out, at);
}

// v0 and v4 alike: no error, no API.
void FloorServer::ApiVersions(Peer& peer, const uint8_t* frame) {
  Bytes& out = peer.output;
  const size_t at = BeginAnswer(out, frame);
  out.i16(0);
  if (Read16(frame + 6) >= 3) {
    out.i8(1);  // no keys
    out.i32(0);
    out.i8(0);
  } else {
    out.i32(0);
  }
  EndAnswer(out, at);
}

}  // namespace bench
