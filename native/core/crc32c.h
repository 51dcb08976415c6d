// CRC-32C (Castagnoli). The fastest way the processor has is chosen once, at run time.
#pragma once
#include <cstddef>
#include <cstdint>

namespace millrace {

// CRC of `bytes`; `seed` is the CRC of what came before, so pieces chain.
uint32_t Crc32c(const uint8_t* bytes, size_t length, uint32_t seed = 0);
// The table method that every processor can run; the other ways are checked against it.
uint32_t Crc32cPortable(const uint8_t* bytes, size_t length, uint32_t seed = 0);
// "sse4.2", "armv8" or "table".
const char* Crc32cMethod();

}  // namespace millrace
