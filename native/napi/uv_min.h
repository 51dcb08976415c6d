// The few libuv functions the addon uses. uv.h is not part of node-api-headers, but the functions are exported by every
// node binary and libuv keeps their ABI within version 1. Handles are opaque: their size is asked from libuv, and the
// numbers of their types are checked by name at load (UvTypesMatch).
#pragma once
#include <cstddef>
#include <cstring>

extern "C" {
struct uv_loop_s;
typedef struct uv_handle_opaque uv_handle_opaque;
typedef void (*uv_min_poll_cb)(uv_handle_opaque* handle, int status, int events);
typedef void (*uv_min_close_cb)(uv_handle_opaque* handle);

size_t uv_handle_size(int type);
const char* uv_handle_type_name(int type);
void* uv_handle_get_data(const uv_handle_opaque* handle);
void uv_handle_set_data(uv_handle_opaque* handle, void* data);
int uv_poll_init(struct uv_loop_s* loop, uv_handle_opaque* handle, int fd);
int uv_poll_start(uv_handle_opaque* handle, int events, uv_min_poll_cb callback);
int uv_poll_stop(uv_handle_opaque* handle);
void uv_close(uv_handle_opaque* handle, uv_min_close_cb callback);
}

namespace millrace {
constexpr int kUvPoll = 8;
constexpr int kUvReadable = 1;

inline bool UvTypesMatch() {
  const char* name = uv_handle_type_name(kUvPoll);
  return name != nullptr && std::strcmp(name, "poll") == 0;
}
}  // namespace millrace
