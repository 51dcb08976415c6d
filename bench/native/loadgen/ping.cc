// ping: small requests that touch no log.
#include <sstream>

#include "load.h"
#include "modes.h"
#include "requests.h"

namespace bench {
namespace {

class Pinging : public Workload {
 public:
  Pinging(Bytes request, bool metadata) : request_(std::move(request)), metadata_(metadata) {}
  void Send(Line& line, uint64_t due) override { line.connection.Send(request_, {nullptr, 0}, {due, 0}); }
  // Of Metadata the first answer is read and the others must have its size; -1 (unknown) when one is not as it should be.
  int16_t Judge(Span body, Sent) override {
    if (size_ == 0) {
      size_ = body.size;
      refused_ = metadata_ && MetadataErrorsV12(body) > 0;
    }
    if (!metadata_) return ApiVersionsError(body);
    return refused_ || body.size != size_ ? -1 : 0;
  }
  size_t answer_bytes() const { return size_; }

 private:
  const Bytes request_;
  const bool metadata_;
  size_t size_ = 0;
  bool refused_ = false;
};

std::vector<std::string> Split(const std::string& text) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, ',');) parts.push_back(part);
  return parts;
}

}  // namespace

int Ping(int port, const std::string&, const Options& options) {
  const std::string api = options.Text("api", "versions");
  if (api != "versions" && api != "metadata") Die("api=versions or api=metadata");
  const bool metadata = api == "metadata";
  Pinging pinging(metadata ? MetadataRequestV12(Split(options.Text("topics", ""))) : ApiVersionsRequest(), metadata);
  Window window(options);
  Load load(port, LoadShape::From(options, 1, 32), pinging, window);
  load.Run();
  Result result;
  load.AddTo(&result);
  result.Count("records", 0);
  result.Count("bytes", load.accepted() * pinging.answer_bytes());
  result.Count("answerBytes", pinging.answer_bytes());
  result.Print();
  return load.refused() == 0 ? 0 : 1;
}

}  // namespace bench
