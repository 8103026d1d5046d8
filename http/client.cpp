#include "http/client.hpp"

#include "core/error.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <httplib.h>

#include <functional>

namespace gpubench::http {
namespace {

/// Why a body was not taken whole.
enum class cut { none, late, large };

std::string reason_of(httplib::Error cause, const url& server) {
  switch (cause) {
    case httplib::Error::Connection:
      return "nothing answers there (not running, another port, or a firewall)";
    case httplib::Error::Read:
      return "it closed the connection, or did not answer in time";
    case httplib::Error::Write:
      return "it did not take the request in time";
    case httplib::Error::ExceedRedirectCount:
      return "it redirects without end";
    case httplib::Error::SSLConnection:
    case httplib::Error::SSLLoadingCerts:
    case httplib::Error::SSLServerVerification:
      return "its certificate is not trusted, or it does not speak TLS";
    default:
      return fmt::format("{} ({})", httplib::to_string(cause), server.tls ? "https" : "http");
  }
}

answer ask(const url& server, const std::string& server_name, const answer_limits& limits,
           const std::function<httplib::Result(httplib::Client&, const httplib::ContentReceiver&)>& request) {
  const auto begin = std::chrono::steady_clock::now();
  httplib::Client client(fmt::format("{}://{}:{}", server.tls ? "https" : "http",
                                     server.host.find(':') == std::string::npos ? server.host : "[" + server.host + "]",
                                     server.port));
  client.set_connection_timeout(limits.connecting);
  client.set_read_timeout(limits.in_all);
  client.set_write_timeout(limits.in_all);
  client.set_follow_location(true);
  if (!server.user.empty()) client.set_basic_auth(server.user, server.password);
  std::string body;
  cut why = cut::none;
  const auto take = [&](const char* data, std::size_t size) {
    if (std::chrono::steady_clock::now() - begin > limits.in_all) why = cut::late;
    if (body.size() + size > limits.bytes) why = cut::large;
    if (why == cut::none) body.append(data, size);
    return why == cut::none;
  };
  const auto result = request(client, take);
  const std::string who = fmt::format("{} at {}", server_name, server.shown());
  if (why == cut::late)
    throw error(error_kind::environment, fmt::format("{} did not end its answer within {}", who,
                                                     format_duration(static_cast<double>(limits.in_all.count()))));
  if (why == cut::large)
    throw error(error_kind::environment,
                fmt::format("{} answered with more than {}", who, format_bytes(static_cast<double>(limits.bytes))));
  if (!result) {
    const bool timed_out =
        result.error() == httplib::Error::Read && std::chrono::steady_clock::now() - begin >= limits.in_all;
    throw error(error_kind::environment,
                timed_out ? fmt::format("{} did not answer within {}", who,
                                        format_duration(static_cast<double>(limits.in_all.count())))
                          : fmt::format("{} cannot be asked: {}", who, reason_of(result.error(), server)),
                fmt::format("try: curl {}", server.shown()));
  }
  answer given;
  given.status = result->status;
  given.content_type = result->get_header_value("Content-Type");
  given.body = body.empty() ? result->body : std::move(body);
  return given;
}

}  // namespace

answer get(const url& server, const std::string& target, const std::string& server_name, const answer_limits& limits) {
  return ask(server, server_name, limits, [&](httplib::Client& client, const httplib::ContentReceiver& take) {
    return client.Get((server.path + target).c_str(), take);
  });
}

answer put(const url& server, const std::string& target, const std::string& body, const std::string& content_type,
           const std::string& server_name, const answer_limits& limits) {
  return ask(server, server_name, limits, [&](httplib::Client& client, const httplib::ContentReceiver&) {
    return client.Put((server.path + target).c_str(), body, content_type.c_str());
  });
}

}  // namespace gpubench::http
