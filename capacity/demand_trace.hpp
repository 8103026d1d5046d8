#pragma once

#include <filesystem>
#include <istream>
#include <optional>
#include <string>
#include <string_view>

#include "capacity/demand.hpp"

namespace gpubench::capacity {

/// What stands where a trace has no rows for more than one and a half times their spacing.
enum class gap_fill {
  refuse,
  hold,    ///< the rate before the gap
  zero,    ///< no demand
  linear,  ///< from the rate before the gap to that after it
};
/// "refuse", "hold", "zero", "linear".   @throws error: usage with the known names.
gap_fill parse_gap_fill(std::string_view name);

struct trace_options {
  gap_fill fill = gap_fill::refuse;
  std::optional<double> units_per_request;  ///< needed where the trace counts requests
  std::size_t max_steps = steps_per_year;   ///< reading ends here, however long the file is
};

/// A recorded trace at one-minute steps, from its first row on.
struct demand_trace {
  demand_series demand;
  std::size_t rows = 0;
  double spacing_seconds = 0;  ///< between its first two rows
  bool is_in_seconds = false;  ///< as its times say without another unit
  std::size_t gaps = 0;        ///< that were filled
  double filled_seconds = 0;
  bool is_cut = false;  ///< it goes on beyond max_steps
};

/// Reads a CSV trace row by row, so that its size does not matter. The header names one column of time (time_seconds,
/// time_minutes, time_hours, time_milliseconds, or time as ISO 8601 in UTC) and one of demand: a rate
/// ({units,requests}_ per_{second,minute,hour}), which holds until the next row, or an amount (units, requests), which
/// arrives evenly until then. Other columns are ignored. The last row lasts as long as the first.
/// @param file  name used in positions
/// @throws error: input at file:line:column for other columns, units or texts, negative amounts and those above 1e15,
///         times that repeat or go back, rows closer than half of the spacing, a gap unless it is filled, a spacing
///         above a day, fewer than two rows, and no demand in any; usage where requests are counted and
///         units_per_request is absent.
demand_trace read_demand_trace(std::istream& in, const std::string& file, const trace_options& options);

/// @throws error: io for a file that cannot be read; else as read_demand_trace().
demand_trace load_demand_trace(const std::filesystem::path& path, const trace_options& options);

}  // namespace gpubench::capacity
