// rebalance: members of one group, each a thread that waits for its answers. They join at once; then one leaves and
// the others, which ask by heartbeat at once, rejoin. The clock stops when all of them are in the same generation.
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "connection.h"
#include "group_requests.h"
#include "modes.h"
#include "result.h"
#include "window.h"

namespace bench {

bool CoordinatorComes(int16_t error);

namespace {

constexpr int16_t kUnknownMember = 25, kRebalance = 27, kMemberIdRequired = 79, kIllegalGeneration = 22;
constexpr auto kHeartbeatPause = std::chrono::milliseconds(5);
constexpr auto kPatience = std::chrono::seconds(60);

// In which generation each member holds an assignment.
class Roll {
 public:
  explicit Roll(size_t members) : generations_(members, -1) {}
  void Set(size_t member, int32_t generation) {
    std::lock_guard lock(mutex_);
    generations_[member] = generation;
    if (Complete()) {
      at_ = NowMicros();
      complete_.notify_all();
    }
  }
  // The members that count from now on, in a generation after `after`.
  void Expect(size_t members, int32_t after) {
    std::lock_guard lock(mutex_);
    expected_ = members;
    after_ = after;
  }
  // When the last of them got its assignment, µs.
  uint64_t Await() {
    std::unique_lock lock(mutex_);
    if (!complete_.wait_for(lock, kPatience, [this] { return Complete(); })) Die("the group is not stable after 60 s");
    return at_;
  }
  bool complete() {
    std::lock_guard lock(mutex_);
    return Complete();
  }
  int32_t generation() {
    std::lock_guard lock(mutex_);
    return generations_[0];
  }

 private:
  bool Complete() const {
    const auto end = generations_.begin() + static_cast<ptrdiff_t>(expected_);
    return generations_[0] > after_ && std::all_of(generations_.begin(), end, [&](int32_t g) { return g == generations_[0]; });
  }
  std::mutex mutex_;
  std::condition_variable complete_;
  std::vector<int32_t> generations_;
  size_t expected_ = SIZE_MAX;
  int32_t after_ = -1;
  uint64_t at_ = 0;
};

class Member {
 public:
  Member(int port, const std::string& group, const std::string& topic, size_t index, Roll& roll)
      : caller_(port), who_{group, "", -1}, topic_(topic), index_(index), roll_(roll) {}

  // Joins and syncs until it has an assignment.
  void Join() {
    for (;;) {
      const Joined joined = ReadJoinGroup(caller_.Ask(JoinGroupRequest(who_, topic_)));
      if (joined.error == kMemberIdRequired) {
        who_.member = joined.member;
        continue;
      }
      if (Again(joined.error)) continue;
      who_.member = joined.member;
      who_.generation = joined.generation;
      const bool leads = joined.leader == joined.member;
      const auto& assigned = leads ? joined.members : std::vector<std::string>{};
      const int16_t error = GroupError(caller_.Ask(SyncGroupRequest(who_, topic_, assigned)));
      if (Again(error)) continue;
      roll_.Set(index_, who_.generation);
      return;
    }
  }

  // One heartbeat; rejoins when the group asks for it.
  void Heartbeat() {
    const int16_t error = GroupError(caller_.Ask(HeartbeatRequest(who_)));
    if (error != 0) Again(error), Join();
  }

  void Leave() {
    const int16_t error = GroupError(caller_.Ask(LeaveGroupRequest(who_)));
    if (error != 0) Die("LeaveGroup: error " + std::to_string(error));
    who_.member.clear();
    who_.generation = -1;
  }

 private:
  // True for errors that mean to start again from JoinGroup.
  bool Again(int16_t error) {
    if (error == 0) return false;
    if (error == kUnknownMember) who_.member.clear();
    else if (CoordinatorComes(error)) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    else if (error != kRebalance && error != kIllegalGeneration) Die("group request refused: error " + std::to_string(error));
    return true;
  }

  Caller caller_;
  Membership who_;
  const std::string topic_;
  const size_t index_;
  Roll& roll_;
};

// Runs `work` for the first `count` members, each in its own thread, all begun at the same moment. Returns that moment, µs.
template <class Work>
uint64_t AllAtOnce(std::vector<std::unique_ptr<Member>>& members, size_t count, Work work) {
  std::atomic<size_t> ready = 0;
  std::atomic<bool> go = false;
  std::vector<std::thread> threads;
  for (size_t i = 0; i < count; i++) {
    threads.emplace_back([&, i] {
      ready++;
      go.wait(false);
      work(*members[i]);
    });
  }
  while (ready < count) std::this_thread::yield();
  const uint64_t at = NowMicros();
  go = true;
  go.notify_all();
  for (auto& thread : threads) thread.join();
  return at;
}

void AwaitCoordinator(int port, const std::string& group) {
  Caller caller(port);
  for (int tries = 0; tries < 600; tries++) {
    const int16_t error = FindCoordinatorError(caller.Ask(FindCoordinatorRequest(group)));
    if (error == 0) return;
    if (!CoordinatorComes(error)) Die("FindCoordinator: error " + std::to_string(error));
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  Die("no coordinator within 60 s");
}

double Median(std::vector<double> of) {
  std::sort(of.begin(), of.end());
  return of[of.size() / 2];
}

}  // namespace

int Rebalance(int port, const std::string& topic, const Options& options) {
  const auto count = static_cast<size_t>(options.Number("members", 8));
  const auto rounds = static_cast<size_t>(options.Number("rounds", 5));
  if (count < 2 || rounds < 1) Die("members=2 and rounds=1 at least");
  std::vector<double> joined, left;
  Window window(options);
  for (size_t round = 0; round <= rounds; round++) {  // the first is not counted: everything is cold
    if (round == 1) window.Begin();
    const std::string group = topic + "-" + std::to_string(round);
    AwaitCoordinator(port, group);
    Roll roll(count);
    std::vector<std::unique_ptr<Member>> members;
    for (size_t i = 0; i < count; i++) members.push_back(std::make_unique<Member>(port, group, topic, i, roll));
    const auto settle = [&roll](Member& member) {
      while (!roll.complete()) {
        std::this_thread::sleep_for(kHeartbeatPause);
        member.Heartbeat();
      }
    };
    roll.Expect(count, -1);
    const uint64_t joining = AllAtOnce(members, count, [&](Member& member) { member.Join(), settle(member); });
    const double all = static_cast<double>(roll.Await() - joining) / 1e3;
    roll.Expect(count - 1, roll.generation());
    const uint64_t leaving = NowMicros();
    members.back()->Leave();
    AllAtOnce(members, count - 1, [&](Member& member) { member.Heartbeat(), settle(member); });
    const double rest = static_cast<double>(roll.Await() - leaving) / 1e3;
    for (size_t i = 0; i + 1 < count; i++) members[i]->Leave();
    if (round == 0) continue;
    joined.push_back(all);
    left.push_back(rest);
  }
  window.End();
  Result result;
  window.AddTo(&result);
  result.Real("joinMs", Median(joined));
  result.Real("leaveMs", Median(left));
  result.Print();
  return 0;
}

}  // namespace bench
