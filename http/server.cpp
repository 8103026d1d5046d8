#include "http/server.hpp"

#include "core/error.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <deque>
#include <map>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "http/listener.hpp"
#include "http/request.hpp"

namespace gpubench::http {
namespace {

using clock = std::chrono::steady_clock;

/// A client's connection: its request comes in, the answer goes out, and what it still sends is read to the end, since
/// closing before would have the kernel throw away the answer.
class connection {
 public:
  connection(descriptor socket, clock::time_point until) : socket_(std::move(socket)), until_(until) {}

  pollfd wanted() const { return {socket_.number(), static_cast<short>(step_ == step::answer ? POLLOUT : POLLIN), 0}; }
  clock::time_point until() const { return until_; }
  bool is_done() const { return step_ == step::done; }

  /// Goes on as far as the client lets it.
  template <class Answer>
  void go_on(const Answer& answer, const client_limits& limits) {
    if (step_ == step::request && receive(limits)) {
      answer_ = answer(received_, end_of_headers(received_) != std::string::npos);
      step_ = step::answer;
      until_ = clock::now() + limits.patience;
    }
    if (step_ == step::answer) send();
    if (step_ == step::rest) read_rest();
  }

 private:
  enum class step { request, answer, rest, done };

  /// @return whether the request is whole, or longer than any
  bool receive(const client_limits& limits) {
    std::array<char, 4096> buffer{};
    while (true) {
      const auto size = ::recv(socket_.number(), buffer.data(), buffer.size(), 0);
      if (size < 0 && errno == EINTR) continue;
      if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return false;
      if (size <= 0) {
        step_ = step::done;
        return false;
      }
      received_.append(buffer.data(), static_cast<std::size_t>(size));
      if (end_of_headers(received_) != std::string::npos || received_.size() > limits.request_bytes) return true;
    }
  }

  void send() {
    while (sent_ < answer_.size()) {
      const auto size = ::send(socket_.number(), answer_.data() + sent_, answer_.size() - sent_, MSG_NOSIGNAL);
      if (size < 0 && errno == EINTR) continue;
      if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
      if (size < 0) {
        step_ = step::done;
        return;
      }
      sent_ += static_cast<std::size_t>(size);
    }
    ::shutdown(socket_.number(), SHUT_WR);
    step_ = step::rest;
    constexpr std::chrono::seconds short_time{1};
    until_ = std::min(until_, clock::now() + short_time);
  }

  void read_rest() {
    std::array<char, 4096> buffer{};
    while (true) {
      const auto size = ::recv(socket_.number(), buffer.data(), buffer.size(), 0);
      if (size > 0 || (size < 0 && errno == EINTR)) continue;
      if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
      step_ = step::done;
      return;
    }
  }

  descriptor socket_;
  clock::time_point until_;
  step step_ = step::request;
  std::string received_, answer_;
  std::size_t sent_ = 0;
};

}  // namespace

struct server::state {
  client_limits limits;
  descriptor listening, wake;
  std::map<std::string, std::function<page()>> pages;
  std::deque<connection> clients;  ///< in order of arrival
  clock::time_point closed_until;  ///< while there are no descriptors for more clients
  std::atomic<bool> stop = false;
  std::thread thread;

  std::string answer(const std::string& received, bool whole) const {
    const char* const plain = "text/plain; charset=utf-8";
    if (!whole) return make_answer(431, plain, "the request is too long\n", false);
    const auto asked = parse_request(received);
    if (asked.method.empty()) return make_answer(400, plain, "no HTTP request\n", false);
    const bool head = asked.method == "HEAD";
    const auto found = pages.find(asked.path);
    if (found == pages.end()) return make_answer(404, plain, "no such page\n", head);
    if (asked.method != "GET" && !head) return make_answer(405, plain, "only GET and HEAD\n", false);
    const auto made = found->second();
    if (made.body.empty()) return make_answer(503, plain, "not ready\n", head);
    return make_answer(200, made.content_type, made.body, head);
  }

  /// Of those that knock, which is one at the least.
  void take_clients() {
    for (bool knocks = true;;) {
      descriptor socket(::accept4(listening.number(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (socket.number() >= 0) {
        if (clients.size() >= limits.connections) clients.pop_front();
        clients.emplace_back(std::move(socket), clock::now() + limits.patience);
        knocks = false;
        continue;
      }
      // Without a descriptor to spare the kernel does not look whether there is one more: the next poll does.
      if (!knocks) return;
      if (errno == EMFILE && !clients.empty()) {
        clients.pop_front();
        continue;
      }
      // It stays at the door, and asking at once again would take a whole core.
      constexpr std::chrono::milliseconds pause{100};
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
        closed_until = clock::now() + pause;
      return;
    }
  }

  bool is_closed() const { return clock::now() < closed_until; }

  int milliseconds_to_next_end() const {
    auto next = is_closed() ? closed_until : clock::now() + std::chrono::hours(1);
    for (const auto& each : clients) next = std::min(next, each.until());
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - clock::now()).count();
    return static_cast<int>(std::max<std::chrono::milliseconds::rep>(0, left));
  }

  void serve() {
    std::vector<pollfd> watched;
    while (!stop) {
      watched.assign(
          {{listening.number(), static_cast<short>(is_closed() ? 0 : POLLIN), 0}, {wake.number(), POLLIN, 0}});
      for (const auto& each : clients) watched.push_back(each.wanted());
      ::poll(watched.data(), watched.size(), milliseconds_to_next_end());
      const auto make = [this](const std::string& received, bool whole) { return answer(received, whole); };
      for (std::size_t i = 0; i < clients.size(); ++i)
        if (watched[i + 2].revents != 0) clients[i].go_on(make, limits);
      const auto now = clock::now();
      std::erase_if(clients, [&](const connection& each) { return each.is_done() || each.until() <= now; });
      if (watched[0].revents != 0) take_clients();
    }
  }
};

server::server(const address& where, const client_limits& limits) : where_(where), state_(std::make_unique<state>()) {
  state_->limits = limits;
  state_->listening = listen_on(where_);
  state_->wake = descriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (state_->wake.number() < 0) throw error(error_kind::environment, std::generic_category().message(errno));
}

server::~server() {
  if (!state_->thread.joinable()) return;
  state_->stop = true;
  const std::uint64_t once = 1;
  while (::write(state_->wake.number(), &once, sizeof once) < 0 && errno == EINTR) continue;
  state_->thread.join();
}

void server::add_page(const std::string& path, std::function<page()> make) {
  state_->pages[path] = std::move(make);
}

void server::start() {
  state_->thread = std::thread([this] { state_->serve(); });
}

}  // namespace gpubench::http
