// Binds native/core/poller to one Node thread: a uv_poll_t watches the poller's epoll descriptor, and each loop turn
// that has something to tell makes one call into JavaScript. Pollers are known by their wake id; all functions except
// pollerWake belong to the thread that created the poller.
//
// Life: create -> (turns) -> close, or the end of the environment. Either way the handle is closed with uv_close and
// the asynchronous cleanup hook is released from its callback: without it node aborts when a worker exits.
#include <napi.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <unordered_map>

#include "core/poller.h"
#include "core/poller_listen.h"
#include "core/poller_wake.h"
#include "uv_min.h"

namespace millrace {
namespace {

struct PollerBinding {
  napi_env env = nullptr;
  std::unique_ptr<Poller> poller;
  uv_handle_opaque* handle = nullptr;
  napi_async_cleanup_hook_handle hook = nullptr;
  napi_ref turn = nullptr;
  napi_ref memory[4] = {};  // slab, events, commands, outbound: kept alive while the poller writes to them
  int32_t id = 0;
};

// Bindings of this thread by wake id.
std::unordered_map<int32_t, PollerBinding*>& Bindings() {
  thread_local std::unordered_map<int32_t, PollerBinding*> bindings;
  return bindings;
}

void OnClosed(uv_handle_opaque* handle) {
  auto* binding = static_cast<PollerBinding*>(uv_handle_get_data(handle));
  std::free(handle);
  if (binding->hook != nullptr) napi_remove_async_cleanup_hook(binding->hook);
  delete binding;
}

void CloseBinding(PollerBinding* binding) {
  if (binding->poller == nullptr) return;
  Bindings().erase(binding->id);
  uv_poll_stop(binding->handle);
  binding->poller.reset();
  napi_delete_reference(binding->env, binding->turn);
  for (napi_ref reference : binding->memory) napi_delete_reference(binding->env, reference);
  uv_close(binding->handle, OnClosed);
}

void OnEnvironmentEnd(napi_async_cleanup_hook_handle, void* data) {
  auto* binding = static_cast<PollerBinding*>(data);
  // Closed already: OnClosed is on its way and releases the hook.
  CloseBinding(binding);
}

void OnReadable(uv_handle_opaque* handle, int, int) {
  auto* binding = static_cast<PollerBinding*>(uv_handle_get_data(handle));
  if (binding->poller == nullptr) return;
  bool woken = false;
  uint32_t rows = binding->poller->Turn(&woken);
  if (rows == 0 && !woken) return;
  napi_env env = binding->env;
  napi_handle_scope scope;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  napi_value function, global, arguments[2], result;
  if (napi_get_reference_value(env, binding->turn, &function) == napi_ok && napi_get_global(env, &global) == napi_ok &&
      napi_create_uint32(env, rows, &arguments[0]) == napi_ok &&
      napi_get_boolean(env, woken, &arguments[1]) == napi_ok) {
    napi_status status = napi_make_callback(env, nullptr, global, function, 2, arguments, &result);
    napi_value exception;
    if (status == napi_pending_exception && napi_get_and_clear_last_exception(env, &exception) == napi_ok) {
      napi_fatal_exception(env, exception);
    }
  }
  napi_close_handle_scope(env, scope);
}

Napi::Error SystemError(Napi::Env env, const char* syscall, int error, const std::string& subject) {
  const char* name = strerrorname_np(error);
  std::string code = name == nullptr ? "UNKNOWN" : name;
  Napi::Error thrown = Napi::Error::New(env, std::string(syscall) + " " + code + ": " + std::strerror(error) + " " + subject);
  thrown.Set("code", code);
  thrown.Set("errno", Napi::Number::New(env, -error));
  thrown.Set("syscall", syscall);
  return thrown;
}

struct Memory {
  uint8_t* data = nullptr;
  size_t elements = 0;
};

// A typed array's memory (SharedArrayBuffer-backed ones too, which node-addon-api's wrappers do not take everywhere).
Memory MemoryOf(const Napi::Value& value, napi_typedarray_type expected) {
  bool is_typed = false;
  napi_is_typedarray(value.Env(), value, &is_typed);
  napi_typedarray_type type = napi_int8_array;
  Memory memory;
  void* data = nullptr;
  if (is_typed) {
    napi_get_typedarray_info(value.Env(), value, &type, &memory.elements, &data, nullptr, nullptr);
  }
  if (!is_typed || type != expected) throw Napi::TypeError::New(value.Env(), "poller: wrong kind of array");
  memory.data = static_cast<uint8_t*>(data);
  return memory;
}

int64_t Option(const Napi::Object& options, const char* name) {
  Napi::Value value = options.Get(name);
  if (!value.IsNumber()) throw Napi::TypeError::New(options.Env(), std::string("poller: option ") + name);
  return value.As<Napi::Number>().Int64Value();
}

PollerBinding* BindingOf(const Napi::CallbackInfo& info) {
  auto found = Bindings().find(info[0].As<Napi::Number>().Int32Value());
  if (found == Bindings().end()) throw Napi::Error::New(info.Env(), "poller: closed, or of another thread");
  return found->second;
}

PollerOptions ReadOptions(const Napi::CallbackInfo& info) {
  Napi::Object options = info[0].As<Napi::Object>();
  Memory slab = MemoryOf(info[1], napi_uint8_array);
  Memory events = MemoryOf(info[2], napi_int32_array);
  Memory commands = MemoryOf(info[3], napi_int32_array);
  Memory outbound = MemoryOf(info[4], napi_uint8_array);
  if (slab.elements / kPageBytes < kSlabPagesMin) throw Napi::RangeError::New(info.Env(), "poller: slab too small");
  if (events.elements / kEventWords < kEventRowsMin) throw Napi::RangeError::New(info.Env(), "poller: too few event rows");
  if (reinterpret_cast<uintptr_t>(slab.data) % 8 != 0) throw Napi::RangeError::New(info.Env(), "poller: slab not aligned");
  PollerOptions native;
  native.slab = slab.data;
  native.slab_bytes = slab.elements;
  native.events = reinterpret_cast<int32_t*>(events.data);
  native.event_rows = uint32_t(events.elements / kEventWords);
  native.commands = reinterpret_cast<const int32_t*>(commands.data);
  native.command_rows = uint32_t(commands.elements / kCommandWords);
  native.outbound = outbound.data;
  native.outbound_bytes = uint32_t(outbound.elements);
  native.frame_bytes_max = Option(options, "frameBytesMax");
  native.idle_ms_max = Option(options, "idleMsMax");
  native.connections_max = Option(options, "connectionsMax");
  native.connections_per_ip_max = Option(options, "connectionsPerIpMax");
  native.outbound_queue_bytes_max = Option(options, "outboundQueueBytesMax");
  native.send_buffer_bytes = int(Option(options, "sendBufferBytes"));
  native.receive_buffer_bytes = int(Option(options, "receiveBufferBytes"));
  native.stalled_ms = Option(options, "stalledMs");
  return native;
}

// pollerCreate(options, slab, events, commands, outbound, turn(rows, woken)) -> wake id
Napi::Value Create(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (!UvTypesMatch()) throw Napi::Error::New(env, "poller: libuv's handle types have other numbers than expected");
  PollerOptions options = ReadOptions(info);
  if (!info[5].IsFunction()) throw Napi::TypeError::New(env, "poller: turn must be a function");
  auto poller = std::make_unique<Poller>(options);
  if (poller->error() != 0) throw SystemError(env, "epoll_create1", poller->error(), "");
  uv_loop_s* loop = nullptr;
  auto* handle = static_cast<uv_handle_opaque*>(std::calloc(1, uv_handle_size(kUvPoll)));
  if (handle == nullptr || napi_get_uv_event_loop(env, &loop) != napi_ok ||
      uv_poll_init(loop, handle, poller->epoll_fd()) != 0) {
    std::free(handle);
    throw Napi::Error::New(env, "poller: the event loop does not take the descriptor");
  }
  auto* binding = new PollerBinding();
  binding->env = env;
  binding->id = poller->wake_id();
  binding->poller = std::move(poller);
  binding->handle = handle;
  napi_create_reference(env, info[5], 1, &binding->turn);
  for (size_t i = 0; i < 4; i++) napi_create_reference(env, info[1 + i], 1, &binding->memory[i]);
  uv_handle_set_data(handle, binding);
  napi_add_async_cleanup_hook(env, OnEnvironmentEnd, binding, &binding->hook);
  uv_poll_start(handle, kUvReadable, OnReadable);
  Bindings()[binding->id] = binding;
  return Napi::Number::New(env, binding->id);
}

// pollerListen(id, host, port, backlog, reusePort) -> [listener, port]
Napi::Value ListenOn(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  std::string host = info[1].As<Napi::String>().Utf8Value();
  uint32_t port = info[2].As<Napi::Number>().Uint32Value();
  int listener = 0;
  uint16_t bound = 0;
  int error = BindingOf(info)->poller->ListenOn(host, uint16_t(port), info[3].As<Napi::Number>().Int32Value(),
                                                info[4].As<Napi::Boolean>().Value(), &listener, &bound);
  if (error != 0) throw SystemError(env, "listen", error, host + ":" + std::to_string(port));
  Napi::Array result = Napi::Array::New(env, 2);
  result.Set(0u, Napi::Number::New(env, listener));
  result.Set(1u, Napi::Number::New(env, bound));
  return result;
}

void StopListening(const Napi::CallbackInfo& info) { BindingOf(info)->poller->StopListening(); }

// pollerSubmit(id, rows)
void Submit(const Napi::CallbackInfo& info) {
  PollerBinding* binding = BindingOf(info);
  binding->poller->Submit(info[1].As<Napi::Number>().Uint32Value());
}

// pollerSendBuffer(id, connection, generation, bytes)
void SendBuffer(const Napi::CallbackInfo& info) {
  Memory bytes = MemoryOf(info[3], napi_uint8_array);
  BindingOf(info)->poller->SendBuffer(info[1].As<Napi::Number>().Uint32Value(),
                                      info[2].As<Napi::Number>().Int32Value(), bytes.data, bytes.elements);
}

const Connection* ConnectionOf(const Napi::CallbackInfo& info) {
  const Connection* connection = BindingOf(info)->poller->At(info[1].As<Napi::Number>().Uint32Value());
  if (connection == nullptr) throw Napi::RangeError::New(info.Env(), "poller: no such connection");
  return connection;
}

// pollerPeerAddress(id, connection) -> [host, port]
Napi::Value PeerAddress(const Napi::CallbackInfo& info) {
  uint16_t port = 0;
  std::string host = AddressText(ConnectionOf(info)->peer, &port);
  Napi::Array result = Napi::Array::New(info.Env(), 2);
  result.Set(0u, Napi::String::New(info.Env(), host));
  result.Set(1u, Napi::Number::New(info.Env(), port));
  return result;
}

Napi::Value LocalPort(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), ConnectionOf(info)->local_port);
}

// pollerStats(id) -> [connections, slab bytes used, queued bytes, frames held, lingering]
Napi::Value Stats(const Napi::CallbackInfo& info) {
  PollerStats stats = BindingOf(info)->poller->Stats();
  Napi::Array result = Napi::Array::New(info.Env(), 5);
  uint32_t at = 0;
  for (int64_t value : {stats.connections, stats.slab_bytes_used, stats.queued_bytes, stats.frames_held, stats.lingering}) {
    result.Set(at++, Napi::Number::New(info.Env(), double(value)));
  }
  return result;
}

void Close(const Napi::CallbackInfo& info) {
  auto found = Bindings().find(info[0].As<Napi::Number>().Int32Value());
  if (found != Bindings().end()) CloseBinding(found->second);
}

// pollerWake(id) -> false when no such poller lives. Any thread.
Napi::Value WakeAny(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), Wake(info[0].As<Napi::Number>().Int32Value()));
}

// pollerLayout() -> numbers that src/io/poller.ts must agree with.
Napi::Value Layout(const Napi::CallbackInfo& info) {
  Napi::Object layout = Napi::Object::New(info.Env());
  const std::pair<const char*, int64_t> rows[] = {
      {"eventWords", kEventWords},     {"commandWords", kCommandWords},    {"frame", kEventFrame},
      {"opened", kEventOpened},        {"closed", kEventClosed},           {"bytes", kCommandBytes},
      {"range", kCommandRange},        {"freeFrame", kCommandFreeFrame},   {"close", kCommandClose},
      {"mute", kCommandMute},          {"unmute", kCommandUnmute},         {"peer", kClosePeer},
      {"idle", kCloseIdle},            {"badFrame", kCloseBadFrame},       {"requested", kCloseRequested},
      {"stalled", kCloseStalled},      {"error", kCloseError},             {"limit", kCloseLimit},
      {"slowReader", kCloseSlowReader}, {"slabBytesMin", int64_t(kSlabPagesMin) * kPageBytes},
      {"eventRowsMin", kEventRowsMin},
  };
  for (const auto& [name, value] : rows) layout.Set(name, Napi::Number::New(info.Env(), double(value)));
  return layout;
}

}  // namespace

void InitPoller(Napi::Env env, Napi::Object exports) {
  exports.Set("pollerCreate", Napi::Function::New(env, Create));
  exports.Set("pollerListen", Napi::Function::New(env, ListenOn));
  exports.Set("pollerStopListening", Napi::Function::New(env, StopListening));
  exports.Set("pollerSubmit", Napi::Function::New(env, Submit));
  exports.Set("pollerSendBuffer", Napi::Function::New(env, SendBuffer));
  exports.Set("pollerPeerAddress", Napi::Function::New(env, PeerAddress));
  exports.Set("pollerLocalPort", Napi::Function::New(env, LocalPort));
  exports.Set("pollerStats", Napi::Function::New(env, Stats));
  exports.Set("pollerClose", Napi::Function::New(env, Close));
  exports.Set("pollerWake", Napi::Function::New(env, WakeAny));
  exports.Set("pollerLayout", Napi::Function::New(env, Layout));
}

}  // namespace millrace
