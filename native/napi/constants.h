// Numbers both languages use, by the names TypeScript gives them; src/io/addon.ts compares them at load.
#pragma once
#include <napi.h>

namespace millrace {
Napi::Object SegmentConstants(Napi::Env env);
}
