#pragma once

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

/// A small server for a few pages. Answers GET and HEAD; everything else is 404 or 405.
class server {
 public:
  /// Binds the address, and answers nothing yet.
  /// @throws error: environment for an address in use, not of this machine, or that needs rights.
  explicit server(const address& where);
  ~server();  ///< stops, and waits for the answers at hand
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  /// Before start(). Called on the server's threads; must not throw.
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
