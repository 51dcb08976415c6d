// A log by one thread: append with both engines, indexes, look-ups, roll, truncate, recycle, a full disk.
#include "core_test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "crc32c.h"
#include "file_io.h"
#include "log_registry.h"
#include "scan.h"
#include "sealed_files.h"

using namespace millrace;
using namespace millrace::test;

namespace {

LogOptions With(AppendEngine engine, int64_t segment_bytes = 1 << 20, int64_t interval = 4096) {
  LogOptions options;
  options.engine = engine;
  options.segment_bytes = segment_bytes;
  options.index_interval_bytes = interval;
  return options;
}

std::string Base(const TempDirectory& directory, int64_t base, const char* suffix) {
  return SegmentPath(directory.path, base, suffix);
}

// Everything of the segment as it was appended, offsets and epochs stamped.
std::vector<uint8_t> Stamped(const std::vector<std::vector<uint8_t>>& batches, int64_t offset, int32_t epoch) {
  std::vector<uint8_t> all;
  for (auto batch : batches) {
    StoreU64(batch.data(), uint64_t(offset));
    StoreU32(batch.data() + 12, uint32_t(epoch));
    offset += LoadI32(batch.data() + 23) + 1;
    all.insert(all.end(), batch.begin(), batch.end());
  }
  return all;
}

std::vector<std::vector<uint8_t>> Mixed(int count) {
  std::vector<std::vector<uint8_t>> batches;
  for (int i = 0; i < count; i++) batches.push_back(MakeBatch(1 + i % 5, size_t(10 + i * 37 % 900), 1000 + i * 10));
  return batches;
}

bool ZeroBehind(const std::vector<uint8_t>& file, int64_t tail) {
  const auto from = file.begin() + std::min(tail, int64_t(file.size()));
  const auto to = file.begin() + std::min(tail + kHeaderBytes, int64_t(file.size()));
  return std::all_of(from, to, [](uint8_t byte) { return byte == 0; });
}

struct Scanned {
  std::vector<Row> rows;
  ScanResult result;
};
Scanned ScanAll(Log& log, int64_t base, int32_t flags, int32_t table = 7) {
  Scanned all;
  std::vector<Row> rows{size_t(table)};
  int64_t from = 0;
  do {
    const int32_t count = log.Scan(base, from, flags, rows.data(), table, all.result);
    all.rows.insert(all.rows.end(), rows.begin(), rows.begin() + count);
    from = all.result.next_position;
  } while (all.result.stop == kTableFull);
  return all;
}

void CheckSameBytes(AppendEngine engine) {
  TempDirectory directory;
  auto log = std::make_shared<Log>(directory.path, With(engine, 4 << 20));
  log->CreateSegment(0);
  Feeder feeder(log);
  const auto small = Mixed(50);
  std::vector<std::vector<uint8_t>> large(3, MakeBatch(2, 100000));
  feeder.Append(small);
  feeder.Append(large);
  for (const auto& batch : small) feeder.Append({batch});
  auto all = small;
  all.insert(all.end(), large.begin(), large.end());
  all.insert(all.end(), small.begin(), small.end());
  const std::vector<uint8_t> expected = Stamped(all, 0, 7);
  const auto file = FileBytes(Base(directory, 0, ".log"));
  CHECK(file.size() >= expected.size() && std::equal(expected.begin(), expected.end(), file.begin()));
  CHECK(ZeroBehind(file, int64_t(expected.size())));
  const SegmentSpace* space = log->active()->space();
  if (engine == AppendEngine::kMmap) CHECK_EQ(space->pwrite_writes(), 0);
  if (engine == AppendEngine::kPwrite) CHECK_EQ(space->mapped_writes(), 0);
  if (engine == AppendEngine::kAuto) CHECK(space->pwrite_writes() > 1 && space->mapped_writes() > 1);
  FileRange range;
  int64_t base;
  CHECK_EQ(log->Read(0, feeder.next, 1 << 30, true, range, base), int32_t(kReadFound));
  CHECK(RangeBytes(range) == expected);
  log->Seal(0);
  CHECK_EQ(FileLength(Base(directory, 0, ".log")), int64_t(expected.size()));
  const Scanned scanned = ScanAll(*log, 0, kScanVerify);
  CHECK_EQ(scanned.rows.size(), all.size());
  CHECK_EQ(scanned.result.stop, int32_t(kEndOfFile));
}

}  // namespace

TEST(append_mmap_writes_the_bytes) { CheckSameBytes(AppendEngine::kMmap); }
TEST(append_pwrite_writes_the_bytes) { CheckSameBytes(AppendEngine::kPwrite); }
TEST(append_auto_uses_both) { CheckSameBytes(AppendEngine::kAuto); }

TEST(append_stamps_timestamps_and_renews_the_crc) {
  for (AppendEngine engine : {AppendEngine::kMmap, AppendEngine::kPwrite}) {
    TempDirectory directory;
    auto log = std::make_shared<Log>(directory.path, With(engine));
    log->CreateSegment(0);
    Feeder feeder(log);
    feeder.Append({MakeBatch(2, 5, 10)}, kLogAppendTime, 777000);
    feeder.Append({MakeBatch(2, 5, 10)}, kFixMaxTimestamp, 99);
    feeder.Append({MakeBatch(2, 5, 10)}, kFixMaxTimestamp, 11);  // already right
    const Scanned scanned = ScanAll(*log, 0, kScanVerify);
    CHECK_EQ(scanned.rows.size(), 3u);
    CHECK_EQ(scanned.rows[0].max_timestamp, 777000.0);
    CHECK_EQ(scanned.rows[0].attributes, 8);
    CHECK_EQ(scanned.rows[1].max_timestamp, 99.0);
    CHECK_EQ(scanned.rows[1].attributes, 0);
    CHECK_EQ(scanned.rows[2].max_timestamp, 11.0);
    CHECK_EQ(scanned.rows[2].leader_epoch, 7);
  }
}

TEST(append_refuses_what_breaks_the_contract) {
  TempDirectory directory;
  auto log = std::make_shared<Log>(directory.path, With(AppendEngine::kAuto));
  Feeder feeder(log);
  CHECK_EQ(Thrown([&] { feeder.Append({MakeBatch(1, 1)}); }), -1);  // no segment
  log->CreateSegment(100);
  CHECK_EQ(Thrown([&] { feeder.Append({MakeBatch(1, 1)}); }), -1);  // offset 0 below the base
  feeder.next = 100;
  feeder.Append({MakeBatch(2, 1)});
  feeder.next = 101;
  CHECK_EQ(Thrown([&] { feeder.Append({MakeBatch(1, 1)}); }), -1);  // overlaps
  feeder.next = 102;
  auto wrong = MakeBatch(1, 1);
  wrong[16] = 1;
  CHECK_EQ(Thrown([&] { feeder.Append({MakeBatch(1, 1), wrong}); }), -1);
  CHECK_EQ(log->active()->published().end_offset, 102);
  feeder.next = 100 + (int64_t(1) << 31);
  CHECK_EQ(Thrown([&] { feeder.Append({MakeBatch(1, 1)}); }), -1);
  CHECK_EQ(Thrown([&] { log->CreateSegment(50); }), -1);
  CHECK_EQ(Thrown([&] { log->AddSegment(100, 1); }), -1);
  CHECK_EQ(Thrown([&] { log->Info(7); }), -1);
  feeder.next = 102;
  feeder.Append({MakeBatch(1, 1)});  // still works
  feeder.Append({MakeBatch(1, 1)}, kSkip);
  CHECK_EQ(log->active()->published().end_offset, 103);
}

TEST(indexes_follow_the_interval_rule) {
  TempDirectory directory;
  auto log = std::make_shared<Log>(directory.path, With(AppendEngine::kAuto, 16 << 20, 100));
  log->CreateSegment(5);
  Feeder feeder(log);
  feeder.next = 5;
  std::vector<int32_t> expected_offsets;
  int64_t since = 0;
  int64_t position = 0;
  for (int i = 0; i < 3000; i++) {  // more rows than wait in memory
    const auto batch = MakeBatch(1 + i % 3, size_t(i % 90), 1000 + i % 700);
    if (since > 100) {
      expected_offsets.push_back(int32_t(feeder.next + i % 3 - 5));
      expected_offsets.push_back(int32_t(position));
      since = 0;
    }
    since += int64_t(batch.size());
    position += int64_t(batch.size());
    feeder.Append({batch});
  }
  const SegmentInfo info = log->Info(5);
  CHECK_EQ(info.offset_index_entries, int64_t(expected_offsets.size() / 2));
  CHECK_EQ(info.size_bytes, position);
  CHECK_EQ(info.bytes_since_index_entry, since);
  CHECK_EQ(info.first_batch_max_timestamp, 1000);
  log->Seal(5);
  const auto index = FileBytes(Base(directory, 5, ".index"));
  CHECK_EQ(index.size(), expected_offsets.size() * 4);
  for (size_t i = 0; i < expected_offsets.size() && i * 4 + 4 <= index.size(); i++) {
    CHECK(LoadI32(index.data() + i * 4) == expected_offsets[i]);
  }
  // The rebuild of recovery gives the same files.
  const auto times = FileBytes(Base(directory, 5, ".timeindex"));
  const int64_t size = FileLength(Base(directory, 5, ".log"));
  auto again = std::make_shared<Log>(directory.path, With(AppendEngine::kAuto, 16 << 20, 100));
  again->AddSegment(5, size);
  ::unlink(Base(directory, 5, ".index").c_str());
  ::unlink(Base(directory, 5, ".timeindex").c_str());
  CHECK_EQ(ScanAll(*again, 5, kScanVerify | kScanRebuildIndexes, 100).result.stop, int32_t(kEndOfFile));
  CHECK(FileBytes(Base(directory, 5, ".index")) == index);
  CHECK(FileBytes(Base(directory, 5, ".timeindex")) == times);
  again->Activate();
  CHECK_EQ(again->active()->published().end_offset, feeder.next);
  for (int64_t offset = 5; offset < feeder.next; offset += 97) {
    Found found;
    CHECK(again->FindBatch(offset, found));
    CHECK(found.header.base_offset <= offset && offset <= found.header.last_offset());
  }
}

TEST(a_full_index_gets_no_rows) {
  TempDirectory directory;
  LogOptions options = With(AppendEngine::kAuto, 1 << 20, 0);
  options.index_bytes_max = 24;
  auto log = std::make_shared<Log>(directory.path, options);
  log->CreateSegment(0);
  Feeder feeder(log);
  for (int i = 0; i < 20; i++) feeder.Append({MakeBatch(1, 10, 1000 + i)});
  CHECK_EQ(log->Info(0).offset_index_entries, 3);
  CHECK_EQ(log->Info(0).time_index_entries, 1);
  log->Seal(0);
  CHECK_EQ(log->Info(0).time_index_entries, 2);  // the reserved row of the seal
}

TEST(read_cuts_where_the_contract_says) {
  TempDirectory directory;
  auto log = std::make_shared<Log>(directory.path, With(AppendEngine::kAuto, 1 << 20, 200));
  FileRange range;
  int64_t base = -1;
  CHECK_EQ(log->Read(0, 10, 100, true, range, base), int32_t(kReadEmpty));
  log->CreateSegment(10);
  Feeder feeder(log);
  feeder.next = 10;
  const auto batch = MakeBatch(5, 20);
  const int64_t size = int64_t(batch.size());
  for (int i = 0; i < 20; i++) feeder.Append({batch});
  log->CreateSegment(feeder.next);
  log->Seal(10);
  for (int i = 0; i < 20; i++) feeder.Append({batch});
  const int64_t end = feeder.next;
  CHECK_EQ(log->Read(9, end, 100, true, range, base), int32_t(kReadOutOfRange));
  CHECK_EQ(log->Read(end, end, 100, true, range, base), int32_t(kReadEmpty));
  CHECK_EQ(log->Read(12, end, 1 << 30, false, range, base), int32_t(kReadFound));
  CHECK(base == 10 && range.position == 0 && range.length == 20 * size);
  CHECK_EQ(log->Read(16, 31, 1 << 30, false, range, base), int32_t(kReadFound));
  CHECK(range.position == size && range.length == 3 * size);  // 31 lies inside a batch: it stays out
  CHECK_EQ(log->Read(16, end, size - 1, false, range, base), int32_t(kReadEmpty));
  CHECK_EQ(log->Read(16, end, 0, true, range, base), int32_t(kReadFound));
  CHECK(range.position == size && range.length == size);
  CHECK_EQ(log->Read(16, end, size + 7, false, range, base), int32_t(kReadFound));
  CHECK(range.length == size + 7);
  CHECK_EQ(log->Read(110, end, 1 << 30, false, range, base), int32_t(kReadFound));
  CHECK(base == 110 && range.length == 20 * size);
  CHECK_EQ(log->ReadableBytes(205, end), size);
  // A consumer that follows the tail.
  for (int i = 0; i < 5; i++) {
    const int64_t from = feeder.next;
    feeder.Append({batch});
    CHECK_EQ(log->Read(from, feeder.next, 1 << 20, false, range, base), int32_t(kReadFound));
    CHECK(range.length == size);
  }
}

TEST(timestamps_are_found_across_segments) {
  TempDirectory directory;
  auto log = std::make_shared<Log>(directory.path, With(AppendEngine::kAuto, 1 << 20, 50));
  Feeder feeder(log);
  for (int segment = 0; segment < 3; segment++) {
    if (segment > 0) log->Seal((segment - 1) * 100);
    log->CreateSegment(segment * 100);
    for (int i = 0; i < 100; i++) feeder.Append({MakeBatch(1, 10, segment * 1000 + i * 2)});
  }
  Found found;
  CHECK(log->FindByTimestamp(1051, 0, found));
  CHECK_EQ(found.header.base_offset, 126);
  CHECK(log->FindByTimestamp(1051, 150, found));
  CHECK_EQ(found.header.base_offset, 150);
  CHECK(log->FindByTimestamp(-1, 0, found) && found.header.base_offset == 0);
  CHECK(!log->FindByTimestamp(2199, 0, found));
  CHECK(log->MaxTimestampBatch(found) && found.header.base_offset == 299);
}

TEST(truncate_cuts_log_and_indexes_and_appends_go_on) {
  TempDirectory directory;
  auto log = std::make_shared<Log>(directory.path, With(AppendEngine::kAuto, 1 << 20, 50));
  log->CreateSegment(0);
  Feeder feeder(log);
  for (int i = 0; i < 100; i++) feeder.Append({MakeBatch(1, 10, 1000 + i)});
  Found found;
  CHECK(log->FindBatch(40, found));
  FileRange before;
  int64_t base;
  log->Read(0, 100, 1 << 20, true, before, base);
  const auto old_bytes = RangeBytes(before);
  log->Truncate(0, found.position, 40);
  const SegmentInfo info = log->Info(0);
  CHECK_EQ(info.size_bytes, found.position);
  CHECK_EQ(info.max_timestamp, 1039);
  CHECK_EQ(info.offset_of_max_timestamp, 39);
  CHECK_EQ(info.offset_index_entries, 39);
  feeder.next = 40;
  feeder.Append({MakeBatch(3, 300, 5000)});
  CHECK(RangeBytes(before) == old_bytes);  // who reads the old life keeps it
  FileRange after;
  CHECK_EQ(log->Read(40, 43, 1 << 20, true, after, base), int32_t(kReadFound));
  CHECK_EQ(after.position, found.position);
  CHECK_EQ(ScanAll(*log, 0, kScanVerify).rows.size(), 41u);
  CHECK_EQ(Thrown([&] { log->Truncate(0, 1 << 20, 43); }), -1);
}

TEST(recycled_files_hide_their_older_life) {
  TempDirectory directory;
  auto log = std::make_shared<Log>(directory.path, With(AppendEngine::kAuto, 256 << 10));
  Feeder feeder(log);
  const auto batch = MakeBatch(3, 500);
  log->CreateSegment(0);
  for (int i = 0; i < 100; i++) feeder.Append({batch});
  FileRange held;
  int64_t base;
  log->Read(0, feeder.next, 1 << 20, true, held, base);
  log->CreateSegment(feeder.next);
  log->Seal(0);
  log->RemoveSegment(0, ".deleted");
  const std::string gone = Base(directory, 0, ".log.deleted");
  CHECK(Exists(gone) && !Exists(Base(directory, 0, ".log")));
  CHECK(!log->OfferRecycled(gone));  // a range is out
  held.file->unproven_senders++;
  held = {};
  CHECK(!log->OfferRecycled(gone));  // a connection may still show its pages
  // The same with proof.
  const int64_t second = log->active()->base_offset;
  for (int i = 0; i < 100; i++) feeder.Append({batch});
  log->CreateSegment(feeder.next);
  log->Seal(second);
  log->RemoveSegment(second, ".deleted");
  const std::string path = Base(directory, second, ".log.deleted");
  CHECK(log->OfferRecycled(path));
  CHECK(!Exists(path) && log->recycled() == 1);
  CHECK(!log->OfferRecycled(path));
  log->PrepareSegment();
  const int64_t third = log->active()->base_offset;
  feeder.Append({batch});
  log->CreateSegment(feeder.next);
  log->Seal(third);
  const int64_t base_now = feeder.next;
  const std::string file = Base(directory, base_now, ".log");
  CHECK(log->active()->space()->stale_end() > 100000);
  int64_t tail = 0;
  int stale_appends = 0;
  const SegmentSpace* space = log->active()->space();
  for (int i = 0; i < 40; i++) {
    const auto next = MakeBatch(1 + i % 4, size_t(i * 211 % 3000));
    const bool stale = tail < space->stale_end();
    feeder.Append({next, batch});
    tail += int64_t(next.size() + batch.size());
    CHECK(ZeroBehind(FileBytes(file), tail));
    // A pwrite may be cut anywhere by a kill, so what lies over an older life never comes by one.
    if (stale) CHECK(space->pwrite_writes() == 0 && ++stale_appends > 0);
  }
  CHECK(stale_appends > 20 && space->pwrite_writes() > 0);
  // As after a kill: the file as it lies there.
  Log after(directory.path, With(AppendEngine::kAuto));
  after.AddSegment(base_now, FileLength(file));
  const Scanned scanned = ScanAll(after, base_now, kScanVerify | kScanRebuildIndexes);
  CHECK_EQ(scanned.result.stop, int32_t(kZeroTail));
  CHECK_EQ(scanned.result.next_position, tail);
  CHECK_EQ(after.FindValidAfter(base_now, tail, feeder.next), -1);
}

TEST(scan_tells_ends_apart) {
  TempDirectory directory;
  std::vector<std::vector<uint8_t>> batches;
  {
    auto log = std::make_shared<Log>(directory.path, With(AppendEngine::kAuto));
    log->CreateSegment(0);
    Feeder feeder(log);
    for (int i = 0; i < 5; i++) feeder.Append({MakeBatch(2, 100)});
    log->Seal(0);
  }
  const std::string path = Base(directory, 0, ".log");
  const auto good = FileBytes(path);
  const int64_t size = int64_t(good.size()) / 5;
  const auto scan = [&](std::vector<uint8_t> bytes) {
    Fd fd(OpenFile(path, O_RDWR | O_TRUNC), path);
    WriteAt(fd.number, path, bytes.data(), int64_t(bytes.size()), 0);
    Log log(directory.path, With(AppendEngine::kAuto));
    log.AddSegment(0, int64_t(bytes.size()));
    Scanned scanned = ScanAll(log, 0, kScanVerify);
    scanned.result.next_valid_position =
        log.FindValidAfter(0, scanned.result.next_position, int64_t(scanned.rows.size()) * 2);
    return scanned;
  };
  CHECK_EQ(scan(good).result.stop, int32_t(kEndOfFile));
  auto bytes = good;
  bytes.resize(size_t(4 * size + 30));
  CHECK_EQ(scan(bytes).result.stop, int32_t(kTorn));
  bytes = good;
  bytes.resize(bytes.size() - 1);
  Scanned scanned = scan(bytes);
  CHECK(scanned.result.stop == kTorn && scanned.rows.size() == 4 && scanned.result.next_valid_position == -1);
  bytes = good;
  bytes.resize(bytes.size() + 5000);
  CHECK_EQ(scan(bytes).result.stop, int32_t(kZeroTail));
  bytes = good;
  bytes[size_t(2 * size + 80)] ^= 1;
  scanned = scan(bytes);
  CHECK(scanned.result.stop == kBadBatch && scanned.result.detail == kBadCrc && scanned.rows.size() == 2);
  CHECK_EQ(scanned.result.next_valid_position, 3 * size);
  bytes = good;
  bytes[size_t(2 * size + 16)] = 9;
  scanned = scan(bytes);
  CHECK(scanned.result.stop == kBadBatch && scanned.result.detail == kBadMagic);
  bytes = good;
  std::copy(good.begin(), good.begin() + size, bytes.begin() + 3 * size);
  CHECK_EQ(scan(bytes).result.stop, int32_t(kStaleBatch));
}

TEST(damage_is_an_error_and_not_an_end) {
  TempDirectory directory;
  {
    auto log = std::make_shared<Log>(directory.path, With(AppendEngine::kAuto));
    log->CreateSegment(0);
    Feeder feeder(log);
    for (int i = 0; i < 5; i++) feeder.Append({MakeBatch(2, 100)});
    log->Seal(0);
  }
  const std::string path = Base(directory, 0, ".log");
  const int64_t size = FileLength(path);
  Fd fd(OpenFile(path, O_RDWR), path);
  const uint8_t wrong = 200;
  WriteAt(fd.number, path, &wrong, 1, size / 5 * 2 + 16);
  Log log(directory.path, With(AppendEngine::kAuto));
  log.AddSegment(0, size);
  FileRange range;
  int64_t base;
  CHECK_EQ(log.Read(1, 10, 1 << 20, true, range, base), int32_t(kReadFound));
  CHECK_EQ(range.length, size / 5 * 2);
  CHECK_EQ(Thrown([&] { log.Read(5, 10, 1 << 20, true, range, base); }), EBADMSG);
  CHECK_EQ(Thrown([&] { log.Info(0); }), EBADMSG);
}

TEST(damaged_indexes_cost_time_only) {
  TempDirectory directory;
  {
    auto log = std::make_shared<Log>(directory.path, With(AppendEngine::kAuto, 1 << 20, 100));
    log->CreateSegment(0);
    Feeder feeder(log);
    for (int i = 0; i < 200; i++) feeder.Append({MakeBatch(2, 60, i)});
    log->Seal(0);
  }
  for (const char* suffix : {".index", ".timeindex"}) {
    auto bytes = FileBytes(Base(directory, 0, suffix));
    for (size_t i = 0; i < bytes.size(); i++) bytes[i] = uint8_t(i * 37 + 11);
    Fd fd(OpenFile(Base(directory, 0, suffix), O_RDWR), "index");
    WriteAt(fd.number, "index", bytes.data(), int64_t(bytes.size()), 0);
  }
  Log log(directory.path, With(AppendEngine::kAuto));
  log.AddSegment(0, FileLength(Base(directory, 0, ".log")));
  for (int64_t offset = 0; offset < 400; offset++) {
    Found found;
    CHECK(log.FindBatch(offset, found) && found.header.base_offset == offset / 2 * 2);
  }
  log.Activate();
  CHECK_EQ(log.active()->published().end_offset, 400);
}

TEST(left_overs_of_spare_files_go_at_open) {
  TempDirectory directory;
  {
    Log log(directory.path, With(AppendEngine::kAuto));
    log.PrepareSegment();
    CHECK(Exists(directory.path + "/0.millrace-next"));
  }
  CHECK(!Exists(directory.path + "/0.millrace-next"));
  Fd fd(OpenFile(directory.path + "/5.millrace-next", O_RDWR | O_CREAT), "left");
  Log log(directory.path, With(AppendEngine::kAuto));
  CHECK(!Exists(directory.path + "/5.millrace-next"));
}

TEST(registry_allows_one_writer) {
  TempDirectory directory;
  std::shared_ptr<Log> log;
  std::shared_ptr<Log> other;
  const int32_t token = RegistryOpen(directory.path, LogOptions{}, log);
  CHECK_EQ(Thrown([&] { RegistryOpen(directory.path, LogOptions{}, other); }), EBUSY);
  CHECK(RegistryAttach(directory.path, token) == log);
  CHECK_EQ(Thrown([&] { RegistryAttach("/elsewhere", token); }), -1);
  RegistryClose(token);
  const int32_t next = RegistryOpen(directory.path, LogOptions{}, other);
  CHECK(next != token && other != log);
  CHECK(RegistryAttach(directory.path, token) == log);
  log.reset();
  CHECK_EQ(Thrown([&] { RegistryAttach(directory.path, token); }), -1);
  RegistryClose(next);
  CHECK_EQ(Thrown([&] { RegistryOpen("/does/not/exist", LogOptions{}, other); }), ENOENT);
}

TEST(sealed_files_stay_below_the_limit) {
  TempDirectory directory;
  auto log = std::make_shared<Log>(directory.path, With(AppendEngine::kPwrite, 1 << 16));
  Feeder feeder(log);
  const auto batch = MakeBatch(1, 10);
  constexpr int64_t kSegments = 200;
  for (int64_t i = 0; i < kSegments; i++) {
    log->CreateSegment(i);
    feeder.Append({batch});
    log->Seal(i);
  }
  for (int turn = 0; turn < 2; turn++) {
    for (int64_t i = 0; i < kSegments; i++) {
      FileRange range;
      int64_t base;
      CHECK_EQ(log->Read(i, kSegments, 1 << 20, true, range, base), int32_t(kReadFound));
      CHECK(base == i && RangeBytes(range).size() == batch.size());
    }
    CHECK(SealedFilesCount() <= kOpenSealedSegmentsMax);
  }
  log->Flush(0);
  CHECK(SealedFilesCount() <= kOpenSealedSegmentsMax);
}

// A disk that is full: a small tmpfs where we may mount one, else the file size limit of the process.
TEST(a_full_disk_is_an_error_of_append) {
  TempDirectory directory;
  const bool mounted = ::mount("tmpfs", directory.path.c_str(), "tmpfs", 0, "size=1m") == 0;
  rlimit old{};
  if (!mounted) {
    ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &old);
    const rlimit small{1 << 20, old.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
  }
  {
    for (AppendEngine engine : {AppendEngine::kMmap, AppendEngine::kPwrite, AppendEngine::kAuto}) {
      auto log = std::make_shared<Log>(directory.path, With(engine, 64 << 20));
      log->CreateSegment(0);
      Feeder feeder(log);
      const auto batch = MakeBatch(1, 30000);
      int full = 0;
      for (int i = 0; i < 100 && full == 0; i++) full = Thrown([&] { feeder.Append({batch, batch}); });
      CHECK(full == ENOSPC || full == EFBIG);
      CHECK(feeder.next > 20);  // the steps shrink before they fail
      const Published pair = log->active()->published();
      CHECK_EQ(pair.end_offset, feeder.next);
      CHECK_EQ(pair.size, feeder.next * int64_t(batch.size()));
      CHECK_EQ(int64_t(ScanAll(*log, 0, kScanVerify).rows.size()), feeder.next);
      // Room again: the same append works.
      log->Truncate(0, 10 * int64_t(batch.size()), 10);
      feeder.next = 10;
      feeder.Append({batch, batch});
      CHECK_EQ(int64_t(ScanAll(*log, 0, kScanVerify).rows.size()), 12);
      log->RemoveSegment(0, ".deleted");
      ::unlink(Base(directory, 0, ".log.deleted").c_str());
    }
    LogOptions whole = With(AppendEngine::kAuto, 64 << 20);
    whole.preallocate = true;
    Log log(directory.path, whole);
    const int thrown = Thrown([&] { log.CreateSegment(0); });
    CHECK(thrown == ENOSPC || thrown == EFBIG);
    CHECK(!Exists(Base(directory, 0, ".log")));
    log.SetOptions(With(AppendEngine::kAuto));
    log.CreateSegment(0);
  }
  if (mounted) ::umount(directory.path.c_str());
  if (!mounted) ::setrlimit(RLIMIT_FSIZE, &old);
}

TEST(flush_fails_for_good) {
  TempDirectory directory;
  auto log = std::make_shared<Log>(directory.path, With(AppendEngine::kAuto));
  log->CreateSegment(0);
  Feeder feeder(log);
  feeder.Append({MakeBatch(1, 10)});
  CHECK_EQ(Thrown([&] { log->Flush(0); }), 0);
  Log broken(directory.path, With(AppendEngine::kAuto));
  broken.AddSegment(50, 100);  // its file is not there
  CHECK_EQ(Thrown([&] { broken.Flush(0); }), ENOENT);
  Fd fd(OpenFile(Base(directory, 50, ".log"), O_RDWR | O_CREAT), "now it is there");
  CHECK_EQ(Thrown([&] { broken.Flush(0); }), ENOENT);
}

// A child appends without end and is killed at random moments; what lies there must end where recovery can cut.
TEST(a_kill_leaves_a_tail_that_can_be_cut) {
  for (int turn = 0; turn < 24; turn++) {
    TempDirectory directory;
    const bool pwrite = turn % 3 == 2;
    auto log = std::make_shared<Log>(directory.path, With(pwrite ? AppendEngine::kPwrite : AppendEngine::kMmap, 4 << 20));
    Feeder feeder(log);
    log->CreateSegment(0);
    if (turn % 3 == 0) {  // over an older life
      const std::vector<std::vector<uint8_t>> fill(100, MakeBatch(1, 30000));
      feeder.Append(fill);
      const int64_t base = feeder.next;
      log->CreateSegment(base);
      log->Seal(0);
      log->RemoveSegment(0, ".deleted");
      CHECK(log->OfferRecycled(Base(directory, 0, ".log.deleted")));
      feeder.Append({MakeBatch(1, 1)});
      log->CreateSegment(feeder.next);
      CHECK(log->active()->space()->stale_end() > 0);
    }
    const int64_t base = feeder.next;
    const pid_t child = ::fork();
    if (child == 0) {
      const std::vector<std::vector<uint8_t>> drain{MakeBatch(3, 10), MakeBatch(1, 9000), MakeBatch(2, 700)};
      while (log->active()->published().size < (3 << 20)) feeder.Append(drain);
      for (;;) ::pause();
    }
    ::usleep(useconds_t(500 + turn * 700));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    const std::string path = Base(directory, base, ".log");
    Log after(directory.path, With(AppendEngine::kAuto));
    after.AddSegment(base, FileLength(path));
    const Scanned scanned = ScanAll(after, base, kScanVerify);
    const ScanResult& result = scanned.result;
    const auto file = FileBytes(path);
    if (!pwrite && result.stop != kEndOfFile) {
      // No header, or one whose length was not written yet.
      CHECK(result.stop == kZeroTail || (result.detail == kTooSmall && LoadI32(file.data() + result.next_position + 8) == 0));
    }
    const int64_t expected = scanned.rows.empty() ? base : ToInt64(scanned.rows.back().base_offset) +
                                                               scanned.rows.back().last_offset_delta + 1;
    CHECK_EQ(after.FindValidAfter(base, result.next_position, expected), -1);
  }
}
