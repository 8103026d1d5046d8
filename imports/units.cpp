#include "imports/units.hpp"

#include "core/units.hpp"

namespace gpubench::imports {
namespace {

constexpr known_unit units[] = {
    {"ns", quantity::time, 1},
    {"us", quantity::time, 1e3},
    {"µs", quantity::time, 1e3},
    {"ms", quantity::time, 1e6},
    {"s", quantity::time, 1e9},
    {"FLOP", quantity::flop, 1},
    {"MFLOP", quantity::flop, 1e6},
    {"GFLOP", quantity::flop, 1e9},
    {"TFLOP", quantity::flop, 1e12},
    {"B", quantity::bytes, 1},
    {"KB", quantity::bytes, 1e3},
    {"MB", quantity::bytes, 1e6},
    {"GB", quantity::bytes, 1e9},
    {"KiB", quantity::bytes, kib},
    {"MiB", quantity::bytes, mib},
    {"GiB", quantity::bytes, gib},
    {"items", quantity::items, 1},
    {"FLOP/s", quantity::flop_rate, 1},
    {"MFLOP/s", quantity::flop_rate, 1e6},
    {"GFLOP/s", quantity::flop_rate, 1e9},
    {"TFLOP/s", quantity::flop_rate, 1e12},
    {"B/s", quantity::byte_rate, 1},
    {"KB/s", quantity::byte_rate, 1e3},
    {"MB/s", quantity::byte_rate, 1e6},
    {"GB/s", quantity::byte_rate, 1e9},
    {"TB/s", quantity::byte_rate, 1e12},
    {"KiB/s", quantity::byte_rate, kib},
    {"MiB/s", quantity::byte_rate, mib},
    {"GiB/s", quantity::byte_rate, gib},
    {"items/s", quantity::item_rate, 1},
};

}  // namespace

const known_unit* find_unit(std::string_view name) {
  for (const auto& unit : units)
    if (unit.name == name) return &unit;
  return nullptr;
}

std::vector<std::string> units_of(quantity of) {
  std::vector<std::string> names;
  for (const auto& unit : units)
    if (unit.of == of) names.emplace_back(unit.name);
  return names;
}

}  // namespace gpubench::imports
