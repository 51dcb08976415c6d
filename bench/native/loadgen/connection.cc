#include "connection.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "requests.h"
#include "../common/socket.h"

namespace bench {
namespace {

constexpr size_t kFrameMax = 512u << 20;  // a length beyond it is no length

bool ReceiveAll(int fd, uint8_t* to, size_t size) {
  while (size > 0) {
    const ssize_t got = recv(fd, to, size, 0);
    if (got <= 0) return false;
    to += got;
    size -= static_cast<size_t>(got);
  }
  return true;
}

bool SendAll(int fd, const uint8_t* from, size_t size) {
  while (size > 0) {
    const ssize_t put = send(fd, from, size, MSG_NOSIGNAL);
    if (put <= 0) return false;
    from += put;
    size -= static_cast<size_t>(put);
  }
  return true;
}

}  // namespace

Caller::Caller(int port) : fd_(Connect(port, Blocking::kYes)) {}
Caller::~Caller() {
  if (fd_ >= 0) close(fd_);
}

bool Caller::Exchange(const Bytes& request) {
  if (fd_ < 0 || !SendAll(fd_, request.data(), request.size())) return false;
  uint8_t length[4];
  if (!ReceiveAll(fd_, length, 4)) return false;
  const size_t size = static_cast<size_t>(static_cast<uint32_t>(Read32(length)));
  if (size < 4 || size > kFrameMax) Die("an answer of " + std::to_string(size) + " bytes");
  answer_.resize(size);
  return ReceiveAll(fd_, answer_.data(), size);
}

std::optional<Span> Caller::TryAsk(Bytes request) {
  request.patch32(kCorrelationAt, static_cast<uint32_t>(++correlation_));
  if (!Exchange(request)) return std::nullopt;
  if (Read32(answer_.data()) != correlation_) Die("an answer to another request");
  return Span{answer_.data() + 4, answer_.size() - 4};
}

Span Caller::Ask(Bytes request) {
  if (fd_ < 0) Die("cannot connect");
  const std::optional<Span> answer = TryAsk(std::move(request));
  if (!answer) Die("the broker closed the connection instead of answering");
  return *answer;
}

Connection::Connection(int port) : fd_(Connect(port, Blocking::kNo)) {
  if (fd_ < 0) Die(std::string("cannot connect: ") + strerror(errno));
}
Connection::~Connection() { close(fd_); }

void Connection::Send(const Bytes& head, Span body, Sent sent) {
  head_ = head;
  head_.patch32(kCorrelationAt, static_cast<uint32_t>(next_correlation_));
  next_correlation_ = (next_correlation_ + 1) & 0x7fffffff;
  left_[0] = {head_.data(), head_.size()};
  left_[1] = {const_cast<uint8_t*>(body.data), body.size};
  in_flight_.push_back(sent);
  Flush();
}

void Connection::Flush() {
  while (partly_sent()) {
    msghdr message{};
    message.msg_iov = left_[0].iov_len > 0 ? left_ : left_ + 1;
    message.msg_iovlen = left_[0].iov_len > 0 && left_[1].iov_len > 0 ? 2 : 1;
    const ssize_t put = sendmsg(fd_, &message, MSG_NOSIGNAL);
    // ENOTCONN: still connecting; writability will be told like after EAGAIN.
    if (put < 0 && (errno == EAGAIN || errno == ENOTCONN)) return;
    if (put < 0) Die(std::string("sending to the broker: ") + strerror(errno));
    size_t done = static_cast<size_t>(put);
    for (iovec& part : left_) {
      const size_t of_part = done < part.iov_len ? done : part.iov_len;
      part = {static_cast<uint8_t*>(part.iov_base) + of_part, part.iov_len - of_part};
      done -= of_part;
    }
  }
}

bool Connection::Fill() {
  if (parsed_ > 0) {
    memmove(input_.data(), input_.data() + parsed_, have_ - parsed_);
    have_ -= parsed_;
    parsed_ = 0;
  }
  if (have_ >= 4) {
    const size_t whole = 4 + static_cast<size_t>(static_cast<uint32_t>(Read32(input_.data())));
    if (whole > kFrameMax) Die("an answer of " + std::to_string(whole) + " bytes");
    if (whole > input_.size()) input_.resize(whole + (whole >> 3));
  }
  const size_t room = input_.size() - have_;
  const ssize_t got = recv(fd_, input_.data() + have_, room, 0);
  if (got < 0 && errno == EAGAIN) return false;
  if (got < 0) Die(std::string("receiving from the broker: ") + strerror(errno));
  if (got == 0) Die("the broker closed a connection with " + std::to_string(in_flight_.size()) + " requests in flight");
  have_ += static_cast<size_t>(got);
  // Edge-triggered epoll tells of what comes after a short read, so the read that would say EAGAIN is spared.
  drained_ = static_cast<size_t>(got) < room;
  return true;
}

bool Connection::NextFrame(Span* body) {
  if (have_ - parsed_ < 8) return false;
  const uint8_t* frame = input_.data() + parsed_;
  const size_t length = static_cast<size_t>(static_cast<uint32_t>(Read32(frame)));
  if (length < 4) Die("an answer without a correlation id");
  if (have_ - parsed_ < 4 + length) return false;
  if (in_flight_.empty() || Read32(frame + 4) != expected_) Die("an answer to another request than the oldest in flight");
  expected_ = (expected_ + 1) & 0x7fffffff;
  *body = {frame + 8, length - 4};
  parsed_ += 4 + length;
  return true;
}

}  // namespace bench
