#include "fleet/yaml.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

namespace gpubench::fleet {
namespace {

// What YAML 1.1 takes for a truth value or nothing, where it is not quoted.
constexpr std::array<std::string_view, 9> reserved{"y", "n", "yes", "no", "on", "off", "true", "false", "null"};

bool is_plain(std::string_view text) {
  constexpr std::string_view within = "_./-";
  if (text.empty() || !(std::isalpha(static_cast<unsigned char>(text.front())) || text.front() == '/')) return false;
  const bool harmless = std::all_of(text.begin(), text.end(), [&](unsigned char c) {
    return c < 0x80 && (std::isalnum(c) || within.find(static_cast<char>(c)) != std::string_view::npos);
  });
  return harmless && std::find(reserved.begin(), reserved.end(), to_lower(text)) == reserved.end();
}

// Code points that YAML wants escaped although JSON does not: DEL and C1 controls, line separators, the byte order
// mark.
std::string escaped(std::string text) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> single{{{"\x7f", "\\x7F"},
                                                                                 {"\xc2\x85", "\\N"},
                                                                                 {"\xe2\x80\xa8", "\\L"},
                                                                                 {"\xe2\x80\xa9", "\\P"},
                                                                                 {"\xef\xbb\xbf", "\\uFEFF"}}};
  for (const auto& [from, to] : single)
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
      text.replace(at, from.size(), to);
  for (std::size_t at = 0; at + 1 < text.size(); ++at) {
    const auto second = static_cast<unsigned char>(text[at + 1]);
    if (text[at] == '\xc2' && second < 0xa0) text.replace(at, 2, fmt::format("\\x{:02X}", second));
  }
  return text;
}

std::string double_quoted(const json& text) {
  try {
    return escaped(text.dump());
  } catch (const json::exception&) {
    throw error(error_kind::usage, "a text that is not UTF-8 cannot stand in a manifest");
  }
}

/// Whether it can stand as a literal block, which keeps exactly one line break at its end.
bool is_block(const std::string& text) {
  if (text.size() < 2 || text.front() == ' ' || text.front() == '\n' || text.back() != '\n' ||
      text[text.size() - 2] == '\n')
    return false;
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c == '\n' || (c >= 0x20 && c < 0x7f); });
}

class emitter {
 public:
  void value(const json& of, std::size_t indent) {
    if (of.is_object() && !of.empty()) {
      text_ += '\n';
      members(of, indent);
    } else if (of.is_array() && !of.empty()) {
      text_ += '\n';
      elements(of, indent);
    } else {
      text_ += ' ';
      scalar(of, indent);
    }
  }

  void members(const json& of, std::size_t indent, bool begun = false) {
    for (const auto& [key, member] : of.items()) {
      if (!begun) text_.append(indent, ' ');
      begun = false;
      text_ += is_plain(key) ? key : double_quoted(key);
      text_ += ':';
      value(member, indent + 2);
    }
  }

  void elements(const json& of, std::size_t indent) {
    for (const json& element : of) {
      text_.append(indent, ' ');
      text_ += '-';
      if (element.is_object() && !element.empty()) {
        text_ += ' ';
        members(element, indent + 2, true);
      } else {
        value(element, indent + 2);
      }
    }
  }

  std::string text() && { return std::move(text_); }

 private:
  void scalar(const json& of, std::size_t indent) {
    if (!of.is_string()) {
      text_ += of.dump() + "\n";  // numbers, truth values, null, and what is empty read alike in both languages
      return;
    }
    const auto& text = of.get_ref<const std::string&>();
    if (is_block(text)) {
      text_ += "|\n";
      for (std::size_t at = 0; at < text.size();) {
        const auto end = text.find('\n', at);
        if (end > at) text_.append(indent, ' ').append(text, at, end - at);
        text_ += '\n';
        at = end + 1;
      }
    } else {
      text_ += (is_plain(text) ? text : double_quoted(of)) + "\n";
    }
  }

  std::string text_;
};

}  // namespace

std::string to_yaml(const json& document) {
  emitter to;
  if (document.is_object() && !document.empty())
    to.members(document, 0);
  else if (document.is_array() && !document.empty())
    to.elements(document, 0);
  else
    to.value(document, 2);
  return std::move(to).text();
}

}  // namespace gpubench::fleet
