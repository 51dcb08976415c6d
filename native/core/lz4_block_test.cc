// The block decoder against hand-made blocks, and against anything: under ASan no byte outside the two memories is touched.
#include <random>

#include "core_test.h"
#include "lz4_block.h"

using namespace millrace;
using namespace millrace::test;

namespace {

using Block = std::vector<uint8_t>;

void PutLength(Block& block, size_t rest) {
  for (; rest >= 255; rest -= 255) block.push_back(255);
  block.push_back(uint8_t(rest));
}

// One sequence; match 0 = the block's last literals.
void PutSequence(Block& block, const Block& literals, size_t distance, size_t match) {
  const size_t rest = match == 0 ? 0 : match - 4;
  block.push_back(uint8_t(std::min<size_t>(literals.size(), 15) << 4 | std::min<size_t>(rest, 15)));
  if (literals.size() >= 15) PutLength(block, literals.size() - 15);
  block.insert(block.end(), literals.begin(), literals.end());
  if (match == 0) return;
  block.push_back(uint8_t(distance));
  block.push_back(uint8_t(distance >> 8));
  if (rest >= 15) PutLength(block, rest - 15);
}

// Exactly sized memory on both sides, so that ASan sees every step too far.
int64_t Unpack(const Block& block, size_t room, Block& out) {
  const Block exact(block.begin(), block.end());
  out.assign(room, 0xee);
  return UnpackLz4Block(exact.data(), exact.size(), out.data(), room);
}

}  // namespace

TEST(lz4_block_unpacks_what_a_plain_model_says) {
  std::mt19937 random(7);
  for (int round = 0; round < 3000; round++) {
    Block block;
    Block expected;
    const int sequences = int(random() % 8);
    for (int i = 0; i <= sequences; i++) {
      Block literals(random() % (random() % 4 == 0 ? 600 : 20));
      for (uint8_t& byte : literals) byte = uint8_t(random());
      expected.insert(expected.end(), literals.begin(), literals.end());
      const bool last = i == sequences || expected.empty();
      const size_t reach = std::min<size_t>(expected.size(), 65535);
      const size_t distance = last ? 0 : 1 + random() % std::min<size_t>(reach, random() % 2 ? 40 : reach);
      const size_t match = last ? 0 : 4 + random() % (random() % 4 == 0 ? 900 : 30);
      PutSequence(block, literals, distance, match);
      for (size_t k = 0; k < match; k++) expected.push_back(expected[expected.size() - distance]);
      if (last) break;
    }
    for (const size_t spare : {size_t(0), size_t(1), size_t(15), size_t(16), size_t(100)}) {
      Block out;
      CHECK_EQ(Unpack(block, expected.size() + spare, out), int64_t(expected.size()));
      out.resize(expected.size());
      CHECK(out == expected);
    }
    Block out;
    if (!expected.empty()) CHECK_EQ(Unpack(block, random() % expected.size(), out), kLz4NoRoom);
  }
}

TEST(lz4_block_refuses_damage) {
  Block out;
  CHECK_EQ(Unpack({}, 10, out), kLz4Corrupt);
  CHECK_EQ(Unpack({0x00}, 0, out), int64_t(0));
  CHECK_EQ(Unpack({0x10}, 10, out), kLz4Corrupt);                                 // the literal is missing
  CHECK_EQ(Unpack({0xf0}, 10, out), kLz4Corrupt);                                 // so is the rest of a length
  CHECK_EQ(Unpack({0xf0, 255, 255}, 10, out), kLz4Corrupt);
  CHECK_EQ(Unpack({0x10, 'a', 1}, 10, out), kLz4Corrupt);                         // half a distance
  CHECK_EQ(Unpack({0x10, 'a', 0, 0, 0x00}, 10, out), kLz4Corrupt);                // distance 0
  CHECK_EQ(Unpack({0x10, 'a', 2, 0, 0x00}, 10, out), kLz4Corrupt);                // before the beginning
  CHECK_EQ(Unpack({0x10, 'a', 1, 0}, 10, out), kLz4Corrupt);                      // ends with a match
  CHECK_EQ(Unpack({0x10, 'a', 1, 0, 0x00}, 5, out), int64_t(5));
  CHECK_EQ(Unpack({0x10, 'a', 1, 0, 0x00}, 4, out), kLz4NoRoom);
}

TEST(lz4_block_survives_any_bytes) {
  std::mt19937 random(11);
  for (int round = 0; round < 60000; round++) {
    Block block(random() % 80);
    const unsigned style = random() % 3;
    for (uint8_t& byte : block) byte = uint8_t(style == 0 ? random() : style == 1 ? random() % 20 : (random() % 3) * 127);
    Block out;
    const size_t room = random() % 300;
    const int64_t written = Unpack(block, room, out);
    CHECK(written >= kLz4NoRoom && written <= int64_t(room));
  }
}
