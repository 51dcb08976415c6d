#include "poller_listen.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <set>

namespace millrace {
namespace {

struct Address {
  sockaddr_storage storage{};
  socklen_t length = 0;
};

std::vector<Address> Resolve(const std::string& host) {
  std::vector<Address> found;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  // "localhost" by hand: both loopbacks, IPv4 first, whatever /etc/hosts says.
  std::vector<std::string> names = {host};
  if (host == "localhost") names = {"127.0.0.1", "::1"};
  if (host.empty()) names = {"::", "0.0.0.0"};
  for (const std::string& name : names) {
    addrinfo* list = nullptr;
    if (getaddrinfo(name.c_str(), nullptr, &hints, &list) != 0) continue;
    for (addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
      Address address;
      memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
      address.length = entry->ai_addrlen;
      found.push_back(address);
      break;  // a name means its first address, as in Java
    }
    freeaddrinfo(list);
  }
  return found;
}

void SetPort(sockaddr_storage* address, uint16_t port) {
  if (address->ss_family == AF_INET6) {
    reinterpret_cast<sockaddr_in6*>(address)->sin6_port = htons(port);
  } else {
    reinterpret_cast<sockaddr_in*>(address)->sin_port = htons(port);
  }
}

// Returns the descriptor or -errno.
int OpenOne(Address address, uint16_t port, int backlog, bool reuse_port, uint16_t* bound) {
  SetPort(&address.storage, port);
  int fd = socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  int on = 1, off = 0;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (reuse_port) setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (address.storage.ss_family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  socklen_t length = address.length;
  if (bind(fd, reinterpret_cast<sockaddr*>(&address.storage), address.length) != 0 || listen(fd, backlog) != 0 ||
      getsockname(fd, reinterpret_cast<sockaddr*>(&address.storage), &length) != 0) {
    int error = errno;
    close(fd);
    return -error;
  }
  AddressText(address.storage, bound);
  return fd;
}

// Ports this process listens on with SO_REUSEPORT: its own threads may join without the probe.
struct SharedPorts {
  std::mutex mutex;
  std::set<std::string> known;
};
SharedPorts& shared_ports() {
  static SharedPorts* instance = new SharedPorts();
  return *instance;
}

int OpenShared(const Address& address, uint16_t port, int backlog, uint16_t* bound) {
  std::lock_guard lock(shared_ports().mutex);
  std::string key = AddressKey(address.storage) + "/";
  if (port != 0 && !shared_ports().known.contains(key + std::to_string(port))) {
    int probe = OpenOne(address, port, backlog, false, bound);
    if (probe < 0) return probe;
    close(probe);
  }
  int fd = OpenOne(address, port, backlog, true, bound);
  if (fd >= 0) shared_ports().known.insert(key + std::to_string(*bound));
  return fd;
}

}  // namespace

ListenResult Listen(const std::string& host, uint16_t port, int backlog, bool reuse_port) {
  ListenResult result;
  std::vector<Address> addresses = Resolve(host);
  result.error = EADDRNOTAVAIL;
  for (const Address& address : addresses) {
    uint16_t wanted = result.fds.empty() ? port : result.port;
    uint16_t bound = 0;
    int fd = reuse_port ? OpenShared(address, wanted, backlog, &bound) : OpenOne(address, wanted, backlog, false, &bound);
    if (fd < 0) {
      // Where IPv6 is switched off "localhost" and "" mean IPv4 alone.
      bool optional = address.storage.ss_family == AF_INET6 && addresses.size() > 1 &&
                      (fd == -EAFNOSUPPORT || fd == -EADDRNOTAVAIL || (port == 0 && fd == -EADDRINUSE));
      if (optional) continue;
      for (int open : result.fds) close(open);
      result.fds.clear();
      result.error = -fd;
      return result;
    }
    result.error = 0;
    result.port = bound;
    result.fds.push_back(fd);
    if (host.empty()) break;
  }
  return result;
}

std::string AddressText(const sockaddr_storage& address, uint16_t* port) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    *port = ntohs(v4.sin_port);
    inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
  } else if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    *port = ntohs(v6.sin6_port);
    if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
      inet_ntop(AF_INET, v6.sin6_addr.s6_addr + 12, text, sizeof text);
    } else {
      inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
    }
  }
  return text;
}

std::string AddressKey(const sockaddr_storage& address) {
  uint16_t port = 0;
  return AddressText(address, &port);
}

}  // namespace millrace
