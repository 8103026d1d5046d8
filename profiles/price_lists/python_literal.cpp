#include "profiles/price_lists/python_literal.hpp"

#include "core/text.hpp"

#include <fmt/format.h>

#include <string>

namespace gpubench::profiles::detail {
namespace {

constexpr int most_levels = 32;

class literal_reader {
 public:
  literal_reader(std::string_view text, const file_position& where) : text_(text), where_(where) {}

  json read_all() {
    json value = read_value(0);
    skip_blanks();
    if (next_ < text_.size()) refuse("text after the end of the literal");
    return value;
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw error(error_kind::input, where_, fmt::format("{} at character {} of the Python literal", what, next_ + 1),
                "it should read like {'Gpus': [{'Name': 'T4', 'Count': 1}]}");
  }
  void skip_blanks() {
    while (next_ < text_.size() && std::string_view(" \t\r\n").find(text_[next_]) != std::string_view::npos) ++next_;
  }
  char peek() {
    skip_blanks();
    if (next_ >= text_.size()) refuse("the text ends");
    return text_[next_];
  }
  bool take(char wanted) {
    if (peek() != wanted) return false;
    ++next_;
    return true;
  }

  json read_value(int level) {
    if (level > most_levels) refuse("nested too deep");
    switch (peek()) {
      case '{':
        return read_dictionary(level);
      case '[':
        return read_sequence(level, ']');
      case '(':
        return read_sequence(level, ')');
      case '\'':
      case '"':
        return read_text();
      default:
        return read_word();
    }
  }

  json read_dictionary(int level) {
    json object = json::object();
    ++next_;
    while (!take('}')) {
      if (peek() != '\'' && peek() != '"') refuse("a key that is no text");
      const auto key = read_text();
      if (object.contains(key)) refuse(fmt::format("key '{}' a second time", key));
      if (!take(':')) refuse("no ':' after a key");
      object[key] = read_value(level + 1);
      if (!take(',') && peek() != '}') refuse("neither ',' nor '}'");
    }
    return object;
  }

  json read_sequence(int level, char end) {
    json array = json::array();
    ++next_;
    while (!take(end)) {
      array.push_back(read_value(level + 1));
      if (!take(',') && peek() != end) refuse(fmt::format("neither ',' nor '{}'", end));
    }
    return array;
  }

  std::string read_text() {
    const char quote = text_[next_++];
    std::string value;
    while (true) {
      if (next_ >= text_.size()) refuse("a text that is never closed");
      const char c = text_[next_++];
      if (c == quote) return value;
      if (c != '\\') {
        value += c;
        continue;
      }
      if (next_ >= text_.size()) refuse("a text that is never closed");
      const char escaped = text_[next_++];
      if (escaped != '\\' && escaped != '\'' && escaped != '"') refuse("an escape that names never hold");
      value += escaped;
    }
  }

  json read_word() {
    const auto begin = next_;
    while (next_ < text_.size() && std::string_view(",:]})( \t\r\n").find(text_[next_]) == std::string_view::npos)
      ++next_;
    const auto word = text_.substr(begin, next_ - begin);
    if (word == "True") return true;
    if (word == "False") return false;
    if (word == "None" || word == "nan") return nullptr;
    const auto number = parse_number(word);
    if (!number) {
      next_ = begin;
      refuse(fmt::format("'{}' is no value", word));
    }
    return *number;
  }

  std::string_view text_;
  const file_position& where_;
  std::size_t next_ = 0;
};

}  // namespace

json parse_python_literal(std::string_view text, const file_position& where) {
  return literal_reader(text, where).read_all();
}

}  // namespace gpubench::profiles::detail
