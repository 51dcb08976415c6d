// Module entry: runs once per JavaScript environment (main thread and every worker).
#include <napi.h>

namespace millrace {
void InitSegments(Napi::Env env, Napi::Object exports);
#ifndef MILLRACE_NO_POLLER
void InitPoller(Napi::Env env, Napi::Object exports);
#endif
}  // namespace millrace

// Not NODE_API_MODULE: that one rethrows what cannot be thrown into JavaScript, and a worker that is terminated while it
// loads the addon would take the whole process with it.
NAPI_MODULE_INIT() {
  try {
    millrace::InitSegments(env, Napi::Object(env, exports));
#ifndef MILLRACE_NO_POLLER
    millrace::InitPoller(env, Napi::Object(env, exports));
#endif
  } catch (const Napi::Error&) {
    // The environment is ending and runs no JavaScript any more. Were it anything else, src/io/addon.ts would miss the
    // functions and say so.
    return nullptr;
  }
  return exports;
}
