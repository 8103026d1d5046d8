#include "http/request.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gpubench::http {
namespace {

std::string_view reason_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 431:
      return "Request Header Fields Too Large";
    case 503:
      return "Service Unavailable";
    default:
      return "Error";
  }
}

}  // namespace

std::size_t end_of_headers(std::string_view text) {
  const auto end = text.find("\r\n\r\n");
  // A single line feed is to be taken for a line's end as well (RFC 9112, section 2.2).
  const auto bare = text.find("\n\n");
  return std::min(end == std::string_view::npos ? end : end + 4, bare == std::string_view::npos ? bare : bare + 2);
}

request parse_request(std::string_view text) {
  auto line = text.substr(0, text.find('\n'));
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == 0 || first == std::string_view::npos || first == last) return {};
  if (line.substr(last + 1).rfind("HTTP/1.", 0) != 0) return {};
  auto target = line.substr(first + 1, last - first - 1);
  // A client that takes this server for its proxy sends a whole address.
  if (const auto scheme = target.find("://"); scheme != std::string_view::npos && target.front() != '/') {
    const auto path = target.find('/', scheme + 3);
    target = path == std::string_view::npos ? "/" : target.substr(path);
  }
  if (target.empty() || target.front() != '/') return {};
  return {std::string(line.substr(0, first)), std::string(target.substr(0, target.find('?')))};
}

std::string make_answer(int status, const std::string& content_type, const std::string& body, bool head_only) {
  auto answer =
      fmt::format("HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n{}Connection: close\r\n\r\n", status,
                  reason_of(status), content_type, body.size(), status == 405 ? "Allow: GET, HEAD\r\n" : "");
  if (!head_only) answer += body;
  return answer;
}

}  // namespace gpubench::http
