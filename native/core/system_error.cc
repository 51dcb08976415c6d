#include "system_error.h"

#include <cstring>

namespace millrace {
namespace {

struct Name {
  int number;
  const char* name;
};
constexpr Name kNames[] = {
    {ENOSPC, "ENOSPC"}, {EIO, "EIO"},         {ENOENT, "ENOENT"},   {EACCES, "EACCES"},   {EPERM, "EPERM"},
    {EMFILE, "EMFILE"}, {ENFILE, "ENFILE"},   {EDQUOT, "EDQUOT"},   {EFBIG, "EFBIG"},     {EROFS, "EROFS"},
    {EEXIST, "EEXIST"}, {ENOTDIR, "ENOTDIR"}, {EISDIR, "EISDIR"},   {EINVAL, "EINVAL"},   {ENOMEM, "ENOMEM"},
    {EBUSY, "EBUSY"},   {EBADMSG, "EBADMSG"}, {EBADF, "EBADF"},     {ESTALE, "ESTALE"},   {ELOOP, "ELOOP"},
    {ENODEV, "ENODEV"}, {ENXIO, "ENXIO"},     {EAGAIN, "EAGAIN"},   {ETXTBSY, "ETXTBSY"}, {EXDEV, "EXDEV"},
    {ENAMETOOLONG, "ENAMETOOLONG"},
};

std::string Text(int number, const char* syscall, const std::string& path) {
  return ErrorName(number) + ": " + std::strerror(number) + ", " + syscall + " '" + path + "'";
}

}  // namespace

SystemError::SystemError(int number, const char* syscall, std::string path)
    : std::runtime_error(Text(number, syscall, path)), number(number), syscall(syscall), path(std::move(path)) {}

std::string ErrorName(int number) {
  for (const Name& entry : kNames) {
    if (entry.number == number) return entry.name;
  }
  return "E" + std::to_string(number);
}

void ThrowErrno(const char* syscall, const std::string& path) { throw SystemError(errno, syscall, path); }

}  // namespace millrace
