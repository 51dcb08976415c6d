#include "crc32c.h"

#include <cstring>

#if defined(__x86_64__)
#define MILLRACE_CRC_TARGET __attribute__((target("sse4.2")))
#elif defined(__aarch64__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#define MILLRACE_CRC_TARGET __attribute__((target("+crc")))
#endif

namespace millrace {
namespace {

constexpr uint32_t kPolynomial = 0x82f63b78;  // reflected
// One crc32 instruction takes three cycles but a new one may start each cycle: three stripes run interleaved and are
// joined by "advance this CRC over N zero bytes", which is linear and therefore four table look-ups.
constexpr size_t kLongStripe = 4096;
constexpr size_t kShortStripe = 256;

struct Tables {
  uint32_t slice[8][256];
  uint32_t skip_long[4][256];
  uint32_t skip_short[4][256];
  Tables() {
    for (uint32_t n = 0; n < 256; n++) {
      uint32_t crc = n;
      for (int bit = 0; bit < 8; bit++) crc = (crc & 1) ? (crc >> 1) ^ kPolynomial : crc >> 1;
      slice[0][n] = crc;
    }
    for (int k = 1; k < 8; k++) {
      for (uint32_t n = 0; n < 256; n++) slice[k][n] = (slice[k - 1][n] >> 8) ^ slice[0][slice[k - 1][n] & 255];
    }
    FillSkip(skip_long, kLongStripe);
    FillSkip(skip_short, kShortStripe);
  }

 private:
  // Table form of the linear map "append `bytes` zero bytes": advance each of the 32 unit vectors, then combine.
  void FillSkip(uint32_t (&skip)[4][256], size_t bytes) {
    uint32_t unit[32];
    for (int bit = 0; bit < 32; bit++) {
      uint32_t crc = 1u << bit;
      for (size_t i = 0; i < bytes; i++) crc = (crc >> 8) ^ slice[0][crc & 255];
      unit[bit] = crc;
    }
    for (int part = 0; part < 4; part++) {
      for (uint32_t n = 0; n < 256; n++) {
        uint32_t sum = 0;
        for (int bit = 0; bit < 8; bit++) {
          if (n >> bit & 1) sum ^= unit[part * 8 + bit];
        }
        skip[part][n] = sum;
      }
    }
  }
};

const Tables& TheTables() {
  static const Tables tables;
  return tables;
}

#ifdef MILLRACE_CRC_TARGET

inline uint64_t Load(const uint8_t* at) {
  uint64_t value;
  std::memcpy(&value, at, 8);
  return value;
}

MILLRACE_CRC_TARGET inline uint32_t Step8(uint32_t crc, uint64_t value) {
#if defined(__x86_64__)
  return static_cast<uint32_t>(__builtin_ia32_crc32di(crc, value));
#else
  return __builtin_aarch64_crc32cx(crc, value);
#endif
}

MILLRACE_CRC_TARGET inline uint32_t Step1(uint32_t crc, uint8_t value) {
#if defined(__x86_64__)
  return __builtin_ia32_crc32qi(crc, value);
#else
  return __builtin_aarch64_crc32cb(crc, value);
#endif
}

inline uint32_t Skip(const uint32_t (&skip)[4][256], uint32_t crc) {
  return skip[0][crc & 255] ^ skip[1][crc >> 8 & 255] ^ skip[2][crc >> 16 & 255] ^ skip[3][crc >> 24];
}

template <size_t kStripe>
MILLRACE_CRC_TARGET inline uint32_t Stripes(const uint32_t (&skip)[4][256], uint32_t crc, const uint8_t*& at,
                                            size_t& length) {
  while (length >= 3 * kStripe) {
    uint32_t second = 0;
    uint32_t third = 0;
    for (const uint8_t* end = at + kStripe; at < end; at += 8) {
      crc = Step8(crc, Load(at));
      second = Step8(second, Load(at + kStripe));
      third = Step8(third, Load(at + 2 * kStripe));
    }
    crc = Skip(skip, crc) ^ second;
    crc = Skip(skip, crc) ^ third;
    at += 2 * kStripe;
    length -= 3 * kStripe;
  }
  return crc;
}

MILLRACE_CRC_TARGET uint32_t Crc32cHardware(const uint8_t* at, size_t length, uint32_t seed) {
  uint32_t crc = ~seed;
  if (length >= 3 * kShortStripe) {
    const Tables& tables = TheTables();
    crc = Stripes<kLongStripe>(tables.skip_long, crc, at, length);
    crc = Stripes<kShortStripe>(tables.skip_short, crc, at, length);
  }
  for (; length >= 8; at += 8, length -= 8) crc = Step8(crc, Load(at));
  for (; length > 0; at++, length--) crc = Step1(crc, *at);
  return ~crc;
}

bool HasHardware() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("sse4.2");
#else
  return (getauxval(AT_HWCAP) & HWCAP_CRC32) != 0;
#endif
}

#endif  // MILLRACE_CRC_TARGET

using Method = uint32_t (*)(const uint8_t*, size_t, uint32_t);

Method Choose() {
#ifdef MILLRACE_CRC_TARGET
  if (HasHardware()) return Crc32cHardware;
#endif
  return Crc32cPortable;
}

const Method kMethod = Choose();

}  // namespace

uint32_t Crc32cPortable(const uint8_t* at, size_t length, uint32_t seed) {
  const Tables& tables = TheTables();
  uint32_t crc = ~seed;
  for (; length >= 8; at += 8, length -= 8) {
    crc ^= uint32_t(at[0]) | uint32_t(at[1]) << 8 | uint32_t(at[2]) << 16 | uint32_t(at[3]) << 24;
    crc = tables.slice[7][crc & 255] ^ tables.slice[6][crc >> 8 & 255] ^ tables.slice[5][crc >> 16 & 255] ^
          tables.slice[4][crc >> 24] ^ tables.slice[3][at[4]] ^ tables.slice[2][at[5]] ^ tables.slice[1][at[6]] ^
          tables.slice[0][at[7]];
  }
  for (; length > 0; at++, length--) crc = (crc >> 8) ^ tables.slice[0][(crc ^ *at) & 255];
  return ~crc;
}

uint32_t Crc32c(const uint8_t* bytes, size_t length, uint32_t seed) { return kMethod(bytes, length, seed); }

const char* Crc32cMethod() {
  if (kMethod == Crc32cPortable) return "table";
#if defined(__x86_64__)
  return "sse4.2";
#else
  return "armv8";
#endif
}

}  // namespace millrace
