#pragma once

#include <string>
#include <string_view>

#include "http/url.hpp"

namespace gpubench::http {

/// A server and what is asked of it: path and query.
struct destination {
  url server;
  std::string target;
};

/// 301, 302, 303, 307 and 308 (RFC 9110, section 15.4).
bool is_redirect(int status);

/// Where a redirect's Location leads: an address with its scheme or without, a path, or a path beside the present one
/// (RFC 3986, section 5). User and password stay with their origin; those within a Location are ignored.
/// @throws error: environment where it is no address, and where it leads away from the origin that a user and password
/// were given for.
destination follow(const destination& from, std::string_view location, const std::string& server_name);

}  // namespace gpubench::http
