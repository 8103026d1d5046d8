#include "http/url.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>

namespace gpubench::http {
namespace {

constexpr int largest_port = 65535;

std::string bracketed(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

[[noreturn]] void refuse_url(std::string_view text, const std::string& why) {
  // What was typed may hold a password.
  const auto at = text.rfind('@');
  throw error(
      error_kind::usage,
      fmt::format("'{}' is no address of a server: {}", at == std::string_view::npos ? text : text.substr(at + 1), why),
      "as http://127.0.0.1:9090 or https://HOST/PREFIX");
}

struct host_and_port {
  std::string host, port;
};

/// "host:port", "[v6]:port", "host".
host_and_port take_apart(std::string_view text) {
  if (!text.empty() && text.front() == '[') {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return {};
    const auto rest = text.substr(end + 1);
    if (!rest.empty() && rest.front() != ':') return {};
    return {std::string(text.substr(1, end - 1)), std::string(rest.empty() ? rest : rest.substr(1))};
  }
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return {std::string(text), ""};
  return {std::string(text.substr(0, colon)), std::string(text.substr(colon + 1))};
}

bool is_host(std::string_view host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_' || c == ':' || c == '%';
  });
}

/// "p%40ss" is "p@ss"; a stray % stays.
std::string decoded(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto hex = text.substr(i + 1, 2);
    const bool is_code = text[i] == '%' && hex.size() == 2 && std::isxdigit(static_cast<unsigned char>(hex[0])) != 0 &&
                         std::isxdigit(static_cast<unsigned char>(hex[1])) != 0;
    plain += is_code ? static_cast<char>(std::stoi(std::string(hex), nullptr, 16)) : text[i];
    if (is_code) i += 2;
  }
  return plain;
}

std::optional<int> parse_port(const std::string& text, int lowest) {
  const auto port = parse_integer(text);
  if (!port || *port < lowest || *port > largest_port) return std::nullopt;
  return static_cast<int>(*port);
}

}  // namespace

std::string url::origin() const {
  return fmt::format("{}://{}:{}", tls ? "https" : "http", bracketed(host), port);
}

std::string url::shown() const {
  return origin() + path;
}

url parse_url(std::string_view text) {
  if (std::any_of(text.begin(), text.end(),
                  [](unsigned char c) { return c <= ' ' || c >= 0x7F || c == '"' || c == '\''; }))
    refuse_url(text, "it holds blanks, quotes or other characters that are written as %XX");
  url result;
  std::string_view rest = text;
  const auto scheme_end = rest.find("://");
  if (scheme_end != std::string_view::npos) {
    const auto scheme = to_lower(rest.substr(0, scheme_end));
    if (scheme != "http" && scheme != "https") refuse_url(text, "its scheme is neither http nor https");
    result.tls = scheme == "https";
    rest.remove_prefix(scheme_end + 3);
  }
  result.port = result.tls ? 443 : 80;
  if (rest.find_first_of("?#") != std::string_view::npos) refuse_url(text, "it has a query or a fragment");
  const auto slash = rest.find('/');
  auto authority = rest.substr(0, slash);
  if (slash != std::string_view::npos) result.path = std::string(rest.substr(slash));
  while (!result.path.empty() && result.path.back() == '/') result.path.pop_back();
  const auto at = authority.rfind('@');
  if (at != std::string_view::npos) {
    const auto user = authority.substr(0, at);
    const auto colon = user.find(':');
    result.user = decoded(user.substr(0, colon));
    if (colon != std::string_view::npos) result.password = decoded(user.substr(colon + 1));
    authority.remove_prefix(at + 1);
  }
  const auto parts = take_apart(authority);
  if (!is_host(parts.host)) refuse_url(text, "it names no host");
  result.host = parts.host;
  const bool has_port = authority.size() > bracketed(parts.host).size();
  if (has_port || !parts.port.empty()) {
    const auto port = parse_port(parts.port, 1);
    if (!port) refuse_url(text, "its port is no number from 1 to 65535");
    result.port = *port;
  }
  return result;
}

std::string address::shown() const {
  return fmt::format("{}:{}", bracketed(host), port);
}

bool address::is_loopback() const {
  return host == "localhost" || host == "::1" || host.rfind("127.", 0) == 0;
}

address parse_address(std::string_view text) {
  const auto refuse = [&](const char* why) {
    throw error(error_kind::usage, fmt::format("'{}' is no address to listen on: {}", text, why),
                "as 127.0.0.1:9835, or 0.0.0.0:9835 for all interfaces");
  };
  address result;
  auto parts = take_apart(text);
  // A number alone is a port.
  if (parts.port.empty() && text.find(':') == std::string_view::npos) std::swap(parts.host, parts.port);
  if (!parts.host.empty()) {
    if (!is_host(parts.host)) refuse("it names no host");
    result.host = parts.host;
  }
  const auto port = parse_port(parts.port, 0);
  if (!port) refuse("its port is no number from 0 to 65535");
  result.port = *port;
  return result;
}

std::string percent_encode(std::string_view text) {
  std::string encoded;
  for (const unsigned char c : text) {
    if (std::isalnum(c) != 0 || c == '-' || c == '.' || c == '_' || c == '~')
      encoded += static_cast<char>(c);
    else
      encoded += fmt::format("%{:02X}", c);
  }
  return encoded;
}

std::string without_passwords(std::string_view text) {
  std::string plain;
  while (true) {
    const auto scheme = text.find("://");
    if (scheme == std::string_view::npos) return plain + std::string(text);
    const auto begin = scheme + 3;
    plain += text.substr(0, begin);
    text.remove_prefix(begin);
    const auto end = std::min(text.find_first_of("/ '\""), text.size());
    const auto at = text.substr(0, end).rfind('@');
    if (at != std::string_view::npos) text.remove_prefix(at + 1);
  }
}

}  // namespace gpubench::http
