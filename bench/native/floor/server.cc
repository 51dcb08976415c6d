#include "server.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "../common/clock.h"
#include "../common/socket.h"

namespace bench {
namespace {

constexpr int kEventsMax = 256;

}  // namespace

FloorServer::FloorServer(const FloorShape& shape)
    : shape_(shape),
      file_(shape.directory, shape.file_bytes),
      listener_(Listen(shape.port)),
      epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  if (listener_ < 0) Die("cannot listen on port " + std::to_string(shape.port));
  epoll_event event{EPOLLIN, {.ptr = nullptr}};
  epoll_ctl(epoll_, EPOLL_CTL_ADD, listener_, &event);
}

// A turn: read every ready socket once, write all batches with one system call, answer each connection with one.
void FloorServer::Run() {
  std::vector<Peer*> ready;
  for (;;) {
    epoll_event events[kEventsMax];
    const int count = epoll_wait(epoll_, events, kEventsMax, -1);
    ready.clear();
    for (int i = 0; i < count; i++) {
      auto* peer = static_cast<Peer*>(events[i].data.ptr);
      if (peer == nullptr) {
        Accept();
        continue;
      }
      Receive(*peer);
      ready.push_back(peer);
    }
    file_.Write();
    for (Peer* peer : ready) {
      Finish(*peer);
      if (!peer->closed) continue;
      close(peer->fd);
      delete peer;
    }
  }
}

void FloorServer::Accept() {
  for (;;) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    NoDelay(fd);
    epoll_event event{EPOLLIN, {.ptr = new Peer(fd)}};
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) Die("epoll_ctl");
  }
}

// Level-triggered: what one recv leaves is told again.
void FloorServer::Receive(Peer& peer) {
  const ssize_t got = recv(peer.fd, peer.input.data() + peer.have, peer.input.size() - peer.have, 0);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) {
    peer.closed = true;
    return;
  }
  peer.have += static_cast<size_t>(got);
  Parse(peer);
}

void FloorServer::Parse(Peer& peer) {
  while (peer.have - peer.parsed >= 4) {
    uint8_t* frame = peer.input.data() + peer.parsed;
    const size_t length = static_cast<size_t>(static_cast<uint32_t>(Read32(frame)));
    if (peer.have - peer.parsed < 4 + length) break;
    switch (Read16(frame + 4)) {
      case 0: Produce(peer, frame); break;
      case 1: Fetch(peer, frame); break;
      case 3: Metadata(peer, frame); break;
      case 18: ApiVersions(peer, frame); break;
      default: peer.closed = true; return;
    }
    peer.parsed += 4 + length;
  }
}

void FloorServer::Flush(Peer& peer, int flags) {
  const uint8_t* at = peer.output.data();
  size_t left = peer.output.size();
  while (left > 0) {
    const ssize_t put = send(peer.fd, at, left, MSG_NOSIGNAL | flags);
    if (put < 0 && errno == EAGAIN) {
      usleep(50);
      continue;
    }
    if (put <= 0) {
      peer.closed = true;
      break;
    }
    at += put;
    left -= static_cast<size_t>(put);
  }
  peer.output.clear();
}

// After the batches were written: the answers go out and the input moves to the front of its buffer.
void FloorServer::Finish(Peer& peer) {
  if (!peer.closed) Flush(peer, 0);
  if (peer.parsed > 0) {
    memmove(peer.input.data(), peer.input.data() + peer.parsed, peer.have - peer.parsed);
    peer.have -= peer.parsed;
    peer.parsed = 0;
  }
  if (peer.have < 4) return;
  const size_t whole = 4 + static_cast<size_t>(static_cast<uint32_t>(Read32(peer.input.data())));
  if (whole > (256u << 20)) peer.closed = true;
  else if (whole > peer.input.size()) peer.input.resize(whole + (whole >> 3));
}

}  // namespace bench
