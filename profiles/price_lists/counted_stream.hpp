#pragma once

#include "core/error.hpp"

#include <array>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <streambuf>
#include <string>

namespace gpubench::profiles::detail {

/// A file as a stream that knows at which line and column its reader is, and holds no more than one block of it.
class counted_stream : public std::streambuf {
 public:
  /// @throws error: io
  explicit counted_stream(const std::filesystem::path& file);

  /// Of the character that was taken last.
  file_position position() const;

 protected:
  int_type underflow() override;

 private:
  std::string file_;
  std::ifstream stream_;
  std::array<char, 65536> block_{};
  std::size_t line_ = 1;
  std::size_t column_ = 0;  ///< of the last character before the block
};

}  // namespace gpubench::profiles::detail
