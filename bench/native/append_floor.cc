// Append GB/s and ns per drain of the native engine, no JavaScript: mmap and pwrite over fresh space, mmap over a
// recycled file, drains of several sizes. One thread.
//   g++ -O2 -std=c++20 -Inative bench/native/append_floor.cc $(ls native/core/*.cc | grep -v -e _test.cc -e poller) -lpthread -o /tmp/append_floor
//   /tmp/append_floor <directory on the disk to measure> [MiB per case, default 256]
#include <time.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "core/batch_header.h"
#include "core/crc32c.h"
#include "core/log.h"

using namespace millrace;

namespace {

double Seconds() {
  timespec now;
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return double(now.tv_sec) + double(now.tv_nsec) / 1e9;
}

std::vector<uint8_t> Batch(size_t bytes) {
  std::vector<uint8_t> batch(bytes, 'x');
  std::memset(batch.data(), 0, size_t(kHeaderBytes));
  StoreU32(batch.data() + 8, uint32_t(bytes - 12));
  batch[16] = kMagic;
  StoreU32(batch.data() + 57, 1);
  StoreU32(batch.data() + 17, Crc32c(batch.data() + kCrcFrom, bytes - size_t(kCrcFrom)));
  return batch;
}

// Appends `bytes` in drains of one batch; returns seconds.
double Fill(Log& log, const std::vector<uint8_t>& batch, int64_t bytes, int64_t& offset) {
  const Slabs slabs{{batch.data(), int64_t(batch.size())}};
  Row row{};
  row.length = int32_t(batch.size());
  const double start = Seconds();
  for (int64_t done = 0; done < bytes; done += row.length) {
    row.base_offset = double(offset++);
    log.Append(&row, 1, slabs);
  }
  return Seconds() - start;
}

void Print(const char* what, size_t drain, int64_t bytes, double seconds) {
  std::printf("%-16s %8zu B/drain  %6.2f GB/s  %8.0f ns/drain\n", what, drain, double(bytes) / seconds / 1e9,
              seconds * 1e9 * double(drain) / double(bytes));
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) return std::fprintf(stderr, "usage: append_floor DIRECTORY [MiB]\n"), 2;
  const int64_t bytes = int64_t(count > 2 ? std::atoi(arguments[2]) : 256) << 20;
  for (size_t drain : {size_t(200), size_t(8) << 10, size_t(64) << 10, size_t(1) << 20}) {
    const auto batch = Batch(drain);
    const int64_t amount = drain < 1000 ? bytes / 8 : bytes;
    for (AppendEngine engine : {AppendEngine::kMmap, AppendEngine::kPwrite}) {
      LogOptions options;
      options.engine = engine;
      Log log(arguments[1], options);
      int64_t offset = 0;
      log.CreateSegment(0);
      Print(engine == AppendEngine::kMmap ? "mmap fresh" : "pwrite fresh", drain, amount,
            Fill(log, batch, amount, offset));
      log.CreateSegment(offset);
      log.Seal(0);
      log.RemoveSegment(0, ".deleted");
      const std::string path = SegmentPath(arguments[1], 0, ".log") + ".deleted";
      if (engine == AppendEngine::kMmap && log.OfferRecycled(path)) {
        const int64_t base = offset;
        Fill(log, batch, int64_t(drain), offset);
        log.CreateSegment(offset);
        log.Seal(base);
        Print("mmap recycled", drain, amount, Fill(log, batch, amount - int64_t(drain), offset));
      }
    }
    std::system((std::string("rm -f ") + arguments[1] + "/*").c_str());
  }
  return 0;
}
