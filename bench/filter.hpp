#pragma once

#include <regex>
#include <string>

namespace gpubench::bench {

/// A filter as Google Benchmark's --benchmark_filter takes it: a regular expression that is searched for in the full
/// name; a leading '-' turns it round; empty and "all" take everything.
/// Source: Google Benchmark user guide, "Running a Subset of Benchmarks".
class name_filter {
 public:
  /// @throws error: usage for a malformed expression.
  explicit name_filter(const std::string& expression);

  bool takes(const std::string& full_name) const;

 private:
  bool takes_all_ = false;
  bool negated_ = false;
  std::regex expression_;
};

}  // namespace gpubench::bench
