#include "core/text_lines.hpp"

#include "core/error.hpp"

#include <cstring>
#include <utility>

namespace gpubench {
namespace {

constexpr std::size_t piece_bytes = std::size_t{1} << 20;

}  // namespace

text_lines::text_lines(std::istream& in, std::string name) : in_(in), name_(std::move(name)), buffer_(piece_bytes) {}

bool text_lines::next(std::string_view& line) {
  while (true) {
    const char* from = buffer_.data() + begin_;
    const auto* end = static_cast<const char*>(std::memchr(from, '\n', end_ - begin_));
    if (end == nullptr && !at_end_) {
      std::memmove(buffer_.data(), from, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
      if (end_ == buffer_.size())
        throw error(error_kind::input, {name_, number_ + 1, 1}, "the line is longer than 1 MiB",
                    "a table has a row a line: is this the right file?");
      in_.read(buffer_.data() + end_, static_cast<std::streamsize>(buffer_.size() - end_));
      if (in_.bad()) throw error(error_kind::io, {name_, number_, 0}, "reading failed");
      end_ += static_cast<std::size_t>(in_.gcount());
      at_end_ = in_.eof();
      continue;
    }
    if (end == nullptr && begin_ == end_) return false;
    const std::size_t length = end != nullptr ? static_cast<std::size_t>(end - from) : end_ - begin_;
    begin_ += length + (end != nullptr ? 1 : 0);
    ++number_;
    line = std::string_view(from, length);
    if (number_ == 1 && line.substr(0, 3) == "\xEF\xBB\xBF") line.remove_prefix(3);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (!line.empty()) return true;
  }
}

}  // namespace gpubench
