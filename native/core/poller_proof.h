// Which segment files a connection's peer may still see. `sendfile` hands the socket references to page-cache pages,
// and on loopback the reader's receive queue holds those very pages: overwriting the file would change bytes that were
// already "sent". So each file counts the connections without proof that the bytes were consumed. Proof is one of
//   * the peer's RST: its kernel dropped the receive queue;
//   * the peer's socket lies in this network namespace (sock_diag) and acknowledged - queued there >= end of the range;
//   * 1 GiB, the largest TCP window, has been acknowledged behind the range.
// A FIN proves nothing: a half-closed peer goes on reading. Nor does TIME_WAIT, nor a socket that is gone: once both
// sides sent FIN the peer's socket leaves the kernel's tables, but its owner can still read what is queued (tried).
// Without proof the count stays raised for ever.
#pragma once
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "segment_file.h"

namespace millrace {

constexpr uint64_t kLargestWindowBytes = uint64_t(1) << 30;

class Proof {
 public:
  explicit Proof(int fd);  // a connected socket
  // `file` is about to be sent by sendfile, at most up to byte `end` of the connection's output.
  void Raise(const std::shared_ptr<SegmentFile>& file, uint64_t end);
  bool empty() const { return pins_.empty(); }
  // The peer's kernel dropped everything.
  void ReleaseAll();
  // Looks for proof; `sent` = bytes the socket took so far, our FIN included. True when no pin is left.
  bool Check(int fd, uint64_t sent);
  // Nothing follows the first `sent` bytes: what was planned behind them never reached the socket.
  void EndAt(uint64_t sent);
  // As Check, for a connection that nobody reads any more: takes the socket's error too.
  bool CheckEnded(int fd, uint64_t sent);
  // The peer's socket was seen in this namespace: it is worth watching after the end of the connection.
  bool peer_is_local() const { return peer_is_local_; }

 private:
  struct Pin {
    std::shared_ptr<SegmentFile> file;
    uint64_t end;
  };
  void ReleaseUpTo(uint64_t consumed);

  std::vector<Pin> pins_;
  // Kept here because a socket whose connection has ended does not tell them any more.
  sockaddr_storage own_{};
  sockaddr_storage peer_{};
  bool peer_is_local_ = false;
};

// Unread bytes in the receive queue of the socket bound to `peer` and connected to `own`, searched in this namespace.
enum class PeerSocket { found, absent, unknown };
PeerSocket FindPeerSocket(const sockaddr_storage& own, const sockaddr_storage& peer, uint32_t* unread_bytes);

}  // namespace millrace
