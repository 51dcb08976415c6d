// create, ready, readable: how long until a topic's partitions have leaders, answer, can be read.
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "../common/clock.h"
#include "connection.h"
#include "modes.h"
#include "requests.h"
#include "result.h"

namespace bench {
namespace {

constexpr uint64_t kPatienceMicros = 120'000'000;
constexpr useconds_t kPauseMicros = 1000;

// Asks until it is answered, connecting anew whenever the broker is not there (yet).
class PatientCaller {
 public:
  explicit PatientCaller(int port) : port_(port) {}
  Span Ask(const Bytes& request) {
    for (;;) {
      if (!caller_) caller_ = std::make_unique<Caller>(port_);
      if (const auto answer = caller_->TryAsk(request)) return *answer;
      caller_.reset();
      Pause();
    }
  }
  void Pause() const {
    if (NowMicros() - start_ > kPatienceMicros) Die("the broker was not ready after 120 s");
    usleep(kPauseMicros);
  }

 private:
  const int port_;
  const uint64_t start_ = NowMicros();
  std::unique_ptr<Caller> caller_;
};

std::vector<int32_t> UpTo(int64_t partitions) {
  std::vector<int32_t> all;
  for (int32_t p = 0; p < partitions; p++) all.push_back(p);
  return all;
}

// Waits for a leader of `partitions` partitions (0 = of those there are); returns how many there are.
int32_t WaitForLeaders(PatientCaller& caller, const std::string& topic, bool create, int32_t partitions) {
  for (;; caller.Pause()) {
    const TopicLeaders found = ReadMetadata(caller.Ask(MetadataRequest(topic, create)));
    const int32_t wanted = partitions > 0 ? partitions : found.partitions;
    if (found.error == 0 && wanted > 0 && found.with_leader >= wanted) return found.partitions;
  }
}

// The offset of every partition, asked again for those with an error until none is left.
std::vector<int64_t> WaitForOffsets(PatientCaller& caller, const std::string& topic, int64_t partitions, int64_t timestamp) {
  std::vector<int64_t> offsets(static_cast<size_t>(partitions), -1);
  std::vector<int32_t> left = UpTo(partitions);
  for (;;) {
    for (const ListedOffset& one : ReadListOffsets(caller.Ask(ListOffsetsRequest(topic, left, timestamp)))) {
      if (one.error == 0) offsets.at(static_cast<size_t>(one.partition)) = one.offset;
    }
    std::erase_if(left, [&](int32_t p) { return offsets[static_cast<size_t>(p)] >= 0; });
    if (left.empty()) return offsets;
    caller.Pause();
  }
}

// Reads the last batch of every partition that has one; returns the bytes it got.
uint64_t ReadLastBatches(PatientCaller& caller, const std::string& topic, const std::vector<int64_t>& first,
                         const std::vector<int64_t>& end) {
  std::vector<FetchPosition> left;
  for (size_t p = 0; p < end.size(); p++) {
    if (end[p] > first[p]) left.push_back({static_cast<int32_t>(p), end[p] - 1});
  }
  FetchShape shape;
  shape.wait_ms = 100;
  shape.max_bytes = 64 << 20;
  shape.partition_max_bytes = 2 << 20;
  uint64_t bytes = 0;
  Fetched fetched;
  while (!left.empty()) {
    const size_t before = left.size();
    ReadFetch(caller.Ask(FetchRequest(topic, left, shape)), &fetched);
    for (const FetchedPartition& got : fetched.partitions) {
      if (got.error != 0 || got.records.size < batch::kHeader) continue;
      bytes += got.records.size;
      std::erase_if(left, [&](const FetchPosition& position) { return position.partition == got.partition; });
    }
    // Partitions that the request's limit left out move to the front by themselves; without progress wait a little.
    if (left.size() == before) caller.Pause();
  }
  return bytes;
}

double SecondsSince(uint64_t start) { return static_cast<double>(NowMicros() - start) / 1e6; }

}  // namespace

int Create(int port, const std::string& topic, const Options& options) {
  const int32_t partitions = static_cast<int32_t>(options.Number("partitions", 1));
  std::vector<std::pair<std::string, std::string>> configs;
  for (const auto& [key, value] : options.all()) {
    if (key.rfind("config.", 0) == 0) configs.emplace_back(key.substr(7), value);
  }
  Caller creator(port);
  PatientCaller caller(port);
  const uint64_t start = NowMicros();
  std::string message;
  const int16_t error = CreateTopicsError(creator.Ask(CreateTopicsRequest(topic, partitions, configs)), &message);
  if (error != 0) Die("CreateTopics error " + std::to_string(error) + ": " + message);
  const double created = SecondsSince(start);
  WaitForLeaders(caller, topic, false, partitions);
  const double leaders = SecondsSince(start);
  WaitForOffsets(caller, topic, partitions, kLatest);
  const double answers = SecondsSince(start);
  Result result;
  result.Count("partitions", static_cast<uint64_t>(partitions));
  result.Real("createdSeconds", created);
  result.Real("leadersSeconds", leaders);
  result.Real("answersSeconds", answers);
  result.Real("seconds", answers);
  result.Print();
  return 0;
}

int Ready(int port, const std::string& topic, const Options&) {
  const uint64_t start = NowMicros();
  PatientCaller caller(port);
  const int32_t partitions = WaitForLeaders(caller, topic, true, 0);
  Result result;
  result.Count("partitions", static_cast<uint64_t>(partitions));
  result.Real("seconds", SecondsSince(start));
  result.Print();
  return 0;
}

int Readable(int port, const std::string& topic, const Options& options) {
  // Time that passed before this process began, so that `since` may be the moment when the broker was started.
  const int64_t since = options.Number("since", 0);
  const double before = since > 0 ? static_cast<double>(WallMillis() - since) / 1000 : 0;
  const uint64_t start = NowMicros();
  PatientCaller caller(port);
  ReadMetadata(caller.Ask(MetadataRequest(topic, false)));
  const double first_metadata = before + SecondsSince(start);
  const int32_t partitions = WaitForLeaders(caller, topic, false, static_cast<int32_t>(options.Number("partitions", 0)));
  const double leaders = before + SecondsSince(start);
  const std::vector<int64_t> end = WaitForOffsets(caller, topic, partitions, kLatest);
  const std::vector<int64_t> first = WaitForOffsets(caller, topic, partitions, kEarliest);
  const uint64_t fetched = ReadLastBatches(caller, topic, first, end);
  const double readable = before + SecondsSince(start);
  uint64_t offsets = 0;
  for (int64_t offset : end) offsets += static_cast<uint64_t>(offset);
  Result result;
  result.Count("partitions", static_cast<uint64_t>(partitions));
  result.Real("firstMetadataSeconds", first_metadata);
  result.Real("leadersSeconds", leaders);
  result.Real("readableSeconds", readable);
  result.Real("seconds", readable);
  result.Count("readableBytes", offsets);
  result.Count("fetchedBytes", fetched);
  result.Print();
  return 0;
}

}  // namespace bench
