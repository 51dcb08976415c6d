// What goes wrong below JavaScript: a system call (carries errno, call and path; becomes an Error with Node's `code`) or
// a broken rule of the contract (becomes a plain Error: a broker must not abort on it).
#pragma once
#include <cerrno>
#include <stdexcept>
#include <string>

namespace millrace {

class SystemError : public std::runtime_error {
 public:
  SystemError(int number, const char* syscall, std::string path);
  const int number;
  const char* const syscall;
  const std::string path;
};

class ContractError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

// "ENOSPC" for ENOSPC; "E123" for a number without a name here.
std::string ErrorName(int number);
// Throws SystemError with errno.
[[noreturn]] void ThrowErrno(const char* syscall, const std::string& path);

inline void Require(bool condition, const char* what) {
  if (!condition) [[unlikely]] throw ContractError(what);
}

}  // namespace millrace
