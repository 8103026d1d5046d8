#include "capacity/demand_trace.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/text.hpp"
#include "core/text_lines.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>
#include <utility>
#include <vector>

namespace gpubench::capacity {
namespace {

constexpr double most_demand = 1e15;

const std::vector<std::pair<std::string, double>> time_columns{{"time_seconds", 1},
                                                               {"time_minutes", 60},
                                                               {"time_hours", 3600},
                                                               {"time_milliseconds", 1e-3},
                                                               {"time", 0}};  // ISO 8601

/// Rates in units or requests, with their divisor to seconds; 0: an amount for each row.
const std::vector<std::pair<std::string, double>> demand_columns{
    {"units_per_second", 1},    {"units_per_minute", 60},    {"units_per_hour", 3600},    {"units", 0},
    {"requests_per_second", 1}, {"requests_per_minute", 60}, {"requests_per_hour", 3600}, {"requests", 0}};

std::string names_of(const std::vector<std::pair<std::string, double>>& columns) {
  std::vector<std::string> names;
  names.reserve(columns.size());
  for (const auto& column : columns) names.push_back(column.first);
  return join(names, ", ");
}

/// Lines of a CSV file, one in memory at a time, cut into cells.
class line_reader {
 public:
  struct cell {
    std::string_view text;
    std::size_t column = 1;
  };

  line_reader(std::istream& in, const std::string& file) : lines_(in, file) {}

  /// Cells of the next line that is not blank; valid until the next call.   @return whether there is one
  bool next() {
    for (std::string_view line; lines_.next(line);) {
      if (trim(line).empty()) continue;
      cut(line);
      return true;
    }
    return false;
  }

  const std::vector<cell>& cells() const { return cells_; }
  file_position position(std::size_t index) const { return {lines_.name(), lines_.number(), cells_[index].column}; }
  file_position position() const { return {lines_.name(), lines_.number(), 1}; }

 private:
  void cut(std::string_view text) {
    cells_.clear();
    for (std::size_t start = 0; start <= text.size();) {
      const std::size_t comma = std::min(text.find(',', start), text.size());
      cells_.push_back({trim(text.substr(start, comma - start)), start + 1});
      start = comma + 1;
    }
  }

  text_lines lines_;
  std::vector<cell> cells_;
};

/// Which columns hold what.
struct trace_columns {
  std::size_t count = 0;
  std::size_t time = 0, demand = 0;
  double time_unit_seconds = 0;
  double per_seconds = 0;  ///< 0: an amount
  double units_each = 1;
  std::string time_name, demand_name;
};

std::size_t find_one(const line_reader& header, const std::vector<std::pair<std::string, double>>& columns,
                     const char* what, std::string& name, double& factor) {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < header.cells().size(); ++i) {
    const auto known = std::find_if(columns.begin(), columns.end(),
                                    [&](const auto& column) { return column.first == header.cells()[i].text; });
    if (known == columns.end()) continue;
    if (found) {
      throw error(error_kind::input, header.position(i),
                  fmt::format("'{}' is a second column of {}, beside '{}'", known->first, what, name));
    }
    found = i;
    name = known->first;
    factor = known->second;
  }
  if (!found) {
    throw error(error_kind::input, header.position(), fmt::format("the trace has no column of {}", what),
                "the header names it with its unit, as one of " + names_of(columns));
  }
  return *found;
}

trace_columns read_header(line_reader& in, const std::string& file, const trace_options& options) {
  if (!in.next()) throw error(error_kind::input, {file, 0, 0}, "the trace is empty", "it starts with its header row");
  trace_columns columns;
  columns.count = in.cells().size();
  columns.time = find_one(in, time_columns, "time", columns.time_name, columns.time_unit_seconds);
  columns.demand = find_one(in, demand_columns, "demand", columns.demand_name, columns.per_seconds);
  if (columns.demand_name.compare(0, 8, "requests") == 0) {
    if (!options.units_per_request) {
      throw error(error_kind::usage, file + " counts requests, and nothing says how many units a request has",
                  "give --units-per-request, or record units");
    }
    columns.units_each = *options.units_per_request;
  }
  return columns;
}

struct trace_row {
  double seconds = 0;
  double value = 0;  ///< units per second, or units of the row
};

trace_row read_row(const line_reader& in, const trace_columns& columns) {
  if (in.cells().size() != columns.count) {
    throw error(error_kind::input, in.position(),
                fmt::format("the row has {} cells, the header has {}", in.cells().size(), columns.count));
  }
  const auto time_text = in.cells()[columns.time].text;
  const auto demand_text = in.cells()[columns.demand].text;
  trace_row row;
  const bool is_date = columns.time_unit_seconds == 0;
  const auto time = is_date ? parse_utc_seconds(time_text) : parse_number(time_text);
  if (!time) {
    throw error(error_kind::input, in.position(columns.time),
                fmt::format("{} '{}' is not a {}", columns.time_name, time_text, is_date ? "time in UTC" : "number"),
                is_date ? "write 2026-11-22T10:04:05Z" : "a time in words stands in a column named 'time'");
  }
  row.seconds = is_date ? *time : *time * columns.time_unit_seconds;
  const auto value = parse_number(demand_text);
  if (!value) {
    throw error(error_kind::input, in.position(columns.demand),
                fmt::format("{} '{}' is not a number", columns.demand_name, demand_text),
                demand_text.empty() ? "leave the row out and say with --fill what stands in its place" : "");
  }
  if (*value < 0) {
    throw error(error_kind::input, in.position(columns.demand),
                fmt::format("{} {} is negative", columns.demand_name, demand_text));
  }
  if (*value > most_demand) {
    throw error(error_kind::input, in.position(columns.demand),
                fmt::format("{} {} is more than {:g}", columns.demand_name, demand_text, most_demand),
                "no such demand is planned for: is the unit right?");
  }
  row.value = *value * columns.units_each / (columns.per_seconds > 0 ? columns.per_seconds : 1);
  return row;
}

/// Collects rates over stretches of time into minutes.
class minutes {
 public:
  explicit minutes(std::size_t most) : end_(static_cast<double>(most) * step_seconds) {}

  bool is_full() const { return reached_ >= end_; }
  /// `units_per_second` from where the last stretch ended up to `until`, in seconds from the first row.
  void add(double until, double units_per_second) {
    until = std::min(until, end_);
    while (reached_ < until) {
      const auto step = static_cast<std::size_t>(reached_ / step_seconds);
      const double stop = std::min(until, static_cast<double>(step + 1) * step_seconds);
      if (units_.size() <= step) units_.resize(step + 1);
      units_[step] += units_per_second * (stop - reached_);
      reached_ = stop;
    }
  }
  void add_ramp(double until, double from_rate, double to_rate) {
    const double start = reached_;
    const double length = until - start;
    while (reached_ < std::min(until, end_)) {
      const double stop = std::min(until, (std::floor(reached_ / step_seconds) + 1) * step_seconds);
      const double middle = ((reached_ + stop) / 2 - start) / length;
      add(stop, from_rate + (to_rate - from_rate) * middle);
    }
  }
  demand_series take() {
    const double part = reached_ - static_cast<double>(units_.size() - 1) * step_seconds;
    for (double& units : units_) units /= step_seconds;
    units_.back() *= step_seconds / part;  // the last minute may not be a whole one
    return std::move(units_);
  }

 private:
  double end_;
  double reached_ = 0;
  demand_series units_;
};

[[noreturn]] void refuse_gap(const line_reader& in, const trace_columns& columns, double seconds, double spacing) {
  throw error(error_kind::input, in.position(columns.time),
              fmt::format("a gap: {} after the row before, where rows are {} apart", format_duration(seconds),
                          format_duration(spacing)),
              "say with --fill hold, zero or linear what stands there");
}

}  // namespace

gap_fill parse_gap_fill(std::string_view name) {
  static const std::vector<std::string> names{"refuse", "hold", "zero", "linear"};
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) {
    throw error(error_kind::usage, fmt::format("'{}' is no way to fill a gap", name), "known are " + join(names, ", "));
  }
  return static_cast<gap_fill>(found - names.begin());
}

demand_trace read_demand_trace(std::istream& in, const std::string& file, const trace_options& options) {
  line_reader lines(in, file);
  const trace_columns columns = read_header(lines, file, options);
  const bool is_amount = columns.per_seconds == 0;
  demand_trace trace;
  trace.is_in_seconds = columns.time_unit_seconds == 1;
  minutes demand(options.max_steps);
  double first_time = 0;
  trace_row last;
  while (!demand.is_full() && lines.next()) {
    const trace_row row = read_row(lines, columns);
    ++trace.rows;
    if (trace.rows == 1) {
      first_time = row.seconds;
      last = row;
      continue;
    }
    const double distance = row.seconds - last.seconds;
    if (distance <= 0) {
      throw error(
          error_kind::input, lines.position(columns.time),
          distance == 0 ? "the time repeats that of the row before" : "the time lies before that of the row before",
          "sort the trace by time, and add up rows of one time");
    }
    if (trace.rows == 2) {
      trace.spacing_seconds = distance;
      if (distance > 86400) {
        throw error(error_kind::input, lines.position(columns.time),
                    "rows are " + format_duration(distance) + " apart, more than a day",
                    fmt::format("is {} the unit of the times?", columns.time_name));
      }
    }
    const double spacing = trace.spacing_seconds;
    if (distance < spacing / 2) {
      throw error(error_kind::input, lines.position(columns.time),
                  fmt::format("only {} after the row before, where rows are {} apart", format_duration(distance),
                              format_duration(spacing)),
                  "record at one spacing");
    }
    const double since_first = row.seconds - first_time;
    if (distance <= 1.5 * spacing) {
      demand.add(since_first, is_amount ? last.value / distance : last.value);
    } else {
      if (options.fill == gap_fill::refuse) refuse_gap(lines, columns, distance, spacing);
      const double before = is_amount ? last.value / spacing : last.value;
      const double after = is_amount ? row.value / spacing : row.value;
      demand.add(last.seconds - first_time + spacing, before);
      if (options.fill == gap_fill::linear) {
        demand.add_ramp(since_first, before, after);
      } else {
        demand.add(since_first, options.fill == gap_fill::hold ? before : 0);
      }
      ++trace.gaps;
      trace.filled_seconds += distance - spacing;
    }
    last = row;
  }
  if (trace.rows < 2) {
    throw error(error_kind::input, {file, 0, 0}, "the trace has fewer than two rows: nobody knows how long each lasts");
  }
  trace.is_cut = demand.is_full();
  if (!trace.is_cut) {
    const double spacing = trace.spacing_seconds;
    demand.add(last.seconds - first_time + spacing, is_amount ? last.value / spacing : last.value);
  }
  trace.demand = demand.take();
  if (std::none_of(trace.demand.begin(), trace.demand.end(), [](double rate) { return rate > 0; }))
    throw error(error_kind::input, {file, 0, 0}, "the demand is never above 0: there is nothing to plan");
  return trace;
}

demand_trace load_demand_trace(const std::filesystem::path& path, const trace_options& options) {
  require_regular(path);
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in) refuse_unread(path, errno == 0 ? EIO : errno);
  return read_demand_trace(in, path.string(), options);
}

}  // namespace gpubench::capacity
