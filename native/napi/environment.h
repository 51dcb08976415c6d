// What one JavaScript environment (main thread or worker) holds of the process-wide registry. Released when the
// environment ends, however it ends: exit, terminate(), an uncaught error.
#pragma once
#include <node_api.h>

#include <memory>
#include <unordered_map>
#include <vector>

#include "../core/log_registry.h"

namespace millrace {

// Slabs are numbered by thread: network threads, workers, the main thread.
constexpr int32_t kSlabsMax = 4096;

class Environment {
 public:
  explicit Environment(napi_env env);
  ~Environment();
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

  uint64_t id() const { return id_; }  // owner of the ranges this environment was given
  const Slabs& slabs() const { return slabs_; }
  void RegisterSlab(int32_t index, napi_value memory, uint8_t* bytes, size_t length);
  int32_t Open(const std::string& directory, const LogOptions& options);
  void Attach(const std::string& directory, int32_t token);
  void Close(int32_t token);
  Log& At(int32_t token);

 private:
  struct Held {
    std::shared_ptr<Log> log;
    int32_t holders = 1;
    bool writer = false;
  };
  napi_env env_;
  uint64_t id_;
  Slabs slabs_;
  std::vector<napi_ref> slab_references_;
  std::unordered_map<int32_t, Held> logs_;
};

}  // namespace millrace
