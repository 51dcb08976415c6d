// Accepting: limits, descriptor shortage.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <climits>

#include "poller.h"
#include "poller_listen.h"

namespace millrace {

void Poller::Accept(Listener* listener) {
  for (int i = 0; i < kAcceptsPerTurn && RowsLeft() > 2; i++) {
    int fd = accept4(listener->fd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
      int error = errno;
      if (error == EINTR || error == ECONNABORTED) continue;
      if (error == EAGAIN) return;
      if (error == EMFILE || error == ENFILE) error = AcceptWithReserve(listener);
      if (error == 0) continue;
      if (error == EAGAIN) return;
      // No descriptors or memory even so: a level-triggered listener would spin, so it rests until the next sweep.
      refused_error_++;
      refused_errno_ = error;
      epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, listener->fd, nullptr);
      listener->paused = true;
      return;
    }
    if (!Admit(fd, listener->id)) close(fd);
  }
}

// Out of descriptors: gives up the reserved one to take the newest connection and close it, so that its client hears
// about it and the backlog does not stay readable for ever. Returns 0 when one was taken, else errno.
int Poller::AcceptWithReserve(Listener* listener) {
  int shortage = errno;
  if (reserve_fd_ < 0) reserve_fd_ = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (reserve_fd_ < 0) return shortage;
  close(reserve_fd_);
  int fd = accept4(listener->fd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  int result = fd >= 0 ? 0 : errno;
  if (fd >= 0) close(fd);
  reserve_fd_ = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (result == 0) {
    refused_error_++;
    refused_errno_ = shortage;
  }
  return result;
}

// False: refused by a limit (counted), the caller closes.
bool Poller::Admit(int fd, int listener) {
  sockaddr_storage peer{}, own{};
  socklen_t peer_length = sizeof peer, own_length = sizeof own;
  if (getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &peer_length) != 0) return false;  // gone already
  getsockname(fd, reinterpret_cast<sockaddr*>(&own), &own_length);
  std::string ip = AddressKey(peer);
  auto [counted, added] = per_ip_.try_emplace(ip, 0);
  if (open_ >= options_.connections_max || counted->second >= options_.connections_per_ip_max) {
    if (added) per_ip_.erase(counted);
    refused_limit_++;
    return false;
  }
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  int size = options_.send_buffer_bytes;
  if (size > 0) setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  size = options_.receive_buffer_bytes;
  if (size > 0) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);

  uint32_t index;
  if (!free_indices_.empty()) {
    index = free_indices_.back();
    free_indices_.pop_back();
  } else {
    index = uint32_t(connections_.size());
    connections_.emplace_back();
  }
  Connection& connection = connections_[index];
  int32_t generation = connection.generation == INT32_MAX ? 1 : connection.generation + 1;
  connection = Connection();
  connection.fd = fd;
  connection.index = index;
  connection.generation = generation;
  connection.peer = peer;
  connection.ip = ip;
  uint16_t port = 0;
  AddressText(own, &port);
  connection.local_port = port;
  connection.progress_ms = now_ms_;
  connection.interest = EPOLLIN;
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = (uint64_t(uint32_t(generation)) << 32) | index;
  if (epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, fd, &event) != 0) {
    refused_error_++;
    refused_errno_ = errno;
    connection.fd = -1;
    free_indices_.push_back(index);
    if (added) per_ip_.erase(counted);
    return false;
  }
  counted->second++;
  open_++;
  Append(&connection);
  Emit(kEventOpened, int32_t(index), generation, listener, 0, 0);
  return true;
}

}  // namespace millrace
