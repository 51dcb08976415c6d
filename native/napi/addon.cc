// Module entry: runs once per JavaScript environment (main thread and every worker).
#include <napi.h>

namespace millrace {
void InitSegments(Napi::Env env, Napi::Object exports);
#ifndef MILLRACE_NO_POLLER
void InitPoller(Napi::Env env, Napi::Object exports);
#endif

Napi::Object InitMillrace(Napi::Env env, Napi::Object exports) {
  InitSegments(env, exports);
#ifndef MILLRACE_NO_POLLER
  InitPoller(env, exports);
#endif
  return exports;
}
}  // namespace millrace

using millrace::InitMillrace;
NODE_API_MODULE(millrace, InitMillrace)
