// Load generator for Kafka-speaking brokers: pre-encoded batches, one epoll thread, next to no cost of its own.
//   loadgen produce  port topic key=value…   partitions=1 connections=1 inflight=5 record=1024 batch=1048576 seconds=10
//                                            acks=1 rate=0 (requests/s, open loop with intended send times; 0 = closed)
//                                            bytes=0 (stop after that many payload bytes)
//   loadgen fetch    port topic key=value…   partitions=1 max=1048576 bytes=0 (stop after; 0 = to the end) verify=0
//   loadgen ping     port topic key=value…   connections=1 inflight=1 seconds=5 api=versions|metadata
//   loadgen ready    port topic              waits until every partition of the topic (created when absent) has a leader
// Prints one JSON object.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <memory>

#include "histogram.h"
#include "wire.h"

using namespace loadgen;

static uint64_t NowMicros() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<uint64_t>(t.tv_sec) * 1000000 + static_cast<uint64_t>(t.tv_nsec) / 1000;
}

[[noreturn]] static void Die(const std::string& what) {
  fprintf(stderr, "loadgen: %s\n", what.c_str());
  exit(1);
}

static int Connect(int port) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    close(fd);
    return -1;
  }
  int one = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return fd;
}

static void ReadExactly(int fd, uint8_t* to, size_t size) {
  while (size > 0) {
    ssize_t got = recv(fd, to, size, 0);
    if (got <= 0) Die(got == 0 ? "the broker closed the connection" : strerror(errno));
    to += got;
    size -= static_cast<size_t>(got);
  }
}
static void WriteExactly(int fd, const uint8_t* from, size_t size) {
  while (size > 0) {
    ssize_t put = send(fd, from, size, MSG_NOSIGNAL);
    if (put <= 0) Die(strerror(errno));
    from += put;
    size -= static_cast<size_t>(put);
  }
}
// One request and its answer without the length prefix.
static std::vector<uint8_t> Ask(int fd, const Bytes& request) {
  WriteExactly(fd, request.data(), request.size());
  uint8_t length[4];
  ReadExactly(fd, length, 4);
  std::vector<uint8_t> answer(static_cast<size_t>(Read32(length)));
  ReadExactly(fd, answer.data(), answer.size());
  return answer;
}

struct Options {
  std::map<std::string, std::string> values;
  long Number(const std::string& key, long fallback) const {
    auto found = values.find(key);
    return found == values.end() ? fallback : atol(found->second.c_str());
  }
};

// A connection with pipelined requests; requests[i] are shared by all connections.
struct Line {
  int fd = -1;
  size_t next = 0;                 // request to send next
  const Bytes* sending = nullptr;  // partly sent
  size_t sent = 0;
  std::deque<uint64_t> due;  // intended send times of what is in flight
  uint64_t next_due = 0;     // open loop: when the next one is due
  std::vector<uint8_t> input = std::vector<uint8_t>(1 << 16);
  size_t have = 0;
};

struct Totals {
  uint64_t answered = 0, errors = 0;
  Histogram latency;
};

// acks=1 Produce v7 answer: error code of the first partition.
static int ProduceError(const uint8_t* body) {
  const uint8_t* p = body + 4 + 4;
  p += 2 + Read16(p);
  p += 4 + 4;
  return Read16(p);
}

class Driver {
 public:
  Driver(int port, const std::vector<Bytes>& requests, const Options& options, bool check_produce)
      : requests_(requests), check_produce_(check_produce) {
    inflight_ = static_cast<size_t>(options.Number("inflight", 5));
    rate_ = static_cast<double>(options.Number("rate", 0));
    seconds_ = static_cast<double>(options.Number("seconds", 10));
    limit_ = static_cast<uint64_t>(options.Number("requests", 0));
    epoll_ = epoll_create1(0);
    long connections = options.Number("connections", 1);
    for (long i = 0; i < connections; i++) {
      auto line = std::make_unique<Line>();
      line->fd = Connect(port);
      if (line->fd < 0) Die("cannot connect");
      fcntl(line->fd, F_SETFL, O_NONBLOCK);
      line->next = static_cast<size_t>(i) % requests_.size();
      epoll_event event{EPOLLIN | EPOLLOUT | EPOLLET, {.ptr = line.get()}};
      epoll_ctl(epoll_, EPOLL_CTL_ADD, line->fd, &event);
      lines_.push_back(std::move(line));
    }
  }

  double Run() {
    uint64_t start = NowMicros();
    uint64_t end = start + static_cast<uint64_t>(seconds_ * 1e6);
    double gap = rate_ > 0 ? 1e6 * static_cast<double>(lines_.size()) / rate_ : 0;
    for (size_t i = 0; i < lines_.size(); i++) {
      lines_[i]->next_due = start + static_cast<uint64_t>(gap * static_cast<double>(i) / static_cast<double>(lines_.size()));
    }
    bool sending = true;
    uint64_t now = start;
    for (;;) {
      now = NowMicros();
      if (sending && (now >= end || (limit_ > 0 && started_ >= limit_))) sending = false;
      bool busy = false;
      for (auto& line : lines_) {
        Send(*line, sending, now, gap);
        busy = busy || !line->due.empty() || line->sending != nullptr;
      }
      if (!sending && !busy) break;
      if (now > end + 60000000) Die("answers are missing 60 s after the last request");
      epoll_event events[64];
      int ready = epoll_wait(epoll_, events, 64, rate_ > 0 ? 0 : 100);
      if (rate_ > 0 && ready == 0) usleep(20);
      for (int i = 0; i < ready; i++) Receive(*static_cast<Line*>(events[i].data.ptr));
    }
    return static_cast<double>(now - start) / 1e6;
  }

  Totals totals;

 private:
  void Send(Line& line, bool sending, uint64_t now, double gap) {
    for (;;) {
      if (line.sending == nullptr) {
        if (!sending || line.due.size() >= inflight_ || (limit_ > 0 && started_ >= limit_)) return;
        if (gap > 0 && now < line.next_due) return;
        line.due.push_back(gap > 0 ? line.next_due : now);
        if (gap > 0) line.next_due += static_cast<uint64_t>(gap);
        line.sending = &requests_[line.next];
        line.next = (line.next + 1) % requests_.size();
        line.sent = 0;
        started_++;
      }
      while (line.sent < line.sending->size()) {
        ssize_t put = send(line.fd, line.sending->data() + line.sent, line.sending->size() - line.sent, MSG_NOSIGNAL);
        if (put < 0 && errno == EAGAIN) return;
        if (put < 0) Die(strerror(errno));
        line.sent += static_cast<size_t>(put);
      }
      line.sending = nullptr;
    }
  }

  void Receive(Line& line) {
    for (;;) {
      ssize_t got = recv(line.fd, line.input.data() + line.have, line.input.size() - line.have, 0);
      if (got < 0 && errno == EAGAIN) return;
      if (got <= 0) Die(got == 0 ? "the broker closed a connection" : strerror(errno));
      line.have += static_cast<size_t>(got);
      size_t at = 0;
      uint64_t now = NowMicros();
      while (line.have - at >= 4) {
        size_t length = static_cast<size_t>(Read32(line.input.data() + at));
        if (line.have - at < 4 + length) break;
        totals.answered++;
        totals.latency.Add(now - line.due.front());
        line.due.pop_front();
        if (check_produce_ && ProduceError(line.input.data() + at + 4) != 0) totals.errors++;
        at += 4 + length;
      }
      memmove(line.input.data(), line.input.data() + at, line.have - at);
      line.have -= at;
      if (line.have == line.input.size()) line.input.resize(line.input.size() * 2);
    }
  }

  const std::vector<Bytes>& requests_;
  const bool check_produce_;
  size_t inflight_;
  double rate_, seconds_;
  uint64_t limit_ = 0, started_ = 0;
  int epoll_;
  std::vector<std::unique_ptr<Line>> lines_;
};

static double OwnCpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  auto seconds = [](timeval t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

static void Print(const Totals& totals, double seconds, uint64_t records, uint64_t bytes) {
  const Histogram& h = totals.latency;
  printf("{\"requests\":%llu,\"errors\":%llu,\"records\":%llu,\"bytes\":%llu,\"seconds\":%.6f,\"p50us\":%llu,\"p99us\":%llu,"
         "\"p999us\":%llu,\"maxus\":%llu,\"generatorCpu\":%.3f}\n",
         static_cast<unsigned long long>(totals.answered), static_cast<unsigned long long>(totals.errors),
         static_cast<unsigned long long>(records), static_cast<unsigned long long>(bytes), seconds,
         static_cast<unsigned long long>(h.At(0.5)), static_cast<unsigned long long>(h.At(0.99)),
         static_cast<unsigned long long>(h.At(0.999)), static_cast<unsigned long long>(h.max()), OwnCpuSeconds());
}

static int Produce(int port, const std::string& topic, Options options) {
  int records = 0;
  timespec wall;
  clock_gettime(CLOCK_REALTIME, &wall);
  Bytes batch = RecordBatch(static_cast<int>(options.Number("record", 1024)), static_cast<int>(options.Number("batch", 1048576)),
                            static_cast<int64_t>(wall.tv_sec) * 1000, &records);
  std::vector<Bytes> requests;
  for (long p = 0; p < options.Number("partitions", 1); p++) {
    requests.push_back(ProduceRequest(topic, static_cast<int>(p), static_cast<int16_t>(options.Number("acks", 1)), batch));
  }
  long bytes = options.Number("bytes", 0);
  if (bytes > 0) {
    options.values["requests"] = std::to_string((bytes + static_cast<long>(batch.size()) - 1) / static_cast<long>(batch.size()));
    options.values.emplace("seconds", "600");
  }
  Driver driver(port, requests, options, true);
  double seconds = driver.Run();
  uint64_t kept = driver.totals.answered - driver.totals.errors;
  Print(driver.totals, seconds, kept * static_cast<uint64_t>(records), kept * batch.size());
  return driver.totals.errors == 0 ? 0 : 1;
}

static int Ping(int port, const std::string& topic, const Options& options) {
  auto api = options.values.find("api");
  bool metadata = api != options.values.end() && api->second == "metadata";
  std::vector<Bytes> requests{metadata ? MetadataRequest(topic, false) : ApiVersionsRequest()};
  Driver driver(port, requests, options, false);
  double seconds = driver.Run();
  Print(driver.totals, seconds, 0, 0);
  return 0;
}

// Reads a partition from offset 0; counts (and with verify=1 checks) whole batches.
static int Fetch(int port, const std::string& topic, const Options& options) {
  int fd = Connect(port);
  if (fd < 0) Die("cannot connect");
  bool verify = options.Number("verify", 0) != 0;
  uint64_t limit = static_cast<uint64_t>(options.Number("bytes", 0));
  Totals totals;
  uint64_t bytes = 0, records = 0, start = NowMicros();
  for (long p = 0; p < options.Number("partitions", 1); p++) {
    int64_t offset = 0;
    for (;;) {
      uint64_t asked = NowMicros();
      auto answer = Ask(fd, FetchRequest(topic, static_cast<int>(p), offset, static_cast<int32_t>(options.Number("max", 1048576)), 0));
      totals.answered++;
      totals.latency.Add(NowMicros() - asked);
      const uint8_t* body = answer.data() + 4 + 4 + 2 + 4 + 4;  // correlation, throttle, error, session, topics
      body += 2 + Read16(body) + 4 + 4;                          // topic, partitions, index
      if (Read16(body) != 0) Die("fetch error " + std::to_string(Read16(body)));
      body += 2 + 8 + 8 + 8;  // error, high watermark, last stable, log start
      int32_t aborted = Read32(body);
      body += 4 + (aborted > 0 ? aborted * 16 : 0) + 4;
      int32_t size = Read32(body);
      body += 4;
      int64_t before = offset;
      while (size >= 61) {
        int32_t length = Read32(body + 8) + 12;
        if (length > size) break;
        if (verify && Crc32c(body + 21, static_cast<size_t>(length) - 21) != static_cast<uint32_t>(Read32(body + 17))) Die("wrong CRC at offset " + std::to_string(Read64(body)));
        if (Read64(body) > offset && verify) Die("offsets skip at " + std::to_string(offset));
        offset = Read64(body) + Read32(body + 23) + 1;
        records += static_cast<uint64_t>(Read32(body + 57));
        bytes += static_cast<uint64_t>(length);
        body += length;
        size -= length;
      }
      if (offset == before || (limit > 0 && bytes >= limit)) break;
    }
  }
  Print(totals, static_cast<double>(NowMicros() - start) / 1e6, records, bytes);
  return 0;
}

// Waits for a leader of every partition; creates the topic on the way when the broker allows it.
static int Ready(int port, const std::string& topic) {
  uint64_t start = NowMicros();
  for (;;) {
    if (NowMicros() - start > 60000000) Die("not ready after 60 s");
    int fd = Connect(port);
    if (fd < 0) {
      usleep(1000);
      continue;
    }
    auto answer = Ask(fd, MetadataRequest(topic, true));
    close(fd);
    const uint8_t* p = answer.data() + 4 + 4;  // correlation, throttle
    int32_t brokers = Read32(p);
    p += 4;
    for (int i = 0; i < brokers; i++) {
      p += 4;
      p += 2 + Read16(p) + 4;
      p += 2 + (Read16(p) > 0 ? Read16(p) : 0);
    }
    p += 2 + (Read16(p) > 0 ? Read16(p) : 0) + 4 + 4;  // cluster id, controller, topics
    int error = Read16(p);
    p += 2;
    p += 2 + Read16(p) + 1;
    int32_t partitions = Read32(p);
    p += 4;
    bool all = error == 0 && partitions > 0;
    for (int i = 0; i < partitions && all; i++) {
      all = Read16(p) == 0;
      p += 2 + 4 + 4;
      p += 4 + 4 * Read32(p);
      p += 4 + 4 * Read32(p);
    }
    if (all) {
      printf("{\"partitions\":%d,\"seconds\":%.6f}\n", partitions, static_cast<double>(NowMicros() - start) / 1e6);
      return 0;
    }
    usleep(2000);
  }
}

int main(int argc, char** argv) {
  if (argc < 4) Die("usage: loadgen produce|fetch|ping|ready port topic [key=value…]");
  Options options;
  for (int i = 4; i < argc; i++) {
    const char* at = strchr(argv[i], '=');
    if (at == nullptr) Die(std::string("not key=value: ") + argv[i]);
    options.values[std::string(argv[i], static_cast<size_t>(at - argv[i]))] = at + 1;
  }
  std::string mode = argv[1];
  int port = atoi(argv[2]);
  if (mode == "produce") return Produce(port, argv[3], options);
  if (mode == "fetch") return Fetch(port, argv[3], options);
  if (mode == "ping") return Ping(port, argv[3], options);
  if (mode == "ready") return Ready(port, argv[3]);
  Die("unknown mode " + mode);
}
