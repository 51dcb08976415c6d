// commits: offsets committed without members, one partition a request; by default each connection has a group of its own.
#include <memory>
#include <thread>

#include "group_requests.h"
#include "load.h"
#include "modes.h"

namespace bench {

constexpr int16_t kLoading = 14, kNotAvailable = 15, kNotCoordinator = 16;

bool CoordinatorComes(int16_t error) {
  return error == kLoading || error == kNotAvailable || error == kNotCoordinator;
}

namespace {

constexpr int kTriesMax = 600;

// Waits until the group's coordinator takes a commit.
void AwaitCoordinator(int port, const Membership& who, const std::string& topic) {
  Caller caller(port);
  for (int tries = 0; tries < kTriesMax; tries++) {
    int16_t error = FindCoordinatorError(caller.Ask(FindCoordinatorRequest(who.group)));
    if (error == 0) error = OffsetCommitError(caller.Ask(OffsetCommitRequest(who, topic, 0, 0)));
    if (error == 0) return;
    if (!CoordinatorComes(error)) Die("commit refused: error " + std::to_string(error));
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  Die("no coordinator within 60 s");
}

class Committing : public Workload {
 public:
  Committing(const std::string& topic, int32_t partitions, size_t groups)
      : topic_(topic), partitions_(partitions), groups_(groups) {}
  void Send(Line& line, uint64_t due) override {
    const auto at = static_cast<int64_t>(next_++);
    const size_t group = groups_ > 0 ? static_cast<size_t>(at) % groups_ : line.index;
    const Membership who{topic_ + "-" + std::to_string(group), "", -1};
    line.connection.Send(OffsetCommitRequest(who, topic_, static_cast<int32_t>(at % partitions_), at), {nullptr, 0},
                         {due, 0});
  }
  int16_t Judge(Span body, Sent) override { return OffsetCommitError(body); }

 private:
  const std::string topic_;
  const int32_t partitions_;
  const size_t groups_;  // 0 = as many as connections
  uint64_t next_ = 0;
};

}  // namespace

int Commits(int port, const std::string& topic, const Options& options) {
  const LoadShape shape = LoadShape::From(options, 1, 16);
  for (size_t i = 0; i < shape.connections; i++) {
    AwaitCoordinator(port, {topic + "-" + std::to_string(i), "", -1}, topic);
  }
  Committing committing(topic, static_cast<int32_t>(options.Number("partitions", 1)),
                        static_cast<size_t>(options.Number("groups", 0)));
  Window window(options);
  Load load(port, shape, committing, window);
  load.Run();
  Result result;
  load.AddTo(&result);
  result.Count("commits", load.accepted());
  result.Print();
  return load.refused() == 0 ? 0 : 1;
}

}  // namespace bench
