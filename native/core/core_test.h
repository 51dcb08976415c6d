// A test program without a framework: TEST declares a case, CHECK counts a failure and goes on.
#pragma once
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "batch_table.h"
#include "log.h"

namespace millrace::test {

struct Case {
  const char* name;
  void (*run)();
};
std::vector<Case>& Cases();
extern int failures;

struct Register {
  Register(const char* name, void (*run)()) { Cases().push_back({name, run}); }
};

#define TEST(name)                                                        \
  static void name();                                                     \
  static const ::millrace::test::Register register_##name(#name, name);   \
  static void name()

#define CHECK(condition)                                                              \
  do {                                                                                \
    if (!(condition)) {                                                               \
      std::fprintf(stderr, "%s:%d: CHECK(%s) failed\n", __FILE__, __LINE__, #condition); \
      ::millrace::test::failures++;                                                   \
    }                                                                                 \
  } while (0)

#define CHECK_EQ(actual, expected)                                                                        \
  do {                                                                                                    \
    const auto actual_value = (actual);                                                                   \
    const auto expected_value = (expected);                                                               \
    if (!(actual_value == expected_value)) {                                                              \
      std::fprintf(stderr, "%s:%d: %s is %lld, expected %lld\n", __FILE__, __LINE__, #actual,             \
                   static_cast<long long>(actual_value), static_cast<long long>(expected_value));         \
      ::millrace::test::failures++;                                                                       \
    }                                                                                                     \
  } while (0)

// The errno a call throws, 0 when it throws nothing, -1 for a ContractError.
template <typename Function>
int Thrown(Function function) {
  try {
    function();
    return 0;
  } catch (const SystemError& error) {
    return error.number;
  } catch (const ContractError&) {
    return -1;
  }
}

// A directory of its own, removed with everything in it.
class TempDirectory {
 public:
  TempDirectory();
  ~TempDirectory();
  const std::string path;
};

// A valid batch of `records` records with one value of `value_bytes`; max timestamp = timestamp + records - 1.
std::vector<uint8_t> MakeBatch(int32_t records, size_t value_bytes, int64_t timestamp = 1000);

// Appends copies of batches as a worker would: rows over one slab.
class Feeder {
 public:
  explicit Feeder(std::shared_ptr<Log> log) : log_(std::move(log)) {}
  // Appends `batches` in one drain from offset `next` on.
  void Append(const std::vector<std::vector<uint8_t>>& batches, int32_t flags = 0, double append_time = 0);
  int64_t next = 0;
  int32_t leader_epoch = 7;
  std::vector<Row> rows;

 private:
  std::shared_ptr<Log> log_;
  std::vector<uint8_t> slab_;
};

std::vector<uint8_t> FileBytes(const std::string& path);
int64_t FileLength(const std::string& path);
bool Exists(const std::string& path);
std::vector<uint8_t> RangeBytes(const FileRange& range);

}  // namespace millrace::test
