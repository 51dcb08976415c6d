// Process-wide table of pollers that any thread may wake. Waking one that is gone does nothing.
#pragma once
#include <atomic>
#include <cstdint>

namespace millrace {

// `event_fd` is written when `woken` turns from false to true. Returns an id > 0, never reused.
int32_t WakeRegister(int event_fd, std::atomic<bool>* woken);
// After this returns no thread touches `event_fd` or `woken` any more.
void WakeUnregister(int32_t id);
// Thread-safe. False when no such poller lives.
bool Wake(int32_t id);

}  // namespace millrace
