#pragma once

#include "results/history.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace gpubench::results::detail {

/// The index as bytes: a line with its version and the SHA-256 of the rest, then the files. For the machine that wrote
/// it.
/// @param made_ns  when reading began, nanoseconds since 1970
std::string write_index(const std::vector<history_file>& files, std::int64_t made_ns);

struct history_index {
  std::vector<history_file> files;
  std::int64_t made_ns = 0;
};

/// Nothing for anything that write_index() of this version did not write, whole.
std::optional<history_index> read_index(std::string_view bytes);

}  // namespace gpubench::results::detail
