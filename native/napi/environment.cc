#include "environment.h"

#include <atomic>

namespace millrace {
namespace {
std::atomic<uint64_t> last_id{0};
}

Environment::Environment(napi_env env) : env_(env), id_(++last_id) {}

Environment::~Environment() {
  RangeReleaseOwner(id_);
  for (const auto& [token, held] : logs_) {
    if (held.writer) RegistryClose(token);
  }
  for (napi_ref reference : slab_references_) {
    if (reference != nullptr) napi_delete_reference(env_, reference);
  }
}

void Environment::RegisterSlab(int32_t index, napi_value memory, uint8_t* bytes, size_t length) {
  Require(index >= 0 && index < kSlabsMax, "registerSlab: the index is out of range");
  napi_ref reference;
  Require(napi_create_reference(env_, memory, 1, &reference) == napi_ok, "registerSlab: the memory cannot be kept");
  if (size_t(index) >= slabs_.size()) {
    slabs_.resize(size_t(index) + 1);
    slab_references_.resize(size_t(index) + 1);
  }
  if (slab_references_[index] != nullptr) napi_delete_reference(env_, slab_references_[index]);
  slab_references_[index] = reference;
  slabs_[index] = {bytes, int64_t(length)};
}

int32_t Environment::Open(const std::string& directory, const LogOptions& options) {
  Held held;
  held.writer = true;
  const int32_t token = RegistryOpen(directory, options, held.log);
  logs_.emplace(token, std::move(held));
  return token;
}

void Environment::Attach(const std::string& directory, int32_t token) {
  std::shared_ptr<Log> log = RegistryAttach(directory, token);
  const auto [entry, added] = logs_.try_emplace(token);
  if (added) {
    entry->second.log = std::move(log);
  } else {
    entry->second.holders++;
  }
}

void Environment::Close(int32_t token) {
  const auto entry = logs_.find(token);
  Require(entry != logs_.end(), "no log with this token is open in this thread");
  if (--entry->second.holders > 0) return;
  if (entry->second.writer) RegistryClose(token);
  logs_.erase(entry);
}

Log& Environment::At(int32_t token) {
  const auto entry = logs_.find(token);
  Require(entry != logs_.end(), "no log with this token is open in this thread");
  return *entry->second.log;
}

}  // namespace millrace
