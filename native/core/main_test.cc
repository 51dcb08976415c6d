// Runs every TEST of native/core; arguments name the cases to run (default: all).
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "batch_header.h"
#include "core_test.h"
#include "crc32c.h"
#include "file_io.h"

namespace millrace::test {

int failures = 0;

std::vector<Case>& Cases() {
  static std::vector<Case> cases;
  return cases;
}

static std::string MakeTemp() {
  const char* base = std::getenv("TMPDIR");
  std::string name = std::string(base == nullptr ? "/tmp" : base) + "/millrace-core-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) ThrowErrno("mkdtemp", name);
  return name;
}

TempDirectory::TempDirectory() : path(MakeTemp()) {}
TempDirectory::~TempDirectory() { std::filesystem::remove_all(path); }

static void PutVarint(std::vector<uint8_t>& out, int64_t value) {
  uint64_t zigzag = (uint64_t(value) << 1) ^ uint64_t(value >> 63);
  for (; zigzag >= 0x80; zigzag >>= 7) out.push_back(uint8_t(zigzag | 0x80));
  out.push_back(uint8_t(zigzag));
}

std::vector<uint8_t> MakeBatch(int32_t records, size_t value_bytes, int64_t timestamp) {
  std::vector<uint8_t> batch(size_t(kHeaderBytes), 0);
  for (int32_t i = 0; i < records; i++) {
    std::vector<uint8_t> body;
    body.push_back(0);
    PutVarint(body, i);
    PutVarint(body, i);
    PutVarint(body, 1);
    body.push_back('k');
    PutVarint(body, int64_t(value_bytes));
    body.insert(body.end(), value_bytes, uint8_t('a' + i % 26));
    PutVarint(body, 0);
    PutVarint(batch, int64_t(body.size()));
    batch.insert(batch.end(), body.begin(), body.end());
  }
  uint8_t* at = batch.data();
  StoreU32(at + 8, uint32_t(batch.size() - kLogOverheadBytes));
  StoreU32(at + 12, uint32_t(-1));
  at[16] = kMagic;
  StoreU32(at + 23, uint32_t(records - 1));
  StoreU64(at + 27, uint64_t(timestamp));
  StoreU64(at + 35, uint64_t(timestamp + records - 1));
  StoreU64(at + 43, uint64_t(-1));
  StoreU16(at + 51, uint16_t(-1));
  StoreU32(at + 53, uint32_t(-1));
  StoreU32(at + 57, uint32_t(records));
  StoreU32(at + 17, Crc32cPortable(at + kCrcFrom, batch.size() - size_t(kCrcFrom)));
  return batch;
}

void Feeder::Append(const std::vector<std::vector<uint8_t>>& batches, int32_t flags, double append_time) {
  slab_.clear();
  rows.clear();
  int64_t offset = next;
  for (const auto& batch : batches) {
    Row row{};
    row.slab = 0;
    row.position = int32_t(slab_.size());
    row.length = int32_t(batch.size());
    row.flags = flags;
    row.leader_epoch = leader_epoch;
    row.base_offset = double(offset);
    row.append_time = append_time;
    row.max_timestamp_found = append_time;
    slab_.insert(slab_.end(), batch.begin(), batch.end());
    offset += LoadI32(batch.data() + 23) + 1;
    rows.push_back(row);
  }
  const std::vector<uint8_t> before = slab_;
  const Slabs slabs{{slab_.data(), int64_t(slab_.size())}};
  log_->Append(rows.data(), int32_t(rows.size()), slabs);
  CHECK(slab_ == before);
  next = offset;
}

std::vector<uint8_t> FileBytes(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

int64_t FileLength(const std::string& path) {
  struct stat status;
  return ::stat(path.c_str(), &status) == 0 ? int64_t(status.st_size) : -1;
}

bool Exists(const std::string& path) { return FileLength(path) >= 0; }

std::vector<uint8_t> RangeBytes(const FileRange& range) {
  std::vector<uint8_t> bytes(size_t(range.length));
  bytes.resize(size_t(ReadAt(range.file->fd, range.file->path, bytes.data(), range.length, range.position)));
  return bytes;
}

}  // namespace millrace::test

namespace millrace {
// poller_test.cc; returns the number of failed checks.
__attribute__((weak)) int RunPollerTests();
}  // namespace millrace

TEST(poller) {
  if (millrace::RunPollerTests != nullptr) CHECK_EQ(millrace::RunPollerTests(), 0);
}

int main(int count, char** names) {
  using namespace millrace::test;
  int ran = 0;
  for (const Case& test : Cases()) {
    bool wanted = count == 1;
    for (int i = 1; i < count; i++) wanted |= std::strcmp(names[i], test.name) == 0;
    if (!wanted) continue;
    const int before = failures;
    try {
      test.run();
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s threw: %s\n", test.name, error.what());
      failures++;
    }
    std::fprintf(stderr, "%s %s\n", failures == before ? "ok    " : "FAILED", test.name);
    ran++;
  }
  std::fprintf(stderr, "%d cases, %d failed checks\n", ran, failures);
  return failures == 0 && ran > 0 ? 0 : 1;
}
