#pragma once

#include <string>
#include <string_view>

namespace gpubench::http {

/// The first line of a request (RFC 9112, section 3); headers and bodies are of no use to a server of fixed pages.
struct request {
  std::string method;  ///< empty: no request that can be understood
  std::string path;    ///< without query
};

/// Where a request's headers end; npos while they have not come.
std::size_t end_of_headers(std::string_view text);

request parse_request(std::string_view text);

/// A whole answer, after which the connection is closed. A HEAD request gets the headers alone.
std::string make_answer(int status, const std::string& content_type, const std::string& body, bool head_only);

}  // namespace gpubench::http
