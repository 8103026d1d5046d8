#pragma once

#include <string>
#include <string_view>

namespace gpubench::http {

/// An http or https address, without query and fragment (RFC 3986).
struct url {
  bool tls = false;
  std::string host;  ///< an IPv6 address without its brackets
  int port = 80;
  std::string path;  ///< "" or "/prometheus": never a slash at the end
  std::string user, password;

  std::string origin() const;  ///< "http://host:port" (RFC 6454)
  /// "http://host:port/path", without user and password: fit for messages.
  std::string shown() const;
};

/// "http://127.0.0.1:9090", "https://user:password@host/prefix/"; without a scheme http.
/// @throws error: usage for anything else.
url parse_url(std::string_view text);

/// "127.0.0.1:9835", "[::1]:9835", ":9835" (loopback), "9835" (loopback); port 0 takes a free one.
/// @throws error: usage for anything else.
struct address {
  std::string host = "127.0.0.1";
  int port = 0;

  std::string shown() const;  ///< "127.0.0.1:9835", "[::1]:9835"
  bool is_loopback() const;   ///< 127.0.0.0/8, ::1 or localhost
};
address parse_address(std::string_view text);

/// Bytes of a query's value or a path's part that are no unreserved characters as %XX (RFC 3986, section 2).
std::string percent_encode(std::string_view text);

/// A text with the user and password of every address in it left out: what a command line may be kept as.
std::string without_passwords(std::string_view text);

}  // namespace gpubench::http
