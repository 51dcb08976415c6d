#include "log_registry.h"

#include <mutex>
#include <shared_mutex>
#include <unordered_map>

namespace millrace {
namespace {

// Entries of logs that are gone are swept once per so many opens.
constexpr int32_t kSweepEvery = 256;

struct Entry {
  std::weak_ptr<Log> log;
  std::string directory;
};

struct Registry {
  std::shared_mutex mutex;
  int32_t last_token = 0;
  std::unordered_map<int32_t, Entry> logs;
  std::unordered_map<std::string, int32_t> writers;  // by directory
};

// Never destroyed: worker threads may still look up while the process exits.
Registry& Instance() {
  static Registry* const registry = new Registry;
  return *registry;
}

}  // namespace

int32_t RegistryOpen(const std::string& directory, const LogOptions& options, std::shared_ptr<Log>& log) {
  Registry& registry = Instance();
  std::unique_lock lock(registry.mutex);
  if (registry.writers.contains(directory)) throw SystemError(EBUSY, "openLog", directory);
  Require(registry.last_token < INT32_MAX, "log tokens are used up");
  log = std::make_shared<Log>(directory, options);
  const int32_t token = ++registry.last_token;
  if (token % kSweepEvery == 0) std::erase_if(registry.logs, [](const auto& entry) { return entry.second.log.expired(); });
  registry.logs.emplace(token, Entry{log, directory});
  registry.writers.emplace(directory, token);
  return token;
}

std::shared_ptr<Log> RegistryAttach(const std::string& directory, int32_t token) {
  Registry& registry = Instance();
  std::shared_lock lock(registry.mutex);
  const auto entry = registry.logs.find(token);
  std::shared_ptr<Log> log = entry == registry.logs.end() ? nullptr : entry->second.log.lock();
  Require(log != nullptr, "attachLog: no log has this token");
  Require(entry->second.directory == directory, "attachLog: the token names the log of another directory");
  return log;
}

void RegistryClose(int32_t token) {
  Registry& registry = Instance();
  std::unique_lock lock(registry.mutex);
  const auto entry = registry.logs.find(token);
  if (entry == registry.logs.end()) return;
  const auto writer = registry.writers.find(entry->second.directory);
  if (writer != registry.writers.end() && writer->second == token) registry.writers.erase(writer);
}

size_t RegistryCount() {
  Registry& registry = Instance();
  std::shared_lock lock(registry.mutex);
  size_t count = 0;
  for (const auto& entry : registry.logs) count += entry.second.log.expired() ? 0 : 1;
  return count;
}

}  // namespace millrace
