// One epoll set, edge-triggered.
#pragma once
#include <sys/epoll.h>

#include <cstdint>

namespace bench {

class Pollable {
 public:
  virtual ~Pollable() = default;
  virtual void OnReady(uint32_t events) = 0;
};

class EventLoop {
 public:
  EventLoop();
  EventLoop(const EventLoop&) = delete;
  ~EventLoop();
  void Watch(int fd, Pollable* who);
  // Waits at most that long for something to become ready and serves it.
  void Turn(uint64_t micros);

 private:
  int epoll_;
};

}  // namespace bench
