#include "http/client.hpp"

#include "core/encoding.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <httplib.h>
#include <netdb.h>

#include <functional>
#include <utility>

#include "http/redirect.hpp"

namespace gpubench::http {
namespace {

/// Why a body was not taken whole.
enum class cut { none, late, large };

/// The library tells a name that does not resolve and a port without a server alike.
bool resolves(const url& server) {
  addrinfo* found = nullptr;
  const int code = getaddrinfo(server.host.c_str(), nullptr, nullptr, &found);
  if (found != nullptr) freeaddrinfo(found);
  return code == 0;
}

std::string reason_of(httplib::Error cause, const url& server) {
  switch (cause) {
    case httplib::Error::Connection:
      if (!resolves(server)) return fmt::format("the name {} does not resolve", server.host);
      return "nothing answers there (not running, another port, or a firewall)";
    case httplib::Error::Read:
      return "it closed the connection, or did not answer in time";
    case httplib::Error::Write:
      return "it did not take the request in time";
    case httplib::Error::SSLConnection:
    case httplib::Error::SSLLoadingCerts:
    case httplib::Error::SSLServerVerification:
      return "its certificate is not trusted, or it does not speak TLS";
    default:
      return fmt::format("{} ({})", httplib::to_string(cause), server.tls ? "https" : "http");
  }
}

constexpr int most_redirects = 5;
/// RFC 9110, section 15.5.2.
constexpr int unauthorized = 401;

error wants_password(const std::string& who, const url& server) {
  if (!server.user.empty())
    return error(error_kind::environment, fmt::format("{} does not take this user and password (status 401)", who),
                 "see that they are right, and written with %XX where they hold characters such as @ or :");
  return error(error_kind::environment, fmt::format("{} wants a user and password (status 401)", who),
               fmt::format("give them in the address: {}://USER:PASSWORD@{}", server.tls ? "https" : "http",
                           server.origin().substr(server.origin().find("//") + 2) + server.path));
}

using request = std::function<httplib::Result(httplib::Client&, const std::string&, const httplib::ContentReceiver&)>;

/// One question to one server.
class asking {
 public:
  asking(std::string server_name, const answer_limits& limits)
      : server_name_(std::move(server_name)), limits_(limits) {}

  /// @param location  is set to where a redirect leads
  answer ask(const url& server, const std::string& target, const request& send, std::string& location) const {
    httplib::Client client(server.origin());
    client.set_connection_timeout(limits_.connecting);
    client.set_read_timeout(limits_.in_all);
    client.set_write_timeout(limits_.in_all);
    // The library would send user and password along to any other server.
    client.set_follow_location(false);
    if (!server.user.empty()) client.set_basic_auth(server.user, server.password);
    std::string body;
    cut why = cut::none;
    const auto take = [&](const char* data, std::size_t size) {
      if (passed() > limits_.in_all) why = cut::late;
      if (body.size() + size > limits_.bytes) why = cut::large;
      if (why == cut::none) body.append(data, size);
      return why == cut::none;
    };
    const auto result = send(client, target, take);
    const std::string who = fmt::format("{} at {}", server_name_, server.shown());
    const auto longest = format_duration(static_cast<double>(limits_.in_all.count()));
    if (why == cut::late)
      throw error(error_kind::environment, fmt::format("{} did not end its answer within {}", who, longest),
                  "give it more time, or ask for less at once");
    if (why == cut::large)
      throw error(error_kind::environment,
                  fmt::format("{} answered with more than {}", who, format_bytes(static_cast<double>(limits_.bytes))),
                  "see that it is the right address; if it is, ask for less at once");
    if (!result) {
      const bool timed_out = result.error() == httplib::Error::Read && passed() >= limits_.in_all;
      throw error(error_kind::environment,
                  timed_out ? fmt::format("{} did not answer within {}", who, longest)
                            : fmt::format("{} cannot be asked: {}", who, reason_of(result.error(), server)),
                  fmt::format("try: curl {}", server.shown()));
    }
    answer given;
    given.status = result->status;
    given.content_type = result->get_header_value("Content-Type");
    given.body = body.empty() ? std::move(result->body) : std::move(body);
    if (given.status == unauthorized) throw wants_password(who, server);
    if (is_redirect(given.status)) location = result->get_header_value("Location");
    return given;
  }

 private:
  std::chrono::steady_clock::duration passed() const { return std::chrono::steady_clock::now() - begin_; }

  std::string server_name_;
  answer_limits limits_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace

bool answer::is_web_page() const {
  if (to_lower(content_type).find("html") != std::string::npos) return true;
  constexpr std::size_t longest_beginning = 64;
  const auto begin = to_lower(trim(std::string_view(body).substr(0, longest_beginning)));
  return begin.rfind("<!doctype html", 0) == 0 || begin.rfind("<html", 0) == 0;
}

answer get(const url& server, const std::string& target, const std::string& server_name, const answer_limits& limits) {
  const asking question(server_name, limits);
  destination next{server, server.path + target};
  for (int redirects = 0; redirects <= most_redirects; ++redirects) {
    std::string location;
    auto given = question.ask(
        next.server, next.target,
        [](httplib::Client& client, const std::string& path, const httplib::ContentReceiver& take) {
          return client.Get(path.c_str(), take);
        },
        location);
    if (location.empty()) {
      if (next.server.origin() != server.origin()) given.redirected_to = next.server.origin();
      return given;
    }
    next = follow(next, location, server_name);
  }
  throw error(error_kind::environment,
              fmt::format("{} at {} redirects more than {} times, the last time to {}", server_name, server.shown(),
                          most_redirects, next.server.origin()),
              "give the address that it redirects to in the end");
}

answer put(const url& server, const std::string& target, const std::string& body, const std::string& content_type,
           const std::string& server_name, const answer_limits& limits) {
  std::string location;
  auto given = asking(server_name, limits)
                   .ask(
                       server, server.path + target,
                       [&](httplib::Client& client, const std::string& path, const httplib::ContentReceiver&) {
                         return client.Put(path.c_str(), body, content_type.c_str());
                       },
                       location);
  if (!location.empty())
    throw error(error_kind::environment,
                fmt::format("{} at {} redirects to {}, where nothing was sent", server_name, server.shown(),
                            printable(without_passwords(location))),
                "give the address that it redirects to, if it is yours");
  return given;
}

}  // namespace gpubench::http
