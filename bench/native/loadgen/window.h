// The measured window: what the broker (pid=N) and the generator itself spent between its two ends.
#pragma once
#include <cstdint>
#include <thread>

#include "../common/options.h"
#include "result.h"

namespace bench {

struct ProcessFigures {
  double cpu_seconds = 0;  // utime + stime of /proc/N/stat, which keeps what ended threads spent
  uint64_t switches = 0;   // voluntary and forced, of the threads that live
  double anonymous_mib = 0;
};
ProcessFigures ReadProcess(int pid);

class Window {
 public:
  explicit Window(const Options& options) : pid_(static_cast<int>(options.Number("pid", 0))) {}
  ~Window();
  // Takes the broker's figures beside the caller: reading a hundred threads' files takes milliseconds, which an open loop
  // would see as latency.
  void Begin();
  void End();
  double seconds() const { return static_cast<double>(ended_ - began_) / 1e6; }
  // seconds, generatorCpu and with a pid brokerCpu, brokerSwitches, brokerAnonMiB.
  void AddTo(Result* result) const;

 private:
  const int pid_;
  std::thread reader_;
  ProcessFigures before_, after_;
  double own_before_ = 0, own_after_ = 0;
  uint64_t began_ = 0, ended_ = 0;
};

}  // namespace bench
