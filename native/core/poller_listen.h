// Listening sockets: host names, options, and the kernel's errors as errno.
#pragma once
#include <sys/socket.h>

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace millrace {

struct ListenResult {
  int error = 0;  // errno; EADDRNOTAVAIL also for names that do not resolve
  uint16_t port = 0;
  std::vector<int> fds;  // "localhost" may give one for 127.0.0.1 and one for ::1
};

// "0.0.0.0", "::" (both families), "" (as "::", or IPv4 where IPv6 is off), an address, or a name. Port 0 picks one.
// With reuse_port several sockets of this process share the port; the first of them first makes sure that no other
// process has it, because the kernel would let two brokers of one user share it silently.
ListenResult Listen(const std::string& host, uint16_t port, int backlog, bool reuse_port);

// Address as text and port. IPv4 in IPv6 clothes is shown as IPv4.
std::string AddressText(const sockaddr_storage& address, uint16_t* port);
// 16 bytes that tell addresses apart.
std::string AddressKey(const sockaddr_storage& address);

}  // namespace millrace
