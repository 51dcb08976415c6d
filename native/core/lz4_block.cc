#include "lz4_block.h"

#include <cstring>

namespace millrace {
namespace {

constexpr size_t kMatchMin = 4;
constexpr size_t kNibbleFull = 15;
// Copies run in steps of 16 and may write up to 15 bytes too far: allowed while so much room is left.
constexpr size_t kStep = 16;

// The rest of a length whose nibble was full. False = the block ends inside it.
inline bool MoreLength(const uint8_t*& at, const uint8_t* end, size_t& length) {
  uint8_t byte;
  do {
    if (at == end) return false;
    byte = *at++;
    length += byte;
  } while (byte == 255);
  return true;
}

// Copies `length` bytes (at least one) and perhaps up to 15 more.
inline void CopySteps(uint8_t* to, const uint8_t* from, size_t length) {
  uint8_t* const end = to + length;
  do {
    std::memcpy(to, from, kStep);
    to += kStep;
    from += kStep;
  } while (to < end);
}

// A match nearer than one step: its bytes repeat with period `distance`.
inline void CopyPeriod(uint8_t* to, size_t distance, size_t length) {
  const uint8_t* from = to - distance;
  for (uint8_t* const end = to + length; to < end;) *to++ = *from++;
}

// The same with room for a step too much: one step byte by byte, the rest from some periods before, a step away at least.
inline void CopyPeriodSteps(uint8_t* to, size_t distance, size_t length) {
  CopyPeriod(to, distance, kStep);
  if (length <= kStep) return;
  size_t far = distance;
  while (far < kStep) far += distance;
  CopySteps(to + kStep, to + kStep - far, length - kStep);
}

}  // namespace

int64_t UnpackLz4Block(const uint8_t* block, size_t length, uint8_t* target, size_t room) {
  const uint8_t* at = block;
  const uint8_t* const end = block + length;
  uint8_t* to = target;
  uint8_t* const to_end = target + room;
  for (;;) {
    if (at == end) return kLz4Corrupt;  // a block ends with literals, even if there are none
    const uint8_t token = *at++;
    size_t literals = token >> 4;
    if (literals == kNibbleFull && !MoreLength(at, end, literals)) return kLz4Corrupt;
    if (literals > size_t(end - at)) return kLz4Corrupt;
    if (literals > size_t(to_end - to)) return kLz4NoRoom;
    if (literals > 0) {
      if (size_t(end - at) - literals >= kStep && size_t(to_end - to) - literals >= kStep) {
        CopySteps(to, at, literals);
      } else {
        std::memcpy(to, at, literals);
      }
      at += literals;
      to += literals;
    }
    if (at == end) return to - target;
    if (end - at < 2) return kLz4Corrupt;
    const size_t distance = size_t(at[0]) | size_t(at[1]) << 8;
    at += 2;
    if (distance == 0 || distance > size_t(to - target)) return kLz4Corrupt;
    size_t match = token & kNibbleFull;
    if (match == kNibbleFull && !MoreLength(at, end, match)) return kLz4Corrupt;
    match += kMatchMin;
    if (match > size_t(to_end - to)) return kLz4NoRoom;
    if (size_t(to_end - to) - match < kStep) {
      CopyPeriod(to, distance, match);
    } else if (distance >= kStep) {
      CopySteps(to, to - distance, match);
    } else {
      CopyPeriodSteps(to, distance, match);
    }
    to += match;
  }
}

}  // namespace millrace
