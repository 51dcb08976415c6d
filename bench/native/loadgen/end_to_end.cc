// e2e: open-loop producers and tailing consumers in one process, so that one clock tells how long a record is under way.
// The first record of every batch carries its intended send time and its number; the numbers tell lost and repeated batches.
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "../common/crc32c.h"
#include "catch_up.h"
#include "load.h"
#include "modes.h"
#include "record_batch.h"
#include "requests.h"
#include "tail.h"

namespace bench {
namespace {

constexpr uint64_t kSettleMicros = 10'000'000;  // for what was acknowledged to reach every consumer

class EndToEndLoad : public Workload {
 public:
  EndToEndLoad(const std::string& topic, const Options& options, const RecordBatch& batch, size_t lines)
      : value_at_(batch.value_at),
        batch_bytes_(batch.bytes.size()),
        verify_(options.Number("verify", 0) != 0),
        timestamp_(batch.bytes, {batch::kBaseTimestampAt, batch::kMaxTimestampAt}),
        due_(batch.bytes, {batch.value_at}),
        number_(batch.bytes, {batch.value_at + 8}),
        batches_(lines, batch.bytes) {
    const int16_t acks = static_cast<int16_t>(options.Number("acks", 1));
    if (acks == 0) Die("acks=0 has no answers to measure");
    const int32_t partitions = static_cast<int32_t>(options.Number("partitions", 1));
    for (int32_t p = 0; p < partitions; p++) heads_.push_back(ProduceHead(topic, p, acks, batch.bytes.size()));
  }

  void AddConsumer(int port, const std::string& topic, const std::vector<int64_t>& offsets, EventLoop& loop) {
    const size_t index = seen_.size();
    seen_.emplace_back();
    tails_.push_back(std::make_unique<Tail>(port, topic, offsets, loop, [this, index](const uint8_t* batch, size_t size, uint64_t now) {
      Received(index, batch, size, now);
    }));
  }

  std::function<void()> on_begin = [] {};

  void Begin() override {
    latency_.Clear();
    for (auto& tail : tails_) tail->bytes = 0;
    on_begin();
  }

  void Send(Line& line, uint64_t due) override {
    Bytes& batch = batches_[line.index];  // each line has its own: it may lie half sent
    timestamp_.Set(batch.data(), static_cast<uint64_t>(WallMillis()));
    due_.Set(batch.data(), due);
    number_.Set(batch.data(), next_);
    line.connection.Send(heads_[next_ % heads_.size()], {batch.data(), batch.size()}, {due, next_});
    acknowledged_.push_back(false);
    next_++;
  }

  int16_t Judge(Span body, Sent sent) override {
    const int16_t error = ProduceError(body);
    if (error != 0) return error;
    acknowledged_[sent.tag] = true;
    acknowledged_count_++;
    return 0;
  }

  bool Settled(uint64_t now) override {
    if (settle_until_ == 0) settle_until_ = now + kSettleMicros;
    return now >= settle_until_ || received_ >= acknowledged_count_ * tails_.size();
  }

  // Returns whether everything arrived once and in order.
  bool AddTo(Result* result) const {
    uint64_t missing = 0, out = 0, order = 0;
    for (const std::vector<bool>& seen : seen_) {
      for (uint64_t n = 0; n < next_; n++) missing += acknowledged_[n] && (n >= seen.size() || !seen[n]);
    }
    for (const auto& tail : tails_) {
      out += tail->bytes;
      order += tail->order_errors;
    }
    result->Percentiles("e2e", latency_);
    result->Count("bytesOut", out);
    result->Count("missing", missing);
    result->Count("duplicated", duplicated_);
    result->Count("orderErrors", order);
    result->Count("foreign", foreign_);
    return missing + duplicated_ + order + foreign_ == 0;
  }

 private:
  void Received(size_t consumer, const uint8_t* batch, size_t size, uint64_t now) {
    if (size != batch_bytes_) return void(foreign_++);
    if (verify_ && Crc32c(batch + batch::kCrcFrom, size - batch::kCrcFrom) != static_cast<uint32_t>(Read32(batch + batch::kCrcAt))) {
      Die("wrong CRC at offset " + std::to_string(Read64(batch)));
    }
    const uint64_t due = static_cast<uint64_t>(Read64(batch + value_at_));
    const uint64_t number = static_cast<uint64_t>(Read64(batch + value_at_ + 8));
    if (number >= next_ || due > now) return void(foreign_++);
    std::vector<bool>& seen = seen_[consumer];
    if (seen.size() <= number) seen.resize(number + 1024);
    if (seen[number]) return void(duplicated_++);
    seen[number] = true;
    received_++;
    latency_.Add(now - due);
  }

  const size_t value_at_, batch_bytes_;
  const bool verify_;
  const PatchedNumber timestamp_, due_, number_;
  std::vector<Bytes> batches_, heads_;
  std::vector<std::unique_ptr<Tail>> tails_;
  std::vector<std::vector<bool>> seen_;  // by consumer, by batch number
  std::vector<bool> acknowledged_;
  uint64_t next_ = 0, acknowledged_count_ = 0, received_ = 0, duplicated_ = 0, foreign_ = 0, settle_until_ = 0;
  Histogram latency_;
};

std::vector<int64_t> EndOffsets(int port, const std::string& topic, size_t partitions) {
  std::vector<int32_t> all;
  for (size_t p = 0; p < partitions; p++) all.push_back(static_cast<int32_t>(p));
  Caller caller(port);
  std::vector<int64_t> offsets(partitions);
  for (const ListedOffset& one : ReadListOffsets(caller.Ask(ListOffsetsRequest(topic, all, kLatest)))) {
    if (one.error != 0) Die("ListOffsets error " + std::to_string(one.error) + " of partition " + std::to_string(one.partition));
    offsets.at(static_cast<size_t>(one.partition)) = one.offset;
  }
  return offsets;
}

// Reads another topic from its start at full speed in a thread of its own, so that its reads delay no measured answer.
class Backlog {
 public:
  Backlog(int port, const Options& options)
      : shape_{options.Text("backlog", ""), static_cast<int32_t>(options.Number("backlogPartitions", 1)),
               static_cast<int32_t>(options.Number("max", 1 << 20)), false,
               options.Number("loop", 0) != 0 ? AtTheEnd::kStartAgain : AtTheEnd::kStop},
        port_(port) {}
  ~Backlog() { Stop(); }
  void Start() {
    thread_ = std::thread([this] {
      EventLoop loop;
      CatchUp reader(port_, shape_, loop);
      const uint64_t start = NowMicros();
      reader.Start();
      while (!stop_ && !reader.idle()) loop.Turn(50'000);
      bytes_ = reader.counts.bytes;
      seconds_ = static_cast<double>(NowMicros() - start) / 1e6;
    });
  }
  void Stop() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
  }
  void AddTo(Result* result) const {
    result->Count("backlogBytes", bytes_);
    result->Real("backlogSeconds", seconds_);
  }

 private:
  const CatchUpShape shape_;
  const int port_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
  uint64_t bytes_ = 0;
  double seconds_ = 0;
};

}  // namespace

int EndToEnd(int port, const std::string& topic, const Options& options) {
  const size_t record = static_cast<size_t>(options.Number("record", 1024));
  if (record < 16) Die("a record of e2e holds a time and a number: at least 16 bytes");
  const RecordBatch batch = RecordBatch::Make(record, static_cast<size_t>(options.Number("batch", 1)), WallMillis());
  LoadShape shape = LoadShape::From(options, batch.bytes.size());
  shape.connections = shape.active = static_cast<size_t>(options.Number("producers", 1));
  if (shape.rate <= 0) Die("e2e needs rate= or mbps=");
  EndToEndLoad workload(topic, options, batch, shape.connections);
  Window window(options);
  Load load(port, shape, workload, window);
  const std::vector<int64_t> offsets = EndOffsets(port, topic, static_cast<size_t>(options.Number("partitions", 1)));
  for (int64_t i = 0; i < options.Number("consumers", 1); i++) workload.AddConsumer(port, topic, offsets, load.loop());
  Backlog backlog(port, options);
  if (options.Has("backlog")) workload.on_begin = [&] { backlog.Start(); };
  load.Run();
  backlog.Stop();
  Result result;
  load.AddTo(&result);
  result.Count("records", load.accepted() * static_cast<uint64_t>(batch.records));
  result.Count("bytes", load.accepted() * batch.bytes.size());
  const bool whole = workload.AddTo(&result);
  if (options.Has("backlog")) backlog.AddTo(&result);
  result.Print();
  return load.refused() == 0 && whole ? 0 : 1;
}

}  // namespace bench
