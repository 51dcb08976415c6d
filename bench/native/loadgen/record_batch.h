// Record batches made once and sent many times; a number inside can change from one sending to the next.
#pragma once
#include <array>
#include <string>
#include <vector>

#include "../common/wire.h"

namespace bench {

struct RecordBatch {
  Bytes bytes;
  int32_t records = 0;
  size_t value_at = 0;  // where the first record's value starts

  // As many records of `record_bytes` value bytes as fit `batch_bytes`, at least one; values do not compress well.
  static RecordBatch Make(size_t record_bytes, size_t batch_bytes, int64_t timestamp_ms);
  // The bytes of a file that holds one encoded batch, for example a compressed one.
  static RecordBatch Read(const std::string& path);
};

// A big-endian 64-bit number at one or more places of a batch, changed together with the batch's CRC at the price of eight
// table look-ups: a CRC is linear, so the bits that change say which bits of the CRC change.
class PatchedNumber {
 public:
  PatchedNumber(const Bytes& batch, std::vector<size_t> places);
  void Set(uint8_t* batch, uint64_t value) const;

 private:
  std::vector<size_t> places_;
  std::array<std::array<uint32_t, 256>, 8> change_{};
};

}  // namespace bench
