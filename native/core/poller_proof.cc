#include "poller_proof.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace millrace {
namespace {

constexpr uint8_t kStateTimeWait = 6, kStateListen = 10;

// One netlink socket per thread, opened on first use.
struct DiagSocket {
  int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_SOCK_DIAG);
  uint32_t sequence = 0;
  ~DiagSocket() {
    if (fd >= 0) close(fd);
  }
};

// Writes an address into sock_diag's form; IPv4 in IPv6 clothes counts as IPv4 (that is how the kernel hashes it).
bool FillAddress(const sockaddr_storage& address, uint8_t* family, uint32_t* words, uint16_t* port) {
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    *family = AF_INET;
    words[0] = v4.sin_addr.s_addr;
    *port = v4.sin_port;
    return true;
  }
  if (address.ss_family != AF_INET6) return false;
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
  *port = v6.sin6_port;
  if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
    *family = AF_INET;
    memcpy(words, v6.sin6_addr.s6_addr + 12, 4);
  } else {
    *family = AF_INET6;
    memcpy(words, v6.sin6_addr.s6_addr, 16);
  }
  return true;
}

struct Request {
  nlmsghdr header;
  inet_diag_req_v2 body;
};

// The peer's socket has our two addresses swapped.
bool FillRequest(const sockaddr_storage& own, const sockaddr_storage& peer, uint32_t sequence, Request* request) {
  request->header.nlmsg_len = sizeof *request;
  request->header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  request->header.nlmsg_flags = NLM_F_REQUEST;
  request->header.nlmsg_seq = sequence;
  request->body.sdiag_protocol = IPPROTO_TCP;
  request->body.idiag_states = 0xffffffff;
  request->body.id.idiag_cookie[0] = request->body.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  uint8_t own_family = 0;
  if (!FillAddress(peer, &request->body.sdiag_family, request->body.id.idiag_src, &request->body.id.idiag_sport) ||
      !FillAddress(own, &own_family, request->body.id.idiag_dst, &request->body.id.idiag_dport)) {
    return false;
  }
  return own_family == request->body.sdiag_family;
}

}  // namespace

PeerSocket FindPeerSocket(const sockaddr_storage& own, const sockaddr_storage& peer, uint32_t* unread_bytes) {
  thread_local DiagSocket diag;
  if (diag.fd < 0) return PeerSocket::unknown;
  Request request{};
  if (!FillRequest(own, peer, ++diag.sequence, &request)) return PeerSocket::unknown;
  if (send(diag.fd, &request, sizeof request, 0) != ssize_t(sizeof request)) return PeerSocket::unknown;
  alignas(nlmsghdr) char buffer[4096];
  for (;;) {  // the kernel answers inside send(); older answers cannot be there, but are skipped all the same
    ssize_t got = recv(diag.fd, buffer, sizeof buffer, 0);
    if (got < ssize_t(sizeof(nlmsghdr))) return PeerSocket::unknown;
    nlmsghdr header;
    memcpy(&header, buffer, sizeof header);
    if (header.nlmsg_seq != diag.sequence) continue;
    if (header.nlmsg_type == NLMSG_ERROR) {
      nlmsgerr error;
      if (got < ssize_t(NLMSG_HDRLEN + sizeof error)) return PeerSocket::unknown;
      memcpy(&error, buffer + NLMSG_HDRLEN, sizeof error);
      return error.error == -ENOENT ? PeerSocket::absent : PeerSocket::unknown;
    }
    inet_diag_msg message;
    if (got < ssize_t(NLMSG_HDRLEN + sizeof message)) return PeerSocket::unknown;
    memcpy(&message, buffer + NLMSG_HDRLEN, sizeof message);
    // The look-up falls back to a listener on the port: that is not the peer. TIME_WAIT is a stand-in without a queue.
    if (message.idiag_state == kStateListen || message.idiag_state == kStateTimeWait || message.id.idiag_dport != request.body.id.idiag_dport) {
      return PeerSocket::absent;
    }
    *unread_bytes = message.idiag_rqueue;
    return PeerSocket::found;
  }
}

Proof::Proof(int fd) {
  socklen_t own_length = sizeof own_, peer_length = sizeof peer_;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&own_), &own_length) != 0) own_.ss_family = AF_UNSPEC;
  if (getpeername(fd, reinterpret_cast<sockaddr*>(&peer_), &peer_length) != 0) peer_.ss_family = AF_UNSPEC;
}

void Proof::Raise(const std::shared_ptr<SegmentFile>& file, uint64_t end) {
  for (size_t i = pins_.size(); i-- > 0;) {
    if (pins_[i].file == file) {
      pins_[i].end = end;
      return;
    }
  }
  file->unproven_senders.fetch_add(1, std::memory_order_acq_rel);
  pins_.push_back({file, end});
}

void Proof::ReleaseAll() { ReleaseUpTo(~uint64_t(0)); }

void Proof::ReleaseUpTo(uint64_t consumed) {
  size_t kept = 0;
  for (Pin& pin : pins_) {
    if (pin.end <= consumed) {
      pin.file->unproven_senders.fetch_sub(1, std::memory_order_acq_rel);
      pin.file.reset();
    } else {
      if (&pins_[kept] != &pin) pins_[kept] = std::move(pin);
      kept++;
    }
  }
  pins_.resize(kept);
}

bool Proof::Check(int fd, uint64_t sent) {
  if (pins_.empty()) return true;
  int unacknowledged = 0;
  if (ioctl(fd, SIOCOUTQ, &unacknowledged) != 0) return false;
  uint64_t acknowledged = sent - std::min<uint64_t>(sent, uint64_t(unacknowledged));
  if (acknowledged >= kLargestWindowBytes) ReleaseUpTo(acknowledged - kLargestWindowBytes);
  uint32_t unread = 0;
  // Asked after SIOCOUTQ: what was acknowledged then has been read by now, or is still counted in `unread`.
  PeerSocket peer = FindPeerSocket(own_, peer_, &unread);
  if (peer == PeerSocket::found) {
    peer_is_local_ = true;
    if (acknowledged >= unread) ReleaseUpTo(acknowledged - unread);
  }
  return pins_.empty();
}

void Proof::EndAt(uint64_t sent) {
  for (Pin& pin : pins_) pin.end = std::min(pin.end, sent);
}

bool Proof::CheckEnded(int fd, uint64_t sent) {
  int error = 0;
  socklen_t length = sizeof error;
  getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
  if (error == ECONNRESET || error == EPIPE) ReleaseAll();
  return Check(fd, sent);
}

}  // namespace millrace
