#pragma once

#include "core/text_lines.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "serving/request.hpp"

namespace gpubench::serving {

/// A trace of requests: a CSV table with a header, read in pieces of constant size.
///
/// Columns, by name; case and separators do not count, further columns are not looked at:
///   time_seconds, time_ms, time_us or time_ns, or time, timestamp (seconds, or a date with time of day: 2023-11-16
///     18:15:46.68), ascending
///   prompt_tokens, context_tokens, input_tokens or request_tokens, at least 1
///   output_tokens, generated_tokens, completion_tokens or response_tokens, at least 1
/// The first request arrives at 0.
///
/// @throws error: io; input at file:line:column for a missing column, a cell that is no such number, times that go back
/// or look like another unit, a gap longer than allowed, an absurd length, or no request at all.
class trace_reader : public request_source {
 public:
  trace_reader(const std::filesystem::path& file, double longest_gap_seconds);
  std::size_t read(std::span<request> block) override;

  bool unit_is_stated() const { return unit_is_stated_; }

 private:
  void read_header();
  bool split(std::string_view line);
  double time_of(std::string_view cell, std::size_t column) const;
  std::uint32_t tokens_of(std::string_view cell, std::size_t column) const;
  [[noreturn]] void refuse(std::size_t column, const std::string& what, const std::string& hint) const;

  std::string name_;
  std::ifstream in_;
  text_lines lines_;
  double longest_gap_seconds_;
  std::vector<std::string_view> cells_;
  std::vector<std::string> header_;
  std::size_t time_ = 0, prompt_ = 0, output_ = 0;  ///< columns
  double seconds_per_unit_ = 1;
  bool unit_is_stated_ = false;
  bool any_ = false;
  double first_seconds_ = 0, last_seconds_ = 0;
};

/// A trace in memory, or of a longer one its busiest stretch.
struct trace {
  std::vector<request> requests;  ///< the first at 0
  std::int64_t requests_in_file = 0;
  double seconds_in_file = 0;  ///< first to last arrival
  bool is_whole = true;
  bool unit_is_stated = false;     ///< of its times, by the name of their column
  double rate_per_second() const;  ///< of `requests`
};

/// @param most_requests  kept; of a longer trace the run of about that many consecutive ones that takes the least time
trace load_trace(const std::filesystem::path& file, double longest_gap_seconds = 3600,
                 std::size_t most_requests = 1'000'000);

}  // namespace gpubench::serving
