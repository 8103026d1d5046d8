#include "cost/availability_trace.hpp"

#include "core/csv.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace gpubench::cost {
namespace {

constexpr double most_seconds = 1000 * 365.25 * 86'400;

void require_seconds(const csv_table& table) {
  for (const std::string& column : table.header()) {
    if (column == "time_seconds" || to_lower(column).rfind("time", 0) != 0) continue;
    throw error(error_kind::input, {table.file(), 1, 0}, fmt::format("column '{}' is not time_seconds", column),
                "times of a trace are seconds, in a column 'time_seconds': convert other units");
  }
  table.require_columns({"time_seconds", "available"});
}

int count_in(const csv_table::row& row) {
  const double value = row.required_number("available");
  if (!(value >= 0 && value <= 1e6 && std::floor(value) == value))
    row.refuse("available", fmt::format("{:g} is not a number of instances", value), "a whole number, 0 for none");
  return static_cast<int>(value);
}

}  // namespace

availability_trace load_availability_trace(const std::filesystem::path& file) {
  const csv_table table = csv_table::load(file.string());
  require_seconds(table);
  if (table.size() < 2) throw error(error_kind::input, {file.string(), 1, 0}, "a trace needs two rows or more");
  availability_trace trace;
  trace.name = file.filename().string();
  double before = 0;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const csv_table::row row = table[i];
    const double time = row.required_number("time_seconds");
    const double step = time - before;
    if (std::abs(time) > most_seconds)
      row.refuse("time_seconds", fmt::format("{:g} s is beyond 1,000 years", time),
                 "seconds, counted from any start within the epoch: convert other units");
    if (i > 0 && !(step > 0))
      row.refuse("time_seconds", fmt::format("time {:g} does not come after {:g}", time, before),
                 "sort the rows by time");
    if (i == 1) trace.step_seconds = step;
    if (i > 1 && std::abs(step - trace.step_seconds) > 0.01 * trace.step_seconds)
      row.refuse("time_seconds",
                 fmt::format("{:g} s after the row before, where steps are of {:g} s", step, trace.step_seconds),
                 "fill the gap: nothing is known of it");
    trace.available.push_back(count_in(row));
    before = time;
  }
  if (std::all_of(trace.available.begin(), trace.available.end(), [](int n) { return n == 0; }))
    throw error(error_kind::input, {file.string(), 0, 0}, "nothing is ever available in this trace");
  return trace;
}

availability::availability(const availability_trace& trace, int needed) : duration_(trace.duration_seconds()) {
  bool up = false;
  for (std::size_t i = 0; i < trace.available.size(); ++i) {
    const bool now = trace.available[i] >= needed;
    if (i == 0) first_up_ = now;
    if (i == 0 || now != up) changes_.push_back(static_cast<double>(i) * trace.step_seconds);
    up = now;
    ever_up_ = ever_up_ || now;
  }
}

availability::stretch availability::at(double at_seconds) const {
  if (changes_.size() == 1) return {first_up_, std::numeric_limits<double>::infinity()};
  const double rounds = std::floor(at_seconds / duration_);
  const double within = std::max(0.0, at_seconds - rounds * duration_);  // the quotient may have been rounded up
  const auto next = std::upper_bound(changes_.begin(), changes_.end(), within);
  const auto index = static_cast<std::size_t>(next - changes_.begin()) - 1;
  const bool up = (index % 2 == 0) == first_up_;
  if (next != changes_.end()) return {up, rounds * duration_ + *next};
  // A stretch that is up at the end and at the start is one.
  return {up, (rounds + 1) * duration_ + (up && first_up_ ? changes_[1] : 0)};
}

double availability::mean_up_seconds() const {
  if (changes_.size() == 1) return first_up_ ? std::numeric_limits<double>::infinity() : 0;
  double up_seconds = 0;
  std::size_t losses = 0;
  for (std::size_t i = 0; i < changes_.size(); ++i) {
    if ((i % 2 == 0) != first_up_) continue;
    const bool last = i + 1 == changes_.size();
    up_seconds += (last ? duration_ : changes_[i + 1]) - changes_[i];
    // A stretch that is up at the end and at the start is one.
    losses += !last || !first_up_ ? 1 : 0;
  }
  return up_seconds / static_cast<double>(losses);
}

}  // namespace gpubench::cost
