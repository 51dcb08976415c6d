// One block of LZ4's block format, unpacked (https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md).
#pragma once
#include <cstddef>
#include <cstdint>

namespace millrace {

constexpr int64_t kLz4Corrupt = -1;
constexpr int64_t kLz4NoRoom = -2;

// Unpacks the whole of `block` into `target`, at most `room` bytes; matches reach back to `target` and no further.
// Returns the bytes written, kLz4Corrupt, or kLz4NoRoom when the block holds more. Bytes behind what was written, within
// `room`, may be overwritten. `block` may change meanwhile (memory shared with others): the result is then any bytes,
// never an access outside the two.
int64_t UnpackLz4Block(const uint8_t* block, size_t length, uint8_t* target, size_t room);

}  // namespace millrace
