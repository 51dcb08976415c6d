// What one connection still has to send: bytes and file ranges, in order. Bytes are borrowed from the caller until
// Own() copies what could not be sent at once, so the usual answer is never copied.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "poller_proof.h"
#include "segment_file.h"

namespace millrace {

// Ranges (or rests of ranges) below this are read and sent together with the bytes around them: one call instead of two.
constexpr int64_t kInlineRangeBytes = 16 * 1024;
// Bytes one connection may send per turn; the rest waits for the next, so that one fast reader does not stop the others.
constexpr int64_t kSendBytesPerTurn = 1024 * 1024;
constexpr size_t kScratchBytes = 64 * 1024;

enum class FlushResult { done, again, blocked, failed };

class Output {
 public:
  bool empty() const { return head_ == items_.size(); }
  int64_t queued() const { return queued_; }
  uint64_t sent() const { return sent_; }
  Proof* proof() { return proof_.get(); }
  std::unique_ptr<Proof> TakeProof() { return std::move(proof_); }

  void PushBorrowed(const uint8_t* bytes, uint32_t length);
  void PushRange(FileRange range);
  // Copies what is borrowed: the caller's memory is his again.
  void Own();
  // Sends until empty, blocked by the peer, or the turn's share is used up (again). `scratch`: kScratchBytes.
  // failed: *error = errno; EIO when a range lies beyond the end of its file.
  FlushResult Flush(int fd, uint8_t* scratch, int* error);
  void Clear();

 private:
  struct Item {
    const uint8_t* bytes = nullptr;    // null: a range
    std::unique_ptr<uint8_t[]> owned;  // memory behind `bytes`, unless borrowed
    int64_t length = 0;                // still to be sent
    FileRange range;                   // position advances while it is sent
  };
  // Gathers bytes and small ranges into one sendmsg; returns bytes sent, -1 = errno, 0 = a large range stands first.
  int64_t SendGathered(int fd, uint8_t* scratch, int* error);
  int64_t SendRange(int fd, int64_t budget, int* error);
  void Consume(int64_t bytes);

  std::vector<Item> items_;
  size_t head_ = 0;
  int64_t queued_ = 0;
  uint64_t sent_ = 0;
  std::unique_ptr<Proof> proof_;  // only connections that were sent a file by sendfile have one
};

}  // namespace millrace
