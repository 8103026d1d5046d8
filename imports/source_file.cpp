#include "imports/source_file.hpp"

#include "core/digest.hpp"
#include "core/encoding.hpp"
#include "core/file.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <fstream>
#include <utility>

namespace gpubench::imports {
namespace {

// Reads one byte more than the limit at most: a pipe that a shell handed over may have no end.
std::string read_bounded(const std::filesystem::path& path) {
  require_regular(path);
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  if (!stream) refuse_unread(path, errno == 0 ? EIO : errno);
  std::string bytes;
  std::string block(std::size_t{1} << 16, '\0');
  while (bytes.size() <= largest_file_bytes &&
         (stream.read(block.data(), static_cast<std::streamsize>(block.size())), stream.gcount() > 0))
    bytes.append(block, 0, static_cast<std::size_t>(stream.gcount()));
  if (bytes.size() > largest_file_bytes)
    throw error(error_kind::input, {path.string(), 0, 0},
                fmt::format("larger than {} MiB, which is the limit of an import", largest_file_bytes >> 20),
                "split the file");
  return bytes;
}

void require_text(std::string_view text, const std::string& name) {
  std::size_t line = 1, line_start = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto refuse = [&](const std::string& what, const std::string& hint) {
      throw error(error_kind::input, {name, line, at - line_start + 1}, what, hint);
    };
    const auto c = static_cast<unsigned char>(text[at]);
    if (c == '\n') {
      ++line;
      line_start = at + 1;
    } else if (c == 0) {
      refuse("holds a NUL byte: this is a binary file", "give the text that the tool wrote");
    } else if ((c < 0x20 && c != '\t' && c != '\r' && c != '\f') || c == 0x7f) {
      refuse(fmt::format("holds the control character 0x{:02x}", c), "write the tool's output without colours");
    }
    const auto length = utf8_length(text, at);
    if (length == 0) refuse(fmt::format("byte 0x{:02x} is not UTF-8 here", c), "convert the file: iconv -t UTF-8");
    at += length;
  }
}

}  // namespace

source_file source_file::load(const std::filesystem::path& path) {
  return {path, read_bounded(path)};
}

source_file::source_file(std::filesystem::path path, std::string bytes)
    : path_(std::move(path)),
      name_(path_.string()),
      text_(std::move(bytes)),
      size_bytes_(text_.size()),
      sha256_(sha256_hex(text_)) {
  if (text_.rfind("\xFF\xFE", 0) == 0 || text_.rfind("\xFE\xFF", 0) == 0)
    throw error(error_kind::input, at(1, 1), "is UTF-16, as Windows shells write it",
                "convert the file: iconv -f UTF-16 -t UTF-8");
  if (text_.rfind("\xEF\xBB\xBF", 0) == 0) text_.erase(0, 3);
  if (trim(text_).empty())
    throw error(error_kind::input, at(0), "the file is empty", "it may be the rest of an interrupted copy");
  require_text(text_, name_);
}

std::vector<source_line> source_file::lines() const {
  std::vector<source_line> all;
  const std::string_view text = text_;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find('\n', begin), text.size());
    auto line = text.substr(begin, end - begin);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    all.push_back({all.size() + 1, line, end < text.size()});
    begin = end + 1;
  }
  return all;
}

bool source_file::starts_as_json() const {
  const auto first = trim(text_).front();
  return first == '{' || first == '[';
}

const json& source_file::document() const {
  if (!document_) document_ = parse_foreign_json(text_, name_);
  return *document_;
}

bool source_file::starts_as_json_lines() const {
  const auto text = trim(text_);
  const auto end = text.find('\n');
  if (text.front() != '{') return false;
  const auto first = end == std::string_view::npos ? text : text.substr(0, end);
  return json::accept(first.begin(), first.end());
}

void source_file::for_each_json_line(const std::function<void(const results::json_field&, std::size_t)>& use) const {
  for (const auto& line : lines()) {
    if (trim(line.text).empty()) continue;
    try {
      const std::string text(line.text);
      const json value = parse_foreign_json(text, name_);
      use({value, name_, &text}, line.number);
    } catch (const error& e) {
      // What is known of the place counts from this line on.
      const auto offset = e.where().line > 0 ? e.where().line - 1 : 0;
      throw error(e.kind(), at(line.number + offset, e.where().column), e.what(), e.hint());
    }
  }
}

file_position source_file::in_json_line(std::size_t line, const std::string& path) const {
  const auto found = position_in_json(lines().at(line - 1).text, name_, path);
  return at(line + (found.line > 0 ? found.line - 1 : 0), found.column);
}

void source_file::require_line_end() const {
  gpubench::require_line_end(text_, name_);
}

void source_file::require_end(const source_line& row) const {
  if (!row.has_end) require_line_end();
}

void source_file::refuse(std::size_t line, const std::string& what, const std::string& hint) const {
  throw error(error_kind::input, at(line), what, hint);
}

}  // namespace gpubench::imports
