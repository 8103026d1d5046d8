#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "http/url.hpp"

namespace gpubench::http {

/// What a path answers with; an empty body is answered with 503 "not ready".
struct page {
  std::string content_type;
  std::string body;
};

/// What a client may take. All clients are served side by side, so that one that is slow or silent holds up no other.
struct client_limits {
  /// For its whole request, and once more for taking the answer: who sends a byte now and then is cut off too.
  std::chrono::milliseconds patience{5000};
  std::size_t request_bytes = 8192;
  /// When one more comes, or the process may open no more files, the one that has waited longest is cut off.
  std::size_t connections = 64;
};

/// A small server for a few pages. Answers GET and HEAD; everything else is 404 or 405. Each connection is closed after
/// its answer.
class server {
 public:
  /// Binds the address, and answers nothing yet.
  /// @throws error: environment for an address in use, not of this machine, or that needs rights.
  explicit server(const address& where, const client_limits& limits = {});
  ~server();  ///< stops at once
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  /// Before start(). Called on the server's thread; must not throw, nor take long.
  void add_page(const std::string& path, std::function<page()> make);
  void start();
  /// The address with the port that was taken.
  const address& where() const { return where_; }

 private:
  struct state;
  address where_;
  std::unique_ptr<state> state_;
};

}  // namespace gpubench::http
