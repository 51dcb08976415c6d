// Threads of the process that work beside Node's: detached, without signals, and safe against the addon being unloaded.
#pragma once
#include <functional>

namespace millrace {

// False: no thread can be had.
bool StartHelperThread(const char* name, std::function<void()> run);

}  // namespace millrace
