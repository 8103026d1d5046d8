#include "http/listener.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

namespace gpubench::http {
namespace {

constexpr int backlog = 64;

[[noreturn]] void refuse(const address& where, int cause, const std::string& why) {
  const bool used = cause == EADDRINUSE;
  throw error(error_kind::environment,
              fmt::format("cannot listen on {}: {}", where.shown(), used ? "the port is in use" : why),
              used ? "choose another with --listen, or 0 for any free port: --listen 127.0.0.1:0"
                   : "choose an address of this machine with --listen");
}

int port_of(const sockaddr_storage& bound) {
  return ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(bound).sin6_port
                                           : reinterpret_cast<const sockaddr_in&>(bound).sin_port);
}

}  // namespace

descriptor::~descriptor() {
  if (number_ >= 0) ::close(number_);
}

descriptor& descriptor::operator=(descriptor&& other) noexcept {
  std::swap(number_, other.number_);
  return *this;
}

int descriptor::release() {
  return std::exchange(number_, -1);
}

descriptor listen_on(address& where) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (const int status = ::getaddrinfo(where.host.c_str(), std::to_string(where.port).c_str(), &hints, &found);
      status != 0)
    refuse(where, 0, status == EAI_SYSTEM ? std::generic_category().message(errno) : "no such address");
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> all(found, &::freeaddrinfo);
  int cause = 0;
  for (const auto* each = found; each != nullptr; each = each->ai_next) {
    descriptor made(::socket(each->ai_family, each->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, each->ai_protocol));
    // Not SO_REUSEPORT, with which a second server would take half of the first one's questions.
    const int yes = 1;
    if (made.number() < 0 || ::setsockopt(made.number(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
        ::bind(made.number(), each->ai_addr, each->ai_addrlen) != 0 || ::listen(made.number(), backlog) != 0) {
      cause = errno;
      continue;
    }
    sockaddr_storage bound{};
    socklen_t length = sizeof bound;
    if (::getsockname(made.number(), reinterpret_cast<sockaddr*>(&bound), &length) == 0) where.port = port_of(bound);
    return made;
  }
  refuse(where, cause, cause != 0 ? std::generic_category().message(cause) : "no such address");
}

}  // namespace gpubench::http
