#include "helper_thread.h"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>

#include <system_error>
#include <thread>
#include <utility>

namespace millrace {
namespace {

// The code of a running thread must not be unloaded with the last environment that used the addon.
void Pin() {
  Dl_info info;
  if (::dladdr(reinterpret_cast<void*>(&StartHelperThread), &info) != 0 && info.dli_fname != nullptr) {
    ::dlopen(info.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
  }
}

}  // namespace

bool StartHelperThread(const char* name, std::function<void()> run) {
  // Signals are for the threads that expect them.
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  bool started = true;
  try {
    Pin();
    std::thread([name, run = std::move(run)] {
      ::pthread_setname_np(::pthread_self(), name);
      run();
    }).detach();
  } catch (const std::system_error&) {
    started = false;
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return started;
}

}  // namespace millrace
