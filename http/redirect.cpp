#include "http/redirect.hpp"

#include "core/encoding.hpp"
#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gpubench::http {
namespace {

bool has_scheme(std::string_view location) {
  const auto end = location.find("://");
  return end != std::string_view::npos && end < location.find_first_of("/?#");
}

/// "//host:port/path" keeps the scheme.
url server_of(const destination& from, std::string_view address) {
  return parse_url(has_scheme(address) ? std::string(address)
                                       : (from.server.tls ? "https:" : "http:") + std::string(address));
}

}  // namespace

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

destination follow(const destination& from, std::string_view location, const std::string& server_name) {
  location = location.substr(0, location.find('#'));
  destination to = from;
  to.server.path.clear();
  if (!has_scheme(location) && location.rfind("//", 0) != 0) {
    const auto path = from.target.substr(0, from.target.find('?'));
    if (location.empty() || location.front() == '?')
      to.target = path + std::string(location);
    else if (location.front() == '/')
      to.target = location;
    else
      to.target = path.substr(0, path.rfind('/') + 1) + std::string(location);
    return to;
  }
  const auto authority = location.find("//") + 2;
  const auto end = std::min(location.find_first_of("/?", authority), location.size());
  try {
    to.server = server_of(from, location.substr(0, end));
  } catch (const error&) {
    throw error(error_kind::environment,
                fmt::format("{} at {} redirects to '{}', which is no address", server_name, from.server.shown(),
                            printable(without_passwords(location))),
                "see how the server, or what stands before it, is set up: curl -I shows where it leads");
  }
  to.target = location.substr(end);
  if (to.target.empty() || to.target.front() == '?') to.target.insert(0, "/");
  const bool same = to_lower(to.server.origin()) == to_lower(from.server.origin());
  if (!same && !from.server.user.empty())
    throw error(error_kind::environment,
                fmt::format("{} at {} redirects to {}, where the user and password given for it are not sent",
                            server_name, from.server.shown(), to.server.origin()),
                "give that address with its own user and password, if it is yours");
  to.server.user = same ? from.server.user : "";
  to.server.password = same ? from.server.password : "";
  return to;
}

}  // namespace gpubench::http
