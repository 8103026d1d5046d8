#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "http/url.hpp"

namespace gpubench::http {

/// What an answer may take at most. A server that sends a byte now and then is ended too.
struct answer_limits {
  std::chrono::seconds connecting{5};
  std::chrono::seconds in_all{60};
  std::size_t bytes = std::size_t{256} << 20;
};

struct answer {
  int status = 0;
  std::string content_type;
  std::string body;
  std::string redirected_to;  ///< the server that answered in the end, where it is another than the one asked

  /// A page for people, by its type or its beginning: of a proxy, a portal to log in at or another program.
  bool is_web_page() const;
};

/// @param target  path and query, appended to the server's own path: "/api/v1/query?query=up"
/// @param server_name  what the server is for messages: "the Prometheus server"
/// @throws error: environment where the server cannot be reached, does not answer in time, answers too much, or wants
/// a user and password (401), whether or not some were given. Any
/// other status is the caller's to judge. Up to five redirects are followed; one to another origin only where no
/// user and password would go there.
answer get(const url& server, const std::string& target, const std::string& server_name,
           const answer_limits& limits = {});

/// Replaces what is at the target (PUT).   @throws as get(), and for any redirect: none is followed
answer put(const url& server, const std::string& target, const std::string& body, const std::string& content_type,
           const std::string& server_name, const answer_limits& limits = {});

}  // namespace gpubench::http
