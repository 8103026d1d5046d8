#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gpubench::imports {

/// What a unit measures, and so which field of a measurement takes a value in it.
enum class quantity { time, flop, bytes, items, flop_rate, byte_rate, item_rate };

struct known_unit {
  std::string_view name;
  quantity of = quantity::time;
  double factor = 1;  ///< to nanoseconds, FLOP, bytes, items, or those a second
};

/// The unit of that exact name ("ms", "GB/s", "TFLOP/s", ...), or nullptr. K, M, G and T are decimal, Ki, Mi and Gi
/// binary: "GB/s" is 10^9 bytes a second.
const known_unit* find_unit(std::string_view name);

/// The names of all units of a quantity, for hints.
std::vector<std::string> units_of(quantity of);

}  // namespace gpubench::imports
