#include "profiles/price_lists/counted_stream.hpp"

#include "core/file.hpp"

#include <algorithm>
#include <cerrno>

namespace gpubench::profiles::detail {
namespace {

void advance(std::size_t& line, std::size_t& column, const char* begin, const char* end) {
  for (const char* c = begin; c != end; ++c) {
    if (*c == '\n') {
      ++line;
      column = 0;
    } else {
      ++column;
    }
  }
}

}  // namespace

counted_stream::counted_stream(const std::filesystem::path& file) : file_(file.string()) {
  require_regular(file);
  errno = 0;
  stream_.open(file, std::ios::binary);
  if (!stream_) refuse_unread(file, errno == 0 ? EIO : errno);
}

file_position counted_stream::position() const {
  std::size_t line = line_, column = column_;
  advance(line, column, eback(), gptr());
  return {file_, line, std::max<std::size_t>(column, 1)};
}

counted_stream::int_type counted_stream::underflow() {
  advance(line_, column_, eback(), egptr());
  stream_.read(block_.data(), static_cast<std::streamsize>(block_.size()));
  const auto read = stream_.gcount();
  if (stream_.bad()) throw error(error_kind::io, {file_, 0, 0}, "cannot read to the end");
  setg(block_.data(), block_.data(), block_.data() + read);
  return read == 0 ? traits_type::eof() : traits_type::to_int_type(block_.front());
}

}  // namespace gpubench::profiles::detail
