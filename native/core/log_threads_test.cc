// One appender and several readers at once: rolls, removals, recycling, truncation of nothing a reader may hold.
#include <atomic>
#include <thread>

#include "batch_header.h"
#include "core_test.h"
#include "crc32c.h"

using namespace millrace;
using namespace millrace::test;

namespace {

// Every whole batch in the range is intact and offsets rise; returns the offset behind the last one.
int64_t CheckRange(const FileRange& range, int64_t fetch_offset, int64_t end_offset) {
  const std::vector<uint8_t> bytes = RangeBytes(range);
  CHECK_EQ(int64_t(bytes.size()), range.length);
  int64_t next = -1;
  for (size_t at = 0; at + size_t(kHeaderBytes) <= bytes.size();) {
    const BatchHeader header = BatchHeader::Parse(bytes.data() + at);
    if (at + size_t(header.size()) > bytes.size()) break;  // cut at the byte limit
    CHECK(header.Plausible(0, int64_t(bytes.size() - at)));
    CHECK(Crc32c(bytes.data() + at + kCrcFrom, size_t(header.size() - kCrcFrom)) == header.crc);
    if (next < 0) CHECK(header.base_offset <= fetch_offset && fetch_offset <= header.last_offset());
    if (next >= 0) CHECK_EQ(header.base_offset, next);
    CHECK(header.last_offset() < end_offset);
    next = header.next_offset();
    at += size_t(header.size());
  }
  return next;
}

}  // namespace

TEST(readers_beside_the_appender_see_whole_batches) {
  TempDirectory directory;
  LogOptions options;
  options.segment_bytes = 128 << 10;
  options.index_interval_bytes = 1024;
  auto log = std::make_shared<Log>(directory.path, options);
  log->CreateSegment(0);
  std::atomic<int64_t> start{0};
  std::atomic<int64_t> end{0};
  std::atomic<bool> stop{false};
  std::atomic<int64_t> reads{0};

  const auto reader = [&](int64_t bytes_max) {
    int64_t offset = 0;
    while (!stop) {
      const int64_t until = end.load(std::memory_order_acquire);
      FileRange range;
      int64_t base;
      const int32_t status = log->Read(offset, until, bytes_max, true, range, base);
      if (status == kReadOutOfRange) {
        offset = start.load(std::memory_order_acquire);
      } else if (status == kReadFound) {
        offset = CheckRange(range, offset, until);
        reads++;
        Found found;
        if (reads % 16 == 0 && log->FindByTimestamp(offset - 1, 0, found)) CHECK(found.header.max_timestamp >= offset - 1);
        if (reads % 64 == 0) log->SizeBytes();
      }
    }
  };
  std::vector<std::thread> threads;
  threads.emplace_back(reader, 300);
  threads.emplace_back(reader, 1 << 20);
  threads.emplace_back([&] {
    while (!stop) {
      log->PrepareSegment();
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  });

  Feeder feeder(log);
  std::vector<int64_t> bases{0};
  std::vector<std::string> removed;
  int recycled = 0;
  for (int i = 0; i < 3000; i++) {
    std::vector<std::vector<uint8_t>> drain;
    for (int j = 0; j <= i % 4; j++) drain.push_back(MakeBatch(1 + (i + j) % 5, size_t((i * 131 + j) % 800), feeder.next));
    feeder.Append(drain);
    end.store(feeder.next, std::memory_order_release);
    if (log->active()->published().size < 100 << 10) continue;
    log->CreateSegment(feeder.next);
    log->Seal(bases.back());
    bases.push_back(feeder.next);
    if (bases.size() <= 4) continue;
    start.store(bases[1], std::memory_order_release);
    log->RemoveSegment(bases[0], ".deleted");
    removed.push_back(SegmentPath(directory.path, bases[0], ".log.deleted"));
    bases.erase(bases.begin());
    for (const auto& path : removed) recycled += log->OfferRecycled(path);
  }
  stop = true;
  for (auto& thread : threads) thread.join();
  CHECK(reads > 100);
  CHECK(recycled > 0);
}

TEST(tokens_of_ranges_pass_between_threads) {
  auto file = std::make_shared<SegmentFile>();
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; thread++) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 5000; i++) {
        const int32_t token = RangePutOwned({file, thread, i}, uint64_t(1000 + thread));
        const FileRange range = RangeTake(token);
        CHECK(range.position == thread && range.length == i);
      }
      RangeReleaseOwner(uint64_t(1000 + thread));
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK_EQ(file.use_count(), 1);
}
