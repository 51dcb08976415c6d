// Arguments of one call from JavaScript, checked: a wrong type is an exception, never a crash. Raw N-API, because the
// hot functions are called once per drain or fetch and need no wrapper objects.
#pragma once
#include <node_api.h>

#include <cmath>
#include <string>

#include "../core/batch_header.h"
#include "../core/system_error.h"

namespace millrace {

template <typename T>
struct View {
  T* data;
  size_t length;  // elements
};

class Arguments {
 public:
  static constexpr size_t kMax = 8;

  Arguments(napi_env env, napi_callback_info info) : env(env) {
    Check(napi_get_cb_info(env, info, &count_, values_, nullptr, &data_), "arguments");
  }

  template <typename T>
  T& context() const {
    return *static_cast<T*>(data_);
  }

  double Number(size_t index) const {
    double value;
    Check(napi_get_value_double(env, At(index), &value), "a number");
    Require(!std::isnan(value), "an argument is not a number");
    return value;
  }
  // Truncated and clamped to the range of the type: Infinity is the largest integer.
  int64_t Integer(size_t index) const { return ToInt64(Number(index)); }
  int32_t Int32(size_t index) const {
    const int64_t value = Integer(index);
    Require(value >= INT32_MIN && value <= INT32_MAX, "an argument exceeds 32 bits");
    return int32_t(value);
  }
  bool Boolean(size_t index) const {
    bool value;
    Check(napi_get_value_bool(env, At(index), &value), "a boolean");
    return value;
  }
  bool Given(size_t index) const {
    if (index >= count_) return false;
    napi_valuetype type;
    Check(napi_typeof(env, values_[index], &type), "a value");
    return type != napi_undefined;
  }
  std::string Text(size_t index) const {
    size_t length;
    Check(napi_get_value_string_utf8(env, At(index), nullptr, 0, &length), "a string");
    std::string text(length, '\0');
    Check(napi_get_value_string_utf8(env, At(index), text.data(), length + 1, &length), "a string");
    Require(text.find('\0') == std::string::npos, "a string argument contains a NUL");
    return text;
  }
  View<uint8_t> Bytes(size_t index) const { return Typed<uint8_t>(index, napi_uint8_array, "a Uint8Array"); }
  View<int32_t> Words(size_t index) const { return Typed<int32_t>(index, napi_int32_array, "an Int32Array"); }
  double* Doubles(size_t index, size_t least) const {
    const View<double> view = Typed<double>(index, napi_float64_array, "a Float64Array");
    Require(view.length >= least, "an output array is too short");
    return view.data;
  }
  napi_value At(size_t index) const {
    Require(index < count_ && index < kMax, "an argument is missing");
    return values_[index];
  }

  napi_value Return(double value) const {
    napi_value result;
    Check(napi_create_double(env, value, &result), "a result");
    return result;
  }
  napi_value Return(int32_t value) const {
    napi_value result;
    Check(napi_create_int32(env, value, &result), "a result");
    return result;
  }
  napi_value Return(bool value) const {
    napi_value result;
    Check(napi_get_boolean(env, value, &result), "a result");
    return result;
  }

  const napi_env env;

 private:
  static void Check(napi_status status, const char* what) {
    if (status != napi_ok) [[unlikely]] throw ContractError(std::string("expected ") + what);
  }
  template <typename T>
  View<T> Typed(size_t index, napi_typedarray_type wanted, const char* what) const {
    napi_typedarray_type type;
    View<T> view{};
    void* data = nullptr;
    Check(napi_get_typedarray_info(env, At(index), &type, &view.length, &data, nullptr, nullptr), what);
    if (type != wanted) [[unlikely]] throw ContractError(std::string("expected ") + what);
    view.data = static_cast<T*>(data);
    return view;
  }

  size_t count_ = kMax;
  napi_value values_[kMax];
  void* data_ = nullptr;
};

// Runs a function and turns C++ exceptions into JavaScript ones.
template <auto kFunction>
napi_value Call(napi_env env, napi_callback_info info) {
  try {
    return kFunction(Arguments(env, info));
  } catch (const SystemError& error) {
    napi_value exception, code, text, property;
    if (napi_create_string_utf8(env, ErrorName(error.number).c_str(), NAPI_AUTO_LENGTH, &code) != napi_ok ||
        napi_create_string_utf8(env, error.what(), NAPI_AUTO_LENGTH, &text) != napi_ok ||
        napi_create_error(env, code, text, &exception) != napi_ok) {
      napi_throw_error(env, "EIO", error.what());
      return nullptr;
    }
    // Node's system errors: code, errno (negative), syscall, path.
    if (napi_create_string_utf8(env, error.path.c_str(), NAPI_AUTO_LENGTH, &property) == napi_ok)
      napi_set_named_property(env, exception, "path", property);
    if (napi_create_string_utf8(env, error.syscall, NAPI_AUTO_LENGTH, &property) == napi_ok)
      napi_set_named_property(env, exception, "syscall", property);
    if (napi_create_int32(env, -error.number, &property) == napi_ok)
      napi_set_named_property(env, exception, "errno", property);
    napi_throw(env, exception);
  } catch (const std::exception& error) {
    napi_throw_error(env, "MILLRACE_CONTRACT", error.what());
  }
  return nullptr;
}

}  // namespace millrace
