#include "http/server.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

#include <httplib.h>

#include <cerrno>
#include <system_error>
#include <thread>
#include <utility>

namespace gpubench::http {
namespace {

/// A page is made in microseconds, but a connection that is kept open keeps its thread for a while.
constexpr std::size_t threads = 4;
constexpr time_t longest_idle_seconds = 1;
/// Of a request that has no body.
constexpr std::size_t longest_request_bytes = 4096;
constexpr time_t longest_wait_seconds = 5;

}  // namespace

struct server::state {
  httplib::Server pages;
  std::thread thread;
};

server::server(const address& where) : where_(where), state_(std::make_unique<state>()) {
  auto& pages = state_->pages;
  pages.new_task_queue = [] { return new httplib::ThreadPool(threads); };
  // The library would also set SO_REUSEPORT, with which a second server takes half of the first one's questions.
  pages.set_socket_options([](socket_t socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  pages.set_payload_max_length(longest_request_bytes);
  pages.set_keep_alive_timeout(longest_idle_seconds);
  pages.set_read_timeout(longest_wait_seconds);
  pages.set_write_timeout(longest_wait_seconds);
  errno = 0;
  const int port = where.port == 0                                      ? pages.bind_to_any_port(where.host.c_str())
                   : pages.bind_to_port(where.host.c_str(), where.port) ? where.port
                                                                        : -1;
  if (port <= 0) {
    const int cause = errno;
    const bool used = cause == EADDRINUSE;
    throw error(error_kind::environment,
                fmt::format("cannot listen on {}: {}", where.shown(),
                            used         ? "the port is in use"
                            : cause != 0 ? std::generic_category().message(cause)
                                         : "no such address"),
                used ? "choose another with --listen, or 0 for any free port: --listen 127.0.0.1:0"
                     : "choose an address of this machine with --listen");
  }
  where_.port = port;
}

server::~server() {
  if (!state_->thread.joinable()) return;
  state_->pages.stop();
  state_->thread.join();
}

void server::add_page(const std::string& path, std::function<page()> make) {
  state_->pages.Get(path.c_str(), [make = std::move(make)](const httplib::Request&, httplib::Response& response) {
    const auto made = make();
    if (made.body.empty()) {
      response.status = 503;
      response.set_content("not ready\n", "text/plain");
    } else {
      response.set_content(made.body, made.content_type.c_str());
    }
  });
}

void server::start() {
  state_->thread = std::thread([this] { state_->pages.listen_after_bind(); });
  while (!state_->pages.is_running()) std::this_thread::yield();
}

}  // namespace gpubench::http
