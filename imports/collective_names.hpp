#pragma once

#include "results/measurement.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gpubench::imports {

/// A collective of nccl-tests in our terms.
struct collective_name {
  std::string benchmark;      ///< "all_reduce"; "nccl_gather" for one that gpubench does not measure
  bool is_reduction = false;  ///< whether the operation is part of it
  /// busbw over algbw for n ranks, where the size counts as in ours. Source: nccl-tests, doc/PERFORMANCE.md.
  enum class factor { one, all_but_one, twice_all_but_one } bus = factor::one;
};

/// By the name of the program ("all_reduce_perf", with or without folders) or ours ("all_reduce").
std::optional<collective_name> find_collective(std::string_view program);

double bus_factor(const collective_name& what, std::int64_t ranks);

/// "float" is "fp32"; a name that is not known stays.
std::string element_type_name(std::string_view nccl);

/// 22805 is "2.28.5"; before 2.9 the minor version had no fixed width (2708 is "2.7.8"). Source: NCCL's nccl.h.
std::string nccl_version(std::int64_t code);

/// What nccl-tests states of one size and placement; NaN is absent.
struct collective_figures {
  std::optional<double> time_us, algbw_gb_per_second, busbw_gb_per_second, wrong;
};

struct collective_row {
  std::int64_t bytes = 0;
  std::string type, operation;
  std::int64_t root = -1;
  std::int64_t groups = 1;  ///< communicators at once; the ranks are those of one
  bool in_place = false;
};

/// A measurement of one size and placement on `ranks` ranks (0: not known), without device. A count of wrong elements
/// makes it failed; a busbw that does not follow from size, ranks and time is warned of.
results::measurement measurement_of(const collective_name& what, const collective_row& row, std::int64_t ranks,
                                    const collective_figures& figures, std::optional<std::size_t> iterations);

}  // namespace gpubench::imports
