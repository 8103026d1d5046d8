#include "imports/nvbench_samples.hpp"

#include "core/file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <system_error>

#include "imports/source_file.hpp"

namespace gpubench::imports {
namespace fs = std::filesystem;

std::optional<std::vector<double>> read_nvbench_samples(const fs::path& json_file, const std::string& name,
                                                        std::size_t count, std::string& why_not) {
  const fs::path wanted(name);
  const auto refuse = [&](const std::string& why) {
    why_not = fmt::format("the samples in {} are left out: {}", name, why);
    return std::nullopt;
  };
  if (wanted.is_absolute() || std::find(wanted.begin(), wanted.end(), "..") != wanted.end())
    return refuse("only files beside the JSON file are read");
  std::error_code ignored;
  auto path = json_file.parent_path() / wanted;
  if (!fs::is_regular_file(path, ignored))
    path = json_file.parent_path() / wanted.parent_path().filename() / wanted.filename();
  if (!fs::is_regular_file(path, ignored)) return refuse("the file is not there");
  const auto size = fs::file_size(path, ignored);
  if (ignored || size > largest_file_bytes) return refuse("the file is too large");
  if (size != count * sizeof(float)) return refuse(fmt::format("{} bytes do not hold {} values", size, count));
  const auto bytes = read_file(path);
  std::vector<double> values;
  values.reserve(count);
  for (std::size_t at = 0; at + 4 <= bytes.size(); at += 4) {
    std::uint32_t bits = 0;
    for (std::size_t i = 4; i-- > 0;) bits = bits << 8 | static_cast<unsigned char>(bytes[at + i]);
    const double value = std::bit_cast<float>(bits);
    if (!std::isfinite(value) || value < 0) return refuse("a value is not a number from 0 on");
    values.push_back(value);
  }
  return values;
}

}  // namespace gpubench::imports
