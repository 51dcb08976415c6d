// connections: opens many in groups, keeps a share of them busy, then opens more at once.
#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "load.h"
#include "modes.h"
#include "requests.h"

namespace bench {
namespace {

class Asking : public Workload {
 public:
  void Send(Line& line, uint64_t due) override { line.connection.Send(request_, {nullptr, 0}, {due, 0}); }
  int16_t Judge(Span body, Sent) override { return ApiVersionsError(body); }

 private:
  const Bytes request_ = ApiVersionsRequest();
};

// So many are opened at once before the measured batch: below the backlog that Kafka has by default (50), beyond which
// the kernel drops what the broker has not accepted yet and the client tries again seconds later.
constexpr size_t kGroup = 40;

double SecondsSince(uint64_t start) { return static_cast<double>(NowMicros() - start) / 1e6; }

}  // namespace

int Connections(int port, const std::string&, const Options& options) {
  const size_t open = static_cast<size_t>(options.Number("open", 5000));
  LoadShape shape = LoadShape::From(options, 1);
  shape.connections = open;
  shape.active = static_cast<size_t>(std::ceil(options.Real("active", 1) / 100 * static_cast<double>(open)));
  shape.active = std::clamp(shape.active, size_t{1}, open);
  Asking asking;
  Window window(options);
  Result result;
  const int pid = static_cast<int>(options.Number("pid", 0));
  if (pid > 0) result.Real("brokerAnonBeforeMiB", ReadProcess(pid).anonymous_mib);
  const uint64_t start = NowMicros();
  shape.connections = shape.active;
  Load load(port, shape, asking, window);
  load.AskOnce();
  std::vector<std::unique_ptr<Load>> idle;
  for (size_t opened = shape.active; opened < open; opened += shape.connections) {
    shape.connections = std::min(kGroup, open - opened);
    idle.push_back(std::make_unique<Load>(port, shape, asking, window));
    idle.back()->AskOnce();
  }
  result.Real("openSeconds", SecondsSince(start));
  if (shape.seconds > 0) {
    load.Run();
    load.AddTo(&result);
  }
  uint64_t refused = load.refused();
  const size_t more = static_cast<size_t>(options.Number("batchOpen", 0));
  if (more > 0) {
    shape.connections = shape.active = more;
    const uint64_t again = NowMicros();
    Load batch(port, shape, asking, window);
    batch.AskOnce();
    result.Real("batchOpenSeconds", SecondsSince(again));
    result.Percentiles("batchOpen", batch.latency());
    refused += batch.refused();
  }
  result.Print();
  return refused == 0 ? 0 : 1;
}

}  // namespace bench
