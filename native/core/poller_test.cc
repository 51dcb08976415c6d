// Slab and poller without Node, on loopback sockets; built under ASan and UBSan with the other core tests.
// Entry: int RunPollerTests() = number of failed checks. Called by the core tests' main.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "poller.h"
#include "poller_wake.h"

namespace millrace {
int RunPollerTests();
namespace {

int failures = 0;
#define CHECK(condition)                                                     \
  do {                                                                       \
    if (!(condition)) {                                                      \
      failures++;                                                            \
      std::fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);   \
    }                                                                        \
  } while (0)

struct Fixture {
  std::vector<uint8_t> slab;
  std::vector<int32_t> events = std::vector<int32_t>(1024 * kEventWords);
  std::vector<int32_t> commands = std::vector<int32_t>(256 * kCommandWords);
  std::vector<uint8_t> outbound = std::vector<uint8_t>(64 * 1024);
  std::unique_ptr<Poller> poller;
  uint16_t port = 0;
  uint32_t rows = 0;
  std::vector<std::vector<int32_t>> seen;  // every event row

  explicit Fixture(size_t slab_bytes = 4 << 20, int64_t stalled_ms = 30'000, int64_t frame_max = 3 << 20)
      : slab(slab_bytes) {
    PollerOptions options;
    options.slab = slab.data();
    options.slab_bytes = slab.size();
    options.events = events.data();
    options.event_rows = 1024;
    options.commands = commands.data();
    options.command_rows = 256;
    options.outbound = outbound.data();
    options.outbound_bytes = uint32_t(outbound.size());
    options.frame_bytes_max = frame_max;
    options.connections_max = 1000;
    options.connections_per_ip_max = 1000;
    options.outbound_queue_bytes_max = 8 << 20;
    options.stalled_ms = stalled_ms;
    poller = std::make_unique<Poller>(options);
    CHECK(poller->error() == 0);
    int listener = 0;
    CHECK(poller->ListenOn("127.0.0.1", 0, 128, false, &listener, &port) == 0);
  }
  void Turns(int count = 20) {
    for (int i = 0; i < count; i++) {
      bool woken = false;
      uint32_t filled = poller->Turn(&woken);
      for (uint32_t row = 0; row < filled; row++) {
        const int32_t* at = events.data() + row * kEventWords;
        seen.emplace_back(at, at + 6);
      }
      usleep(500);
    }
  }
  int Count(int32_t kind) const {
    return int(std::count_if(seen.begin(), seen.end(), [&](const auto& row) { return row[0] == kind; }));
  }
  const std::vector<int32_t>* Last(int32_t kind) const {
    for (size_t i = seen.size(); i-- > 0;) {
      if (seen[i][0] == kind) return &seen[i];
    }
    return nullptr;
  }
  void Command(int32_t kind, int32_t connection, int32_t generation, int32_t a = 0, int32_t b = 0, int32_t c = 0) {
    int32_t* row = commands.data() + size_t(rows++) * kCommandWords;
    const int32_t values[] = {kind, connection, generation, a, b, c};
    memcpy(row, values, sizeof values);
  }
  void Submit() {
    poller->Submit(rows);
    rows = 0;
  }
  int Connect(int receive_bytes = 0) const {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (receive_bytes > 0) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    return fd;
  }
};

std::string Frame(size_t length, char fill) {
  std::string frame(4 + length, fill);
  for (int i = 0; i < 4; i++) frame[size_t(i)] = char(length >> (24 - 8 * i));
  return frame;
}

void Send(int fd, const std::string& bytes) { CHECK(send(fd, bytes.data(), bytes.size(), 0) == ssize_t(bytes.size())); }

std::shared_ptr<SegmentFile> TemporaryFile(const std::string& content) {
  char name[] = "/tmp/poller_test_XXXXXX";
  auto file = std::make_shared<SegmentFile>();
  file->fd = mkstemp(name);
  unlink(name);
  CHECK(write(file->fd, content.data(), content.size()) == ssize_t(content.size()));
  return file;
}

// Random runs and bump frames against a model: nothing overlaps, everything comes back.
void TestSlab() {
  std::mt19937 random(7);
  std::vector<uint8_t> memory(64 * kPageBytes);
  Slab slab(memory.data(), memory.size());
  std::map<uint32_t, uint32_t> held;  // position -> bytes
  std::vector<uint32_t> order;
  for (int step = 0; step < 20'000; step++) {
    uint32_t at = kNowhere, bytes = 0;
    if (random() % 2 == 0) {
      if (random() % 4 == 0) {
        bytes = 1 + random() % (9 * kPageBytes);
        at = slab.AllocateRun(bytes, step);
        if (at != kNowhere) slab.Reached(at, bytes, step);
      } else {
        bytes = 1 + random() % 3000;
        if (slab.EnsureRoom(bytes)) {
          at = slab.cursor();
          slab.HoldPage(at);
          slab.set_cursor(at + bytes);
        }
      }
      if (at == kNowhere) continue;
      auto after = held.lower_bound(at);
      CHECK(after == held.end() || after->first >= at + bytes);
      if (after != held.begin()) CHECK(std::prev(after)->first + std::prev(after)->second <= at);
      held[at] = bytes;
      order.push_back(at);
    } else if (!order.empty()) {
      size_t pick = random() % order.size();
      CHECK(slab.Release(order[pick], step));
      held.erase(order[pick]);
      order.erase(order.begin() + ptrdiff_t(pick));
    }
    if (step % 5000 == 0) slab.GiveBack(step + kGiveBackMs);
  }
  for (uint32_t at : order) CHECK(slab.Release(at, 0));
  CHECK(slab.used_bytes() <= kPageBytes);  // the current bump page
  CHECK(slab.runs() == 0);
  CHECK(slab.AllocateRun(slab.frame_bytes_max() - kPageBytes, 0) != kNowhere);
}

// An announcement without bytes holds one page: the space behind it goes to who needs it.
void TestSlabSteal() {
  std::vector<uint8_t> memory(16 * kPageBytes);
  Slab slab(memory.data(), memory.size());
  uint32_t announced = slab.AllocateRun(12 * kPageBytes, 0);
  CHECK(announced != kNowhere);
  CHECK(slab.used_bytes() == kPageBytes);
  uint32_t real = slab.AllocateRun(10 * kPageBytes, 0);
  CHECK(real != kNowhere && real != announced);
  CHECK(slab.RunBytes(announced) == kPageBytes);
  CHECK(!slab.Extend(announced, 12 * kPageBytes));
  slab.Reached(real, 10 * kPageBytes, 0);
  CHECK(slab.AllocateRun(10 * kPageBytes, 10'000) == kNowhere);
  CHECK(slab.Release(real, 0));
  CHECK(slab.Extend(announced, 12 * kPageBytes));
}

void TestFramesEveryCut() {
  Fixture f;
  std::string stream = Frame(5, 'a') + Frame(0, 'b') + Frame(70'000, 'c') + Frame(17, 'd');
  for (size_t cut : {size_t(1), size_t(3), size_t(4), size_t(8), size_t(9), size_t(12), size_t(13), size_t(16), size_t(17),
                     size_t(300), size_t(66'000), stream.size() - 20, stream.size() - 18, stream.size() - 1}) {
    int fd = f.Connect();
    f.seen.clear();
    Send(fd, stream.substr(0, cut));
    f.Turns(6);
    Send(fd, stream.substr(cut));
    f.Turns(10);
    CHECK(f.Count(kEventFrame) == 4);
    const size_t lengths[] = {5, 0, 70'000, 17};
    const char fills[] = "abcd";
    size_t n = 0;
    for (const auto& row : f.seen) {
      if (row[0] != kEventFrame || n == 4) continue;
      CHECK(size_t(row[4]) == lengths[n]);
      const uint8_t* body = f.slab.data() + row[3];
      CHECK(std::all_of(body, body + row[4], [&](uint8_t byte) { return byte == uint8_t(fills[n]); }));
      f.Command(kCommandFreeFrame, 0, 0, row[3]);
      n++;
    }
    f.Submit();
    close(fd);
    f.Turns(4);
    CHECK(f.Count(kEventClosed) == 1);
  }
  CHECK(f.poller->Stats().frames_held == 0);
  CHECK(f.poller->Stats().slab_bytes_used <= kPageBytes);
  CHECK(f.poller->Stats().connections == 0);
}

void TestBadLength() {
  Fixture f;
  for (const std::string& head : {std::string("\x80\0\0\1", 4), std::string("GET / HTTP/1.1\r\n\r\n"), std::string("\x16\3\1\2")}) {
    int fd = f.Connect();
    f.seen.clear();
    Send(fd, head);
    f.Turns(6);
    const auto* row = f.Last(kEventClosed);
    CHECK(row != nullptr && (*row)[3] == kCloseBadFrame);
    close(fd);
  }
}

// A range sent to a reader that does not read stays unproven until it has read; then the count falls.
void TestRecycleProof(bool half_close) {
  Fixture f;
  auto file = TemporaryFile(std::string(200'000, 'x'));
  int fd = f.Connect(4 << 20);
  f.Turns(4);
  const auto* opened = f.Last(kEventOpened);
  CHECK(opened != nullptr);
  int32_t index = (*opened)[1], generation = (*opened)[2];
  f.Command(kCommandRange, index, generation, RangePut({file, 100, 150'000}), 10, 120'000);
  f.Submit();
  f.Turns(4);
  CHECK(file->unproven_senders == 1);
  if (half_close) shutdown(fd, SHUT_WR);
  f.Turns(2500);  // more than a sweep: everything is acknowledged, nothing read
  CHECK(file->unproven_senders == 1);
  if (half_close) CHECK(f.poller->Stats().lingering == 1);
  std::vector<char> got(120'000);
  CHECK(recv(fd, got.data(), got.size(), MSG_WAITALL) == ssize_t(got.size()));
  f.Turns(2500);
  CHECK(file->unproven_senders == 0);
  CHECK(f.poller->Stats().lingering == 0);
  close(fd);
}

// A peer that closes with unread bytes sends RST: its kernel dropped the pages.
void TestProofByReset() {
  Fixture f;
  auto file = TemporaryFile(std::string(200'000, 'x'));
  int fd = f.Connect(4 << 20);
  f.Turns(4);
  const auto row = *f.Last(kEventOpened);
  f.Command(kCommandRange, row[1], row[2], RangePut({file, 0, 200'000}), 0, 200'000);
  f.Submit();
  f.Turns(4);
  CHECK(file->unproven_senders == 1);
  close(fd);
  f.Turns(10);
  CHECK(f.Count(kEventClosed) == 1);
  CHECK(file->unproven_senders == 0);
}

// False where the file system keeps everything in memory. Looked up by mincore: IsResident would start to read again.
bool Evict(const SegmentFile& file, size_t bytes) {
  CHECK(fsync(file.fd) == 0);
  CHECK(posix_fadvise(file.fd, 0, 0, POSIX_FADV_DONTNEED) == 0);
  void* const mapped = mmap(nullptr, bytes, PROT_READ, MAP_SHARED, file.fd, 0);
  CHECK(mapped != MAP_FAILED);
  if (mapped == MAP_FAILED) return false;
  std::vector<unsigned char> pages(bytes / 4096 + 1);  // no page is smaller
  CHECK(mincore(mapped, bytes, pages.data()) == 0);
  munmap(mapped, bytes);
  return std::none_of(pages.begin(), pages.end(), [](unsigned char page) { return (page & 1) != 0; });
}

std::string Numbered(size_t bytes) {
  std::string content(bytes, 0);
  for (size_t i = 0; i < bytes; i++) content[i] = char((i >> 12) * 31 + i);
  return content;
}

std::string ReceiveAll(Fixture& f, int fd, size_t bytes) {
  std::string got;
  std::vector<char> part(1 << 20);
  for (int round = 0; round < 4000 && got.size() < bytes; round++) {
    f.Turns(1);
    const ssize_t n = recv(fd, part.data(), part.size(), MSG_DONTWAIT);
    if (n > 0) got.append(part.data(), size_t(n));
  }
  return got;
}

constexpr int kColdTriesMax = 50;

// The first look at a cold range makes the kernel read ahead by itself, helpers or not. A quick disk may have answered
// by the second look, and what is in memory is sent, rightly. So `once` is tried on evicted files until its reader was
// held up (true); what must hold either way it checks in each try.
void UntilHeldUp(const std::string& content, const std::function<bool(const std::shared_ptr<SegmentFile>&)>& once) {
  bool evicted = false;
  for (int i = 0; i < kColdTriesMax; i++) {
    auto file = TemporaryFile(content);
    if (!Evict(*file, content.size())) continue;
    evicted = true;
    if (once(file)) return;
  }
  CHECK(!evicted);
}

// A disk that does not answer holds up who reads from it and nobody else; what comes then is what stands in the file,
// for a range that is sent by sendfile and for one that is gathered.
bool ColdReadWaitsAlone(const std::shared_ptr<SegmentFile>& file, const std::string& expected) {
  Fixture f;
  auto warm = TemporaryFile(std::string(200'000, 'w'));
  const int32_t length = int32_t(expected.size());
  int cold_fd = f.Connect();
  f.Turns(4);
  const auto cold = *f.Last(kEventOpened);
  int other_fd = f.Connect();
  f.Turns(4);
  const auto other = *f.Last(kEventOpened);
  memcpy(f.outbound.data(), "head", 4);
  bool held_up = false;
  {
    HoldReadHelpers hold;
    f.Command(kCommandBytes, cold[1], cold[2], 0, 4);
    f.Command(kCommandRange, cold[1], cold[2], RangePut({file, 5000, length}), 0, length);
    f.Command(kCommandRange, other[1], other[2], RangePut({warm, 0, 200'000}), 0, 200'000);
    f.Submit();
    CHECK(ReceiveAll(f, other_fd, 200'000) == std::string(200'000, 'w'));
    f.Turns(20);
    char byte[8];
    held_up = recv(cold_fd, byte, sizeof byte, MSG_DONTWAIT | MSG_PEEK) <= 4;
  }
  CHECK(ReceiveAll(f, cold_fd, 4 + expected.size()) == "head" + expected);
  CHECK(f.Count(kEventClosed) == 0);
  close(cold_fd);
  close(other_fd);
  return held_up;
}

void TestColdReadHoldsUpNobodyElse(size_t length) {
  const std::string content = Numbered(3'000'000);
  UntilHeldUp(content, [&](const auto& file) { return ColdReadWaitsAlone(file, content.substr(5000, length)); });
}

// A reader that goes away while the disk is asked lets go of its file, once; the late answer finds nobody.
bool ColdReaderLeaves(const std::shared_ptr<SegmentFile>& file) {
  bool held_up = false;
  {
    Fixture f;
    int fd = f.Connect();
    f.Turns(4);
    const auto row = *f.Last(kEventOpened);
    HoldReadHelpers hold;
    f.Command(kCommandRange, row[1], row[2], RangePut({file, 0, 2'000'000}), 0, 2'000'000);
    f.Submit();
    CHECK(file.use_count() > 1);
    char byte;
    held_up = recv(fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) < 0;
    close(fd);
    f.Turns(10);
    CHECK(f.Count(kEventClosed) == 1);
    CHECK(file.use_count() == 1);
    CHECK(file->unproven_senders == 0);
  }
  usleep(20'000);  // helpers go on, the poller is gone
  CHECK(file.use_count() == 1);
  return held_up;
}

void TestColdReaderLeaves() { UntilHeldUp(Numbered(3'000'000), ColdReaderLeaves); }

// A range beyond the end of its file fails as it does for bytes in memory.
void TestColdRangeTooLong() {
  Fixture f;
  auto file = TemporaryFile(Numbered(300'000));
  int fd = f.Connect();
  f.Turns(4);
  const auto row = *f.Last(kEventOpened);
  if (!Evict(*file, 300'000)) return;
  f.Command(kCommandRange, row[1], row[2], RangePut({file, 0, 400'000}), 0, 400'000);
  f.Submit();
  ReceiveAll(f, fd, 300'000);
  for (int round = 0; round < 4000 && f.Count(kEventClosed) == 0; round++) f.Turns(1);
  const auto* closed = f.Last(kEventClosed);
  CHECK(closed != nullptr && (*closed)[3] == kCloseError && (*closed)[5] == EIO);
  close(fd);
}

void TestSlabFullRecovers() {
  Fixture f(1 << 20, 30'000, 1 << 20);
  std::vector<int> fds;
  std::string big = Frame(300'000, 'z');
  for (int i = 0; i < 5; i++) {
    int fd = f.Connect();
    fcntl(fd, F_SETFL, O_NONBLOCK);
    fds.push_back(fd);
  }
  std::vector<size_t> sent(fds.size());
  size_t freed = 0;
  for (int round = 0; round < 400 && freed < fds.size(); round++) {
    for (size_t i = 0; i < fds.size(); i++) {
      if (sent[i] == big.size()) continue;
      ssize_t n = send(fds[i], big.data() + sent[i], big.size() - sent[i], 0);
      if (n > 0) sent[i] += size_t(n);
    }
    f.Turns(1);
    if (round % 20 != 19) continue;  // frames stay for a while, so that the slab fills
    for (const auto& row : f.seen) {
      if (row[0] != kEventFrame) continue;
      CHECK(row[4] == 300'000);
      f.Command(kCommandFreeFrame, 0, 0, row[3]);
      freed++;
    }
    f.seen.clear();
    f.Submit();
  }
  CHECK(freed == fds.size());
  for (int fd : fds) close(fd);
}

// Two frames that each need what the other holds: after the time limit the fatter one goes, the other completes.
void TestDeadlockBroken() {
  Fixture f(1 << 20, 1200, 1 << 20);
  int one = f.Connect(), two = f.Connect();
  fcntl(one, F_SETFL, O_NONBLOCK);
  fcntl(two, F_SETFL, O_NONBLOCK);
  std::string big = Frame(800'000, 'q');
  size_t sent_one = 0, sent_two = 0;
  for (int round = 0; round < 9000 && f.Count(kEventFrame) == 0; round++) {
    ssize_t n = send(one, big.data() + sent_one, std::min<size_t>(3000, big.size() - sent_one), MSG_NOSIGNAL);
    if (n > 0) sent_one += size_t(n);
    n = send(two, big.data() + sent_two, std::min<size_t>(3000, big.size() - sent_two), MSG_NOSIGNAL);
    if (n > 0) sent_two += size_t(n);
    f.Turns(1);
  }
  CHECK(f.Count(kEventFrame) >= 1);
  close(one);
  close(two);
}

void TestDescriptorShortage() {
  Fixture f;
  rlimit old{}, low{};
  getrlimit(RLIMIT_NOFILE, &old);
  std::vector<int> clients;
  for (int i = 0; i < 8; i++) clients.push_back(f.Connect());
  int probe = dup(0);
  close(probe);
  low = old;
  low.rlim_cur = rlim_t(probe) + 3;
  setrlimit(RLIMIT_NOFILE, &low);
  f.Turns(10);
  setrlimit(RLIMIT_NOFILE, &old);
  CHECK(f.Count(kEventOpened) == 3);
  const auto* row = f.Last(kEventClosed);
  CHECK(row != nullptr && (*row)[1] == -1 && (*row)[3] == kCloseError && (*row)[5] == EMFILE);
  clients.push_back(f.Connect());
  f.Turns(6);
  CHECK(f.Count(kEventOpened) == 4);
  for (int fd : clients) close(fd);
}

void TestWake() {
  int32_t id;
  {
    Fixture f;
    id = f.poller->wake_id();
    bool woken = false;
    f.poller->Turn(&woken);
    CHECK(!woken);
    CHECK(Wake(id) && Wake(id));
    f.poller->Turn(&woken);
    CHECK(woken);
    f.poller->Turn(&woken);
    CHECK(!woken);
  }
  CHECK(!Wake(id));
}

}  // namespace

int RunPollerTests() {
  failures = 0;
  TestSlab();
  TestSlabSteal();
  TestWake();
  TestFramesEveryCut();
  TestBadLength();
  TestProofByReset();
  TestRecycleProof(false);
  TestRecycleProof(true);
  TestColdReadHoldsUpNobodyElse(2'500'000);
  TestColdReadHoldsUpNobodyElse(9'000);
  TestColdReaderLeaves();
  TestColdRangeTooLong();
  TestSlabFullRecovers();
  TestDeadlockBroken();
  TestDescriptorShortage();
  return failures;
}

}  // namespace millrace
