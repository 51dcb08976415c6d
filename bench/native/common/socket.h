// Sockets of the loopback interface.
#pragma once
#include <cstddef>
#include <cstdint>

namespace bench {

enum class Blocking { kYes, kNo };

// A socket connected to 127.0.0.1:port, or with kNo perhaps still connecting; -1 when refused (errno says why).
int Connect(int port, Blocking blocking);
// A non-blocking listener on 127.0.0.1:port; -1 when it cannot be had.
int Listen(int port);
void NoDelay(int fd);
// As many descriptors as the hard limit allows.
void RaiseDescriptorLimit();

}  // namespace bench
