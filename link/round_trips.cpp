#include "link/round_trips.hpp"

#include "core/error.hpp"
#include "core/process.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstring>
#include <memory>
#include <regex>
#include <sstream>
#include <thread>

namespace gpubench::link {

namespace {

using steady = std::chrono::steady_clock;

struct free_addresses {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};
using addresses = std::unique_ptr<addrinfo, free_addresses>;

addresses resolve(const std::string& host, int port) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failed = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &found);
  if (failed != 0)
    throw error(error_kind::usage, fmt::format("the host '{}' is not known: {}", host, ::gai_strerror(failed)),
                "see that the name is right, and that this machine has a name server");
  return addresses(found);
}

class socket_owner {
 public:
  explicit socket_owner(int descriptor) : descriptor_(descriptor) {
    if (descriptor < 0) throw error(error_kind::io, fmt::format("no socket can be made: {}", std::strerror(errno)));
  }
  ~socket_owner() { ::close(descriptor_); }
  socket_owner(const socket_owner&) = delete;
  socket_owner& operator=(const socket_owner&) = delete;
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

/// Time to the answer of one connection; nothing for none in time, or for a network that says it cannot be reached.
std::optional<double> connect_once(const addrinfo& to, std::chrono::milliseconds patience) {
  const socket_owner connection(::socket(to.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const auto begin = steady::now();
  int failed = ::connect(connection.get(), to.ai_addr, to.ai_addrlen) == 0 ? 0 : errno;
  if (failed == EINPROGRESS) {
    pollfd waiting{connection.get(), POLLOUT, 0};
    if (::poll(&waiting, 1, static_cast<int>(patience.count())) <= 0) return std::nullopt;
    socklen_t size = sizeof failed;
    ::getsockopt(connection.get(), SOL_SOCKET, SO_ERROR, &failed, &size);
  }
  const auto end = steady::now();
  // A refusal came from the host, as an acceptance does.
  if (failed != 0 && failed != ECONNREFUSED) return std::nullopt;
  return std::chrono::duration<double, std::nano>(end - begin).count();
}

}  // namespace

double round_trips::lost_fraction() const {
  return sent > 0 ? 1.0 - static_cast<double>(answered()) / sent : 0.0;
}

std::optional<double> round_trips::jitter_ns() const {
  if (times_ns.size() < 2) return std::nullopt;
  double sum = 0;
  for (std::size_t i = 1; i < times_ns.size(); ++i) sum += std::abs(times_ns[i] - times_ns[i - 1]);
  return sum / static_cast<double>(times_ns.size() - 1);
}

void require_known_host(const std::string& host) {
  resolve(host, 0);
}

round_trips connect_times(const std::string& host, int port, int count, std::chrono::milliseconds patience) {
  const auto found = resolve(host, port);
  round_trips measured;
  measured.method = fmt::format("TCP connections to port {}", port);
  // The first is thrown away: it may wait for the neighbour's address.
  static_cast<void>(connect_once(*found, patience));
  for (int i = 0; i < count; ++i) {
    ++measured.sent;
    if (const auto time = connect_once(*found, patience)) measured.times_ns.push_back(*time);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return measured;
}

std::optional<round_trips> parse_ping(const std::string& text) {
  static const std::regex answer(R"(\btime[=<]([0-9.]+) ?ms)");
  static const std::regex totals(R"(([0-9]+) packets transmitted)");
  std::smatch parts;
  if (!std::regex_search(text, parts, totals)) return std::nullopt;
  round_trips measured;
  measured.method = "ping";
  measured.sent = static_cast<int>(parse_integer(parts[1].str()).value_or(0));
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    // A second answer to the same question is none.
    if (line.find("DUP!") != std::string::npos || !std::regex_search(line, parts, answer)) continue;
    if (const auto milliseconds = parse_number(parts[1].str())) measured.times_ns.push_back(*milliseconds * 1e6);
  }
  if (measured.answered() > measured.sent) return std::nullopt;
  return measured;
}

std::optional<round_trips> ping_times(const std::string& host, int count, std::string& why_not) {
  if (!is_program("ping")) {
    why_not = "ping is not installed";
    return std::nullopt;
  }
  const auto done = run_process({"ping", "-n", "-c", std::to_string(count), "-i", "0.2", "-W", "2", "--", host});
  auto measured = parse_ping(done.output);
  if (!measured) {
    const auto reason = trim(done.errors.substr(0, done.errors.find('\n')));
    why_not = reason.empty() ? "ping printed nothing that can be read" : "ping says: " + std::string(reason);
  }
  return measured;
}

}  // namespace gpubench::link
