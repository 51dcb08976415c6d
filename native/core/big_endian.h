// Loads and stores of big-endian integers at any address.
#pragma once
#include <cstdint>
#include <cstring>

namespace millrace {

inline uint16_t LoadU16(const uint8_t* at) {
  uint16_t value;
  std::memcpy(&value, at, 2);
  return __builtin_bswap16(value);
}
inline uint32_t LoadU32(const uint8_t* at) {
  uint32_t value;
  std::memcpy(&value, at, 4);
  return __builtin_bswap32(value);
}
inline uint64_t LoadU64(const uint8_t* at) {
  uint64_t value;
  std::memcpy(&value, at, 8);
  return __builtin_bswap64(value);
}
inline int16_t LoadI16(const uint8_t* at) { return static_cast<int16_t>(LoadU16(at)); }
inline int32_t LoadI32(const uint8_t* at) { return static_cast<int32_t>(LoadU32(at)); }
inline int64_t LoadI64(const uint8_t* at) { return static_cast<int64_t>(LoadU64(at)); }

inline void StoreU16(uint8_t* at, uint16_t value) {
  value = __builtin_bswap16(value);
  std::memcpy(at, &value, 2);
}
inline void StoreU32(uint8_t* at, uint32_t value) {
  value = __builtin_bswap32(value);
  std::memcpy(at, &value, 4);
}
inline void StoreU64(uint8_t* at, uint64_t value) {
  value = __builtin_bswap64(value);
  std::memcpy(at, &value, 8);
}

}  // namespace millrace
