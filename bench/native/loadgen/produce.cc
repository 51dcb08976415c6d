// produce: the same batch again and again, round robin over the partitions.
#include "modes.h"
#include "load.h"
#include "record_batch.h"
#include "requests.h"

namespace bench {
namespace {

enum class Stamps { kPresent, kOfFile };

class Producing : public Workload {
 public:
  Producing(const std::string& topic, const Options& options, const RecordBatch& batch, Stamps stamps)
      : bytes_(batch.bytes), timestamp_(bytes_, {batch::kBaseTimestampAt, batch::kMaxTimestampAt}), stamps_(stamps) {
    const int16_t acks = static_cast<int16_t>(options.Number("acks", 1));
    if (acks == 0) Die("acks=0 has no answers to measure");
    const int32_t partitions = static_cast<int32_t>(options.Number("partitions", 1));
    for (int32_t p = 0; p < partitions; p++) heads_.push_back(ProduceHead(topic, p, acks, bytes_.size()));
  }

  void Send(Line& line, uint64_t due) override {
    if (stamps_ == Stamps::kPresent && due > fresh_until_) Stamp(line, due);
    line.connection.Send(heads_[next_++ % heads_.size()], {bytes_.data(), bytes_.size()}, {due, 0});
  }
  int16_t Judge(Span body, Sent) override { return ProduceError(body); }

 private:
  // About once a second the batch gets the present as its timestamp, but never while a connection is amid sending it.
  void Stamp(const Line& line, uint64_t due) {
    if (line.load->AnyPartlySent()) return;
    timestamp_.Set(bytes_.data(), static_cast<uint64_t>(WallMillis()));
    fresh_until_ = due + 1'000'000;
  }

  Bytes bytes_;
  const PatchedNumber timestamp_;
  const Stamps stamps_;
  std::vector<Bytes> heads_;
  size_t next_ = 0;
  uint64_t fresh_until_ = 0;
};

}  // namespace

int Produce(int port, const std::string& topic, const Options& options) {
  const bool from_file = options.Has("batchfile");
  const RecordBatch batch =
      from_file ? RecordBatch::Read(options.Text("batchfile", ""))
                : RecordBatch::Make(static_cast<size_t>(options.Number("record", 1024)),
                                    static_cast<size_t>(options.Number("batch", 1 << 20)), WallMillis());
  Producing producing(topic, options, batch, from_file ? Stamps::kOfFile : Stamps::kPresent);
  Window window(options);
  Load load(port, LoadShape::From(options, batch.bytes.size()), producing, window);
  load.Run();
  Result result;
  load.AddTo(&result);
  result.Count("records", load.accepted() * static_cast<uint64_t>(batch.records));
  result.Count("bytes", load.accepted() * batch.bytes.size());
  if (options.Has("uncompressed")) {
    result.Count("uncompressedBytes", load.accepted() * static_cast<uint64_t>(options.Number("uncompressed", 0)));
  }
  result.Print();
  return load.refused() == 0 ? 0 : 1;
}

}  // namespace bench
