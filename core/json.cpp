#include "core/json.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace gpubench {
namespace {

// Place and token of the first mistake. The parser itself tells the place only in parse_error, not for a number that
// no double can hold.
class mistake_finder : public json::json_sax_t {
 public:
  std::size_t offset = 0;

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(json::number_integer_t) override { return true; }
  bool number_unsigned(json::number_unsigned_t) override { return true; }
  bool number_float(json::number_float_t, const json::string_t&) override { return true; }
  bool string(json::string_t&) override { return true; }
  bool binary(json::binary_t&) override { return true; }
  bool start_object(std::size_t) override { return true; }
  bool key(json::string_t&) override { return true; }
  bool end_object() override { return true; }
  bool start_array(std::size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(std::size_t position, const std::string& token, const json::exception&) override {
    offset = position - std::min(position, token.size());
    return false;
  }
};

file_position position_at(std::string_view text, const std::string& file, std::size_t offset) {
  const auto before = text.substr(0, offset);
  const auto line = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')) + 1;
  const auto line_start = before.rfind('\n');
  return {file, line, line_start == std::string_view::npos ? offset + 1 : offset - line_start};
}

constexpr std::size_t deepest_nesting = 64;

// Characters of a text that tell how many of them were read: the parser itself gives a place only for syntax errors.
class counted_characters {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  counted_characters(const char* at, const char** furthest) : at_(at), furthest_(furthest) {}
  reference operator*() const { return *at_; }
  counted_characters& operator++() {
    *furthest_ = ++at_;
    return *this;
  }
  counted_characters operator++(int) {
    auto before = *this;
    ++*this;
    return before;
  }
  friend bool operator==(const counted_characters& a, const counted_characters& b) { return a.at_ == b.at_; }
  friend bool operator!=(const counted_characters& a, const counted_characters& b) { return a.at_ != b.at_; }

 private:
  const char* at_;
  const char** furthest_;
};

// Goes through a well-formed document and knows at each step how deep it is, where, and under which path.
class document_walker : public json::json_sax_t {
 public:
  explicit document_walker(std::string_view text) : text_(text), read_(text.data()) {}

  void walk() {
    const char* end = text_.data() + text_.size();
    json::sax_parse(counted_characters(text_.data(), &read_), counted_characters(end, &read_), this);
  }

  bool null() override { return scalar(); }
  bool boolean(bool) override { return scalar(); }
  bool number_integer(json::number_integer_t) override { return scalar(); }
  bool number_unsigned(json::number_unsigned_t) override { return scalar(); }
  bool number_float(json::number_float_t, const json::string_t&) override { return scalar(); }
  bool string(json::string_t& value) override { return scalar() && on_text(value); }
  bool binary(json::binary_t&) override { return true; }
  bool start_object(std::size_t) override { return enter(false); }
  bool start_array(std::size_t) override { return enter(true); }
  bool end_object() override { return leave(); }
  bool end_array() override { return leave(); }
  bool key(json::string_t& name) override {
    levels_.back().key = name;
    return on_text(name) && on_key(name);
  }
  bool parse_error(std::size_t, const std::string&, const json::exception&) override { return false; }

 protected:
  struct level {
    bool is_array = false;
    std::size_t index = 0;
    std::string key;
    std::set<std::string> keys;
  };

  virtual bool on_text(const std::string&) { return true; }
  virtual bool on_key(const std::string&) { return true; }
  virtual bool on_value() { return true; }
  virtual bool on_level() { return true; }

  // Just behind the last character of the present token, or one further.
  std::size_t offset() const { return static_cast<std::size_t>(read_ - text_.data()); }
  // Where the present token starts, as far as a look backwards tells: the quote of a text, else the first letter.
  std::size_t token_start() const {
    std::size_t at = std::min(offset(), text_.size());
    const auto stands = [&](std::string_view characters) {
      return characters.find(text_[at - 1]) != std::string_view::npos;
    };
    if (at > 0 && text_[at - 1] == '"') {
      const auto open = at >= 2 ? text_.rfind('"', at - 2) : std::string_view::npos;
      return open == std::string_view::npos ? at - 1 : open;
    }
    if (at > 0 && stands("{[")) return at - 1;
    while (at > 0 && stands(" \t\r\n,]}")) --at;
    while (at > 0 && !stands(" \t\r\n,[:")) --at;
    return at;
  }
  std::string path() const {
    std::string text;
    for (const auto& one : levels_) {
      if (one.is_array)
        text += fmt::format("[{}]", one.index);
      else
        text += (text.empty() ? "" : ".") + one.key;
    }
    return text;
  }
  std::size_t depth() const { return levels_.size(); }
  level& innermost() { return levels_.back(); }
  std::string_view text() const { return text_; }

 private:
  bool scalar() {
    const bool go_on = on_value();
    after_value();
    return go_on;
  }
  bool enter(bool is_array) {
    if (!on_value()) return false;
    levels_.push_back({is_array, 0, {}, {}});
    return on_level();
  }
  bool leave() {
    levels_.pop_back();
    after_value();
    return true;
  }
  void after_value() {
    if (!levels_.empty() && levels_.back().is_array) ++levels_.back().index;
  }

  std::string_view text_;
  const char* read_;
  std::vector<level> levels_;
};

// Refuses a shape that no reader could make sense of.
class shape_checker : public document_walker {
 public:
  shape_checker(std::string_view text, const std::string& file) : document_walker(text), file_(file) {}

 protected:
  [[noreturn]] void refuse(const std::string& what, const std::string& hint) const {
    throw error(error_kind::input, position_at(text(), file_, token_start()), what, hint);
  }

 private:
  bool on_key(const std::string& name) override {
    if (!innermost().keys.insert(name).second)
      refuse(fmt::format("'{}' stands twice in this object", name), "nobody can tell which of the two is meant");
    return true;
  }
  bool on_level() override {
    if (depth() > deepest_nesting)
      refuse(fmt::format("nested deeper than {} levels", deepest_nesting), "no known tool writes such a file");
    return true;
  }

  const std::string& file_;
};

class foreign_checker : public shape_checker {
 public:
  using shape_checker::shape_checker;

 private:
  bool on_text(const std::string& value) override {
    const auto is_control = [](char c) {
      const auto code = static_cast<unsigned char>(c);
      return (code < 0x20 && c != '\n' && c != '\r' && c != '\t') || code == 0x7f;
    };
    if (std::any_of(value.begin(), value.end(), is_control))
      refuse("a text holds a control character", "only tabs and line ends may stand in texts");
    return true;
  }
};

class path_finder : public document_walker {
 public:
  path_finder(std::string_view text, const std::string& wanted) : document_walker(text), wanted_(wanted) {}
  std::optional<std::size_t> found;

 private:
  bool on_key(const std::string&) override { return !take(); }
  bool on_value() override { return !(depth() > 0 && innermost().is_array && take()); }
  bool take() {
    if (path() == wanted_) found = token_start();
    return found.has_value();
  }

  const std::string& wanted_;
};

// Keys of all objects. Not for documents of any depth: it descends by recursion.
std::size_t keys_in(const json& value) {
  std::size_t keys = value.is_object() ? value.size() : 0;
  if (value.is_structured())
    for (const auto& part : value) keys += keys_in(part);
  return keys;
}

}  // namespace

json parse_json(std::string_view text, const std::string& file) {
  if (trim(text).empty())
    throw error(error_kind::input, {file, 0, 0}, "the file is empty", "it may be the rest of an interrupted copy");
  std::size_t keys = 0, levels = 0;
  const auto watch = [&](int depth, json::parse_event_t event, json&) {
    keys += event == json::parse_event_t::key ? 1 : 0;
    levels = std::max(levels, static_cast<std::size_t>(depth));
    return true;
  };
  try {
    json parsed = json::parse(text, watch);
    // The parser lets the last of two equal keys win without a word. Only where something is wrong is it looked for.
    if (levels >= deepest_nesting || keys != keys_in(parsed)) shape_checker(text, file).walk();
    return parsed;
  } catch (const json::parse_error& failure) {
    const auto offset = std::min<std::size_t>(failure.byte > 0 ? failure.byte - 1 : 0, text.size());
    const bool truncated = offset > text.find_last_not_of(" \t\r\n");
    throw error(error_kind::input, position_at(text, file, offset),
                truncated ? "the JSON text ends in the middle" : "not valid JSON here",
                truncated ? "the file is truncated; copy or measure it again"
                          : "compare the text around this place with a file that gpubench wrote");
  } catch (const json::out_of_range&) {
    mistake_finder finder;
    json::sax_parse(text, &finder);
    throw error(error_kind::input, position_at(text, file, finder.offset), "number is too large",
                "numbers lie between -1.8e308 and 1.8e308");
  }
}

json parse_foreign_json(std::string_view text, const std::string& file) {
  // First the shape, level by level, so that a hostile one is refused before anything is built from it.
  foreign_checker(text, file).walk();
  return parse_json(text, file);
}

file_position position_in_json(std::string_view text, const std::string& file, const std::string& path) {
  path_finder finder(text, path);
  finder.walk();
  return finder.found ? position_at(text, file, *finder.found) : file_position{file, 0, 0};
}

json load_json(const std::filesystem::path& path) {
  return parse_json(read_file(path), path.string());
}

}  // namespace gpubench
