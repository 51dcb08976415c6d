#include "event_loop.h"

#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "../common/clock.h"

namespace bench {

EventLoop::EventLoop() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  // The kernel may let a sleep last 50 µs longer than asked; an open loop needs its send times met.
  prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
}
EventLoop::~EventLoop() { close(epoll_); }

void EventLoop::Watch(int fd, Pollable* who) {
  epoll_event event{EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, {.ptr = who}};
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) Die(std::string("epoll_ctl: ") + strerror(errno));
}

void EventLoop::Turn(uint64_t micros) {
  epoll_event events[256];
  const timespec wait{static_cast<time_t>(micros / 1000000), static_cast<long>(micros % 1000000 * 1000)};
  const int ready = epoll_pwait2(epoll_, events, 256, &wait, nullptr);
  if (ready < 0 && errno != EINTR) Die(std::string("epoll_pwait2: ") + strerror(errno));
  for (int i = 0; i < ready; i++) static_cast<Pollable*>(events[i].data.ptr)->OnReady(events[i].events);
}

}  // namespace bench
