#include "poller_wake.h"

#include <unistd.h>

#include <mutex>
#include <unordered_map>

namespace millrace {
namespace {
struct Entry {
  int event_fd;
  std::atomic<bool>* woken;
};
struct Table {
  std::mutex mutex;
  std::unordered_map<int32_t, Entry> entries;
  int32_t next = 1;
};
// Never destroyed: worker threads may still run while the process's static objects are torn down.
Table& table() {
  static Table* instance = new Table();
  return *instance;
}
}  // namespace

int32_t WakeRegister(int event_fd, std::atomic<bool>* woken) {
  std::lock_guard lock(table().mutex);
  int32_t id = table().next++;
  table().entries[id] = {event_fd, woken};
  return id;
}

void WakeUnregister(int32_t id) {
  std::lock_guard lock(table().mutex);
  table().entries.erase(id);
}

bool Wake(int32_t id) {
  std::lock_guard lock(table().mutex);
  auto found = table().entries.find(id);
  if (found == table().entries.end()) return false;
  if (!found->second.woken->exchange(true)) {
    uint64_t one = 1;
    [[maybe_unused]] ssize_t written = write(found->second.event_fd, &one, sizeof one);
  }
  return true;
}

}  // namespace millrace
