// fetch: catch-up reads by one or more consumers, each of which reads everything.
#include <memory>
#include <vector>

#include "catch_up.h"
#include "modes.h"
#include "window.h"

namespace bench {
namespace {

CatchUpCounts Sum(const std::vector<std::unique_ptr<CatchUp>>& readers) {
  CatchUpCounts sum;
  for (const auto& reader : readers) {
    sum.requests += reader->counts.requests;
    sum.bytes += reader->counts.bytes;
    sum.records += reader->counts.records;
  }
  return sum;
}

}  // namespace

int Fetch(int port, const std::string& topic, const Options& options) {
  const CatchUpShape shape{topic, static_cast<int32_t>(options.Number("partitions", 1)),
                           static_cast<int32_t>(options.Number("max", 1 << 20)), options.Number("verify", 0) != 0,
                           options.Number("loop", 0) != 0 ? AtTheEnd::kStartAgain : AtTheEnd::kStop};
  const uint64_t bytes_max = static_cast<uint64_t>(options.Number("bytes", 0));
  EventLoop loop;
  Window window(options);
  std::vector<std::unique_ptr<CatchUp>> readers;
  for (int64_t i = 0; i < options.Number("connections", 1); i++) {
    readers.push_back(std::make_unique<CatchUp>(port, shape, loop));
    readers.back()->Start();
  }
  const uint64_t window_at = NowMicros() + static_cast<uint64_t>(options.Real("warm", 0) * 1e6);
  const uint64_t end = window_at + static_cast<uint64_t>(options.Real("seconds", 600) * 1e6);
  for (bool measuring = false, busy = true; busy;) {
    const uint64_t now = NowMicros();
    if (!measuring && now >= window_at) {
      for (auto& reader : readers) reader->counts = {};
      window.Begin();
      measuring = true;
    }
    const bool enough = now >= end || (measuring && bytes_max > 0 && Sum(readers).bytes >= bytes_max);
    busy = false;
    for (auto& reader : readers) {
      if (enough) reader->Stop();
      busy = busy || !reader->idle();
    }
    if (!busy && !measuring) Die("the end was reached while warming up: loop=1 starts again");
    if (now > end + 60'000'000) Die("answers are missing after 60 s");
    if (busy) loop.Turn(50'000);
  }
  window.End();
  const CatchUpCounts sum = Sum(readers);
  Histogram latency;
  for (const auto& reader : readers) latency.Merge(reader->counts.latency);
  Result result;
  result.Count("requests", sum.requests);
  result.Count("errors", 0);
  result.Count("records", sum.records);
  result.Count("bytes", sum.bytes);
  result.Percentiles("", latency);
  window.AddTo(&result);
  result.Print();
  return 0;
}

}  // namespace bench
