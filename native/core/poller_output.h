// What one connection still has to send: bytes and file ranges, in order. Bytes are borrowed from the caller until
// Own() copies what could not be sent at once, so the usual answer is never copied.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "poller_proof.h"
#include "read_ahead.h"
#include "segment_file.h"

namespace millrace {

// Ranges (or rests of ranges) below this are read and sent together with the bytes around them: one call instead of two.
constexpr int64_t kInlineRangeBytes = 16 * 1024;
// Bytes one connection may send per turn; the rest waits for the next, so that one fast reader does not stop the others.
constexpr int64_t kSendBytesPerTurn = 1024 * 1024;
constexpr size_t kScratchBytes = 64 * 1024;

// cold: the next bytes are not in memory; helpers read them, and the ready box names the connection when they have.
enum class FlushResult { done, again, blocked, cold, failed };

// Who waits for cold bytes.
struct ColdReader {
  std::shared_ptr<ReadyBox> box;
  uint64_t id = 0;
};

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
  // Sends until empty, blocked by the peer, the turn's share is used up (again), or the disk would have to be waited for.
  // `scratch`: kScratchBytes. failed: *error = errno; EIO when a range lies beyond the end of its file.
  FlushResult Flush(int fd, uint8_t* scratch, const ColdReader& reader, int* error);
  // After `cold`: the bytes are there now.
  void Resume();
  bool reads_ahead() const { return stream_ != nullptr; }
  // Ends reading ahead unless it was needed since the last call. True = no stream is left.
  bool EndIdleStream();
  void Clear();

 private:
  struct Item {
    const uint8_t* bytes = nullptr;    // null: a range
    std::unique_ptr<uint8_t[]> owned;  // memory behind `bytes`, unless borrowed
    int64_t length = 0;                // still to be sent
    FileRange range;                   // position advances while it is sent
    int64_t warm_end = 0;              // position in the file below which nothing has to be looked up any more
  };
  // Whether the first `length` bytes of the range can be sent at once. If not, helpers have been asked for them.
  bool IsWarm(Item& item, int64_t length, const ColdReader& reader);
  void DropStream();
  // Gathers bytes and small ranges into one sendmsg; returns bytes sent, -1 = errno, 0 = a range stands first that is
  // large or not in memory.
  int64_t SendGathered(int fd, uint8_t* scratch, int* error);
  int64_t SendRange(int fd, int64_t length, int* error);
  void Consume(int64_t bytes);

  std::vector<Item> items_;
  size_t head_ = 0;
  int64_t queued_ = 0;
  uint64_t sent_ = 0;
  std::unique_ptr<Proof> proof_;  // only connections that were sent a file by sendfile have one
  std::shared_ptr<ReadStream> stream_;  // only connections that read what was not in memory
  bool stream_used_ = false;
  int64_t cold_end_ = 0;  // what the reader waits for; 0 = it does not
};

}  // namespace millrace
