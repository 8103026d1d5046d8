#include "serving/trace.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <optional>

namespace gpubench::serving {
namespace {

constexpr double most_tokens = 10'000'000;     // beyond any context: bytes or characters
constexpr double latest_epoch_seconds = 1e11;  // the year 5138; times in milliseconds since 1970 are above it

struct time_column {
  const char* name;
  double seconds_per_unit;
  bool unit_is_stated;
};
constexpr time_column time_columns[] = {{"timeseconds", 1, true}, {"times", 1, true},       {"timems", 1e-3, true},
                                        {"timeus", 1e-6, true},   {"timens", 1e-9, true},   {"time", 1, false},
                                        {"timestamp", 1, false},  {"arrivaltime", 1, false}};
constexpr const char* prompt_columns[] = {"prompttokens", "contexttokens", "inputtokens", "requesttokens"};
constexpr const char* output_columns[] = {"outputtokens", "generatedtokens", "completiontokens", "responsetokens"};

std::string plain_name(std::string_view text) {
  std::string plain;
  for (const char c : text)
    if (std::isalnum(static_cast<unsigned char>(c)) != 0)
      plain += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return plain;
}

std::string_view bare(std::string_view cell) {
  cell = trim(cell);
  if (cell.size() >= 2 && cell.front() == '"' && cell.back() == '"') cell = cell.substr(1, cell.size() - 2);
  return cell;
}

std::optional<double> number(std::string_view cell) {
  double value = 0;
  const auto [end, failure] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (failure != std::errc() || end != cell.data() + cell.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace

trace_reader::trace_reader(const std::filesystem::path& file, double longest_gap_seconds)
    : name_(file.string()), lines_(in_, name_), longest_gap_seconds_(longest_gap_seconds) {
  require_regular(file);
  errno = 0;
  in_.open(file, std::ios::binary);
  if (!in_) refuse_unread(file, errno == 0 ? EIO : errno);
  read_header();
}

/// @return false for a quote that the line does not close
bool trace_reader::split(std::string_view line) {
  cells_.clear();
  bool quoted = false;
  std::size_t start = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"') quoted = !quoted;
    if (line[i] == ',' && !quoted) {
      cells_.push_back(line.substr(start, i - start));
      start = i + 1;
    }
  }
  cells_.push_back(line.substr(start));
  return !quoted;
}

void trace_reader::refuse(std::size_t column, const std::string& what, const std::string& hint) const {
  std::size_t place = 0;
  if (column < cells_.size()) place = static_cast<std::size_t>(cells_[column].data() - cells_.front().data()) + 1;
  throw error(error_kind::input, {name_, lines_.number(), place}, what, hint);
}

void trace_reader::read_header() {
  constexpr const char* hint = "a trace starts with a header such as time_seconds,prompt_tokens,output_tokens";
  std::string_view line;
  if (!lines_.next(line)) throw error(error_kind::input, {name_, 0, 0}, "the trace is empty", hint);
  split(line);
  for (const std::string_view cell : cells_) header_.emplace_back(bare(cell));
  const auto find = [&](const char* wanted, std::size_t& column) {
    const auto found = std::find_if(header_.begin(), header_.end(),
                                    [&](const std::string& name) { return plain_name(name) == wanted; });
    if (found == header_.end()) return false;
    column = static_cast<std::size_t>(found - header_.begin());
    return true;
  };
  const bool has_time = std::any_of(std::begin(time_columns), std::end(time_columns), [&](const time_column& c) {
    if (!find(c.name, time_)) return false;
    seconds_per_unit_ = c.seconds_per_unit;
    unit_is_stated_ = c.unit_is_stated;
    return true;
  });
  const auto any_of = [&](const auto& names, std::size_t& column) {
    return std::any_of(std::begin(names), std::end(names), [&](const char* name) { return find(name, column); });
  };
  const char* missing = !has_time                          ? "time_seconds"
                        : !any_of(prompt_columns, prompt_) ? "prompt_tokens"
                        : !any_of(output_columns, output_) ? "output_tokens"
                                                           : nullptr;
  if (missing != nullptr)
    throw error(error_kind::input, {name_, lines_.number(), 1}, fmt::format("column '{}' is missing", missing), hint);
}

double trace_reader::time_of(std::string_view cell, std::size_t column) const {
  if (const auto value = number(cell)) {
    if (!unit_is_stated_ && std::abs(*value) > latest_epoch_seconds)
      refuse(column, fmt::format("time {} is no number of seconds", cell),
             "name the column time_ms, time_us or time_ns after its unit");
    return *value * seconds_per_unit_;
  }
  if (!unit_is_stated_)
    if (const auto value = parse_utc_seconds(cell)) return *value;
  refuse(column, fmt::format("time '{}' is not a number", cell),
         "seconds, or a date with time of day as 2023-11-16 18:15:46.68");
}

std::uint32_t trace_reader::tokens_of(std::string_view cell, std::size_t column) const {
  const auto value = number(cell);
  if (!value || *value != std::floor(*value) || *value < 1)
    refuse(column, fmt::format("{} '{}' is not a whole number of at least 1", header_[column], cell),
           "leave out requests that failed or gave nothing");
  if (*value > most_tokens)
    refuse(column, fmt::format("{} {} is more than any model reads", header_[column], cell),
           "lengths are in tokens, not in characters or bytes");
  return static_cast<std::uint32_t>(*value);
}

std::size_t trace_reader::read(std::span<request> block) {
  std::size_t filled = 0;
  std::string_view line;
  while (filled < block.size() && lines_.next(line)) {
    if (!split(line)) refuse(cells_.size() - 1, "quoted cell is never closed", "a request is one line");
    if (cells_.size() != header_.size())
      refuse(cells_.size() - 1, fmt::format("the line has {} cells, the header {}", cells_.size(), header_.size()),
             "quote a cell that holds a comma; the last line of a cut file is short");
    const double seconds = time_of(bare(cells_[time_]), time_);
    if (!any_) {
      first_seconds_ = last_seconds_ = seconds;
      any_ = true;
    }
    if (seconds < last_seconds_)
      refuse(time_, fmt::format("time {} is before that of the request above", bare(cells_[time_])),
             "sort the trace by time");
    if (seconds - last_seconds_ > longest_gap_seconds_)
      refuse(time_,
             fmt::format("{} without a request before this one, more than {}", format_duration(seconds - last_seconds_),
                         format_duration(longest_gap_seconds_)),
             unit_is_stated_ ? "part of the trace may be missing; allow it with --trace-gap"
                             : "part of the trace may be missing (allow it with --trace-gap), or its times may not be "
                               "seconds (name the column time_ms, time_us or time_ns)");
    last_seconds_ = seconds;
    block[filled++] = {seconds - first_seconds_, tokens_of(bare(cells_[prompt_]), prompt_),
                       tokens_of(bare(cells_[output_]), output_)};
  }
  if (filled == 0 && !any_)
    throw error(error_kind::input, {name_, lines_.number(), 0}, "the trace has a header and no request",
                "a request is one line");
  return filled;
}

double trace::rate_per_second() const {
  const double seconds = requests.empty() ? 0 : requests.back().arrival_seconds - requests.front().arrival_seconds;
  return seconds > 0 ? static_cast<double>(requests.size() - 1) / seconds : 0;
}

trace load_trace(const std::filesystem::path& file, double longest_gap_seconds, std::size_t most_requests) {
  trace_reader reader(file, longest_gap_seconds);
  trace kept;
  kept.unit_is_stated = reader.unit_is_stated();
  // A window moves over the file a sixteenth of itself at a time.
  const std::size_t part = std::max<std::size_t>(1, most_requests / 16);
  std::vector<request> window, block(part);
  double shortest = 0;
  while (const std::size_t n = reader.read(block)) {
    kept.requests_in_file += static_cast<std::int64_t>(n);
    kept.seconds_in_file = block[n - 1].arrival_seconds;
    if (window.size() + n > part * 16) {
      kept.is_whole = false;
      window.erase(window.begin(), window.begin() + static_cast<std::ptrdiff_t>(std::min(n, window.size())));
    }
    window.insert(window.end(), block.begin(), block.begin() + static_cast<std::ptrdiff_t>(n));
    const double span = window.back().arrival_seconds - window.front().arrival_seconds;
    if (kept.is_whole || span < shortest) {
      shortest = span;
      if (window.size() >= part * 16) kept.requests = window;
    }
  }
  if (kept.is_whole) kept.requests = std::move(window);
  const double start = kept.requests.front().arrival_seconds;
  for (request& r : kept.requests) r.arrival_seconds -= start;
  return kept;
}

}  // namespace gpubench::serving
