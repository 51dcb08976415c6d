// CRC-32C, validation of batches, the range table.
#include <cstddef>
#include <random>
#include <set>

#include "batch_header.h"
#include "batch_validate.h"
#include "core_test.h"
#include "crc32c.h"

using namespace millrace;
using namespace millrace::test;

TEST(crc32c_matches_known_values) {
  const uint8_t digits[] = "123456789";
  CHECK_EQ(Crc32c(digits, 9), 0xe3069283u);
  const std::vector<uint8_t> zeros(32, 0);
  CHECK_EQ(Crc32c(zeros.data(), 32), 0x8a9136aau);  // RFC 3720, B.4
  CHECK_EQ(Crc32c(digits, 0), 0u);
}

TEST(crc32c_methods_agree_at_every_length_and_alignment) {
  std::mt19937 random(1);
  std::vector<uint8_t> bytes(40000);
  for (auto& byte : bytes) byte = uint8_t(random());
  for (size_t length = 0; length < 1700; length++) {
    const size_t from = length % 9;
    CHECK(Crc32c(bytes.data() + from, length) == Crc32cPortable(bytes.data() + from, length));
  }
  for (size_t length : {12287u, 12288u, 12289u, 13055u, 24576u, 39999u}) {
    CHECK(Crc32c(bytes.data(), length) == Crc32cPortable(bytes.data(), length));
    const uint32_t head = Crc32c(bytes.data(), 777);
    CHECK(Crc32c(bytes.data() + 777, length - 777, head) == Crc32c(bytes.data(), length));
  }
}

static int32_t StatusOf(std::vector<uint8_t> bytes, int32_t flags = 0, Row* out = nullptr) {
  Row row{};
  row.length = int32_t(bytes.size());
  row.flags = flags;
  const Slabs slabs{{bytes.data(), int64_t(bytes.size())}};
  ValidateRow(row, slabs);
  if (out != nullptr) *out = row;
  return row.status;
}

static std::vector<uint8_t> Seal(std::vector<uint8_t> batch) {
  StoreU32(batch.data() + 17, Crc32cPortable(batch.data() + kCrcFrom, batch.size() - size_t(kCrcFrom)));
  return batch;
}

TEST(validate_reports_every_status) {
  const std::vector<uint8_t> good = MakeBatch(3, 10, 500);
  Row row;
  CHECK_EQ(StatusOf(good, 0, &row), int32_t(kOk));
  CHECK_EQ(row.count, 3);
  CHECK_EQ(row.max_timestamp_found, 502.0);
  CHECK_EQ(row.min_timestamp_found, 500.0);
  CHECK_EQ(row.max_timestamp_delta, 2);
  CHECK_EQ(StatusOf(std::vector<uint8_t>(60, 0)), int32_t(kTooSmall));
  auto bad = good;
  bad[16] = 1;
  CHECK_EQ(StatusOf(bad), int32_t(kBadMagic));
  bad = good;
  bad.back() ^= 1;
  CHECK_EQ(StatusOf(bad), int32_t(kBadCrc));
  bad = good;
  bad.push_back(0);
  CHECK_EQ(StatusOf(bad), int32_t(kMoreBatches));
  bad = good;
  StoreU32(bad.data() + 23, uint32_t(-1));
  CHECK_EQ(StatusOf(Seal(bad)), int32_t(kBadOffsetRange));
  bad = good;
  StoreU32(bad.data() + 57, 0);
  CHECK_EQ(StatusOf(Seal(bad)), int32_t(kBadCount));
  CHECK_EQ(StatusOf(Seal(bad), kHeaderOnly), int32_t(kOk));
  CHECK_EQ(StatusOf(Seal(bad), kRecordsUnchecked), int32_t(kBadCount));
  bad = good;
  bad[kHeaderBytes] = 0x7f;
  CHECK_EQ(StatusOf(Seal(bad)), int32_t(kBadRecord));
  CHECK_EQ(StatusOf(Seal(bad), kRecordsUnchecked), int32_t(kOk));
  bad = good;
  StoreU32(bad.data() + 57, 2);
  CHECK_EQ(StatusOf(Seal(bad)), int32_t(kInconsistentCount));
  StoreU32(bad.data() + 23, 1);
  CHECK_EQ(StatusOf(Seal(bad)), int32_t(kTrailingBytes));
  bad = good;
  bad[22] = 3;
  CHECK_EQ(StatusOf(Seal(bad)), int32_t(kCompressed));
  bad = good;
  bad[61] = 0x01;  // record length -1
  CHECK_EQ(StatusOf(Seal(bad), 0, &row), int32_t(kBadRecord));
  CHECK_EQ(row.detail, 0);
}

TEST(validate_records_checks_deltas_and_keys) {
  std::vector<uint8_t> batch = MakeBatch(2, 4);
  Row row;
  StatusOf(batch, 0, &row);
  ValidateRecords(row, batch.data() + 61, batch.size() - 61);
  CHECK_EQ(row.status, int32_t(kOk));
  batch[61 + 3] = 2;  // offset delta 1 in record 0
  ValidateRecords(row, batch.data() + 61, batch.size() - 61);
  CHECK_EQ(row.status, int32_t(kOffsetDeltas));
  const uint8_t keyless[] = {14, 0, 0, 0, 1, 2, 'v', 0};  // null key, value "v", no headers
  row.count = 1;
  row.flags = kKeyRequired;
  ValidateRecords(row, keyless, sizeof keyless);
  CHECK_EQ(row.status, int32_t(kMissingKey));
  CHECK_EQ(row.detail, 0);
  const uint8_t null_header_key[] = {18, 0, 0, 0, 1, 1, 2, 1, 1, 0};
  row.flags = 0;
  ValidateRecords(row, null_header_key, sizeof null_header_key);
  CHECK_EQ(row.status, int32_t(kBadRecord));
}

TEST(validate_survives_random_bytes) {
  std::mt19937 random(7);
  const std::vector<uint8_t> good = MakeBatch(20, 30);
  for (int turn = 0; turn < 20000; turn++) {
    auto bytes = good;
    for (int flips = 1 + int(random() % 4); flips > 0; flips--) bytes[21 + random() % (bytes.size() - 21)] = uint8_t(random());
    bytes.resize(61 + random() % (bytes.size() - 60));
    if (random() % 2) StoreU32(bytes.data() + 8, uint32_t(bytes.size() - 12));
    const int32_t status = StatusOf(Seal(bytes));
    CHECK(status >= kOk && status <= kOffsetDeltas);
  }
}

TEST(rows_outside_their_slab_are_refused) {
  const uint8_t byte = 0;
  Row row{};
  row.length = 2;
  CHECK_EQ(Thrown([&] { RowBytesAt(row, {{&byte, 1}}); }), -1);
  row.length = 1;
  CHECK(RowBytesAt(row, {{&byte, 1}}) == &byte);
  row.position = -1;
  CHECK_EQ(Thrown([&] { RowBytesAt(row, {{&byte, 1}}); }), -1);
  row.position = 0;
  row.slab = 1;
  CHECK_EQ(Thrown([&] { RowBytesAt(row, {{&byte, 1}}); }), -1);
}

TEST(range_tokens_are_not_mixed_up) {
  const size_t before = RangeCount();
  auto file = std::make_shared<SegmentFile>();
  const int32_t first = RangePut({file, 1, 2});
  CHECK(RangePeek(first).position == 1);
  CHECK(RangeTake(first).file == file);
  CHECK(RangeTake(first).file == nullptr);
  const int32_t second = RangePutOwned({file, 3, 4}, 99);
  CHECK(second != first && second > 0);
  CHECK(RangePeek(first).file == nullptr);
  CHECK(RangePeek(0).file == nullptr && RangePeek(-5).file == nullptr && RangePeek(INT32_MAX).file == nullptr);
  const int32_t third = RangePut({file, 5, 6});
  RangeReleaseOwner(99);
  CHECK(RangePeek(second).file == nullptr && RangePeek(third).file == file);
  RangeTake(third);
  CHECK_EQ(RangeCount(), before);
  CHECK_EQ(file.use_count(), 1);
  std::set<int32_t> tokens;
  for (int i = 0; i < 2000; i++) {
    const int32_t token = RangePut({file, 0, 1});
    CHECK(token > 0 && tokens.insert(token).second);
    RangeTake(token);
  }
}
