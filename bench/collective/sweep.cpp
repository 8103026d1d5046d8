#include "bench/collective/sweep.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

namespace gpubench::collective {

std::vector<std::uint64_t> size_sweep(std::uint64_t first, std::uint64_t last, std::uint64_t factor) {
  if (first == 0 || last < first)
    throw error(error_kind::usage, fmt::format("no sizes from {} to {} bytes", first, last),
                "the first must be above zero and not above the last");
  if (factor < 2)
    throw error(error_kind::usage, fmt::format("sizes cannot grow by a factor of {}", factor), "2 is usual");
  std::vector<std::uint64_t> sizes;
  for (std::uint64_t size = first; size <= last; size *= factor) {
    sizes.push_back(size);
    if (size > last / factor) break;
  }
  return sizes;
}

}  // namespace gpubench::collective
