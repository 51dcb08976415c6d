#include "write_behind.h"

#include <fcntl.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>

#include "helper_thread.h"

namespace millrace {
namespace {

constexpr std::chrono::seconds kIdle{5};

struct Step {
  std::weak_ptr<SegmentFile> file;  // not held: a file that is waited for can still be recycled or cut in place
  int64_t from, to;
};

class Writer {
 public:
  static Writer& Get() {
    // Never destroyed: the thread may still run while the process's static objects are torn down.
    static Writer* const writer = new Writer;
    return *writer;
  }

  void Add(Step step) {
    std::lock_guard lock(mutex_);
    if (steps_.size() >= kWriteBehindStepsMax || !Affordable(step.to - step.from)) return;
    if (!running_ && !(running_ = StartHelperThread("write-behind", [this] { Run(); }))) return;
    steps_.push_back(std::move(step));
    if (idle_) changed_.notify_one();
  }

 private:
  // What was not used of a second's budget is gone with it.
  bool Affordable(int64_t bytes) {
    const auto now = std::chrono::steady_clock::now();
    if (now - second_ >= std::chrono::seconds(1)) {
      second_ = now;
      left_ = kWriteBehindBytesPerSecond;
    }
    left_ -= bytes;
    return left_ >= 0;
  }

  void Run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      if (steps_.empty()) {
        idle_ = true;
        const bool work = changed_.wait_for(lock, kIdle, [this] { return !steps_.empty(); });
        idle_ = false;
        if (work) continue;
        running_ = false;
        return;
      }
      const Step step = std::move(steps_.front());
      steps_.pop_front();
      lock.unlock();
      if (const auto file = step.file.lock()) {
        ::sync_file_range(file->fd, step.from, step.to - step.from, SYNC_FILE_RANGE_WRITE);
      }
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Step> steps_;
  std::chrono::steady_clock::time_point second_{};
  int64_t left_ = 0;
  bool running_ = false;
  bool idle_ = false;
};

}  // namespace

void WriteBehind(const std::shared_ptr<SegmentFile>& file, int64_t from, int64_t to) {
  Writer::Get().Add({file, from, to});
}

}  // namespace millrace
