#pragma once

#include "report/comparison.hpp"
#include "report/grid.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace gpubench::report {

// The forms; each in a file of its own.
void write_comparison_text(const comparison_document& content, const style& look, std::ostream& out);
void write_comparison_markdown(const comparison_document& content, const style& look, std::ostream& out);
void write_comparison_csv(const comparison_document& content, const style& look, std::ostream& out);
void write_comparison_json(const comparison_document& content, const style& look, std::ostream& out);
void write_junit(const comparison_document& content, const style& look, std::ostream& out);
void write_github_annotations(const comparison_document& content, const style& look, std::ostream& out);
void write_openmetrics(const comparison_document& content, const style& look, std::ostream& out);

/// "+3.2 %", "−0.4 %": a change of time, its digits those that the interval supports.
std::string change_text(double change, const std::optional<interval>& bounds);

/// "768 TFLOP/s": what a benchmark of that work and time is known by; a dash without a time.
std::string rate_text(const results::work_done& work, const std::optional<double>& time_ns);

/// "time +3.2 % (+2.9 … +3.5), 768 TFLOP/s → 744 TFLOP/s; noise floor 1.2 %; in cycles too: ..."
std::string row_sentence(const comparison::comparison_row& row);

/// "1 slower, 41 same, 1 ambiguous, 0 wrong".
std::string counts_sentence(const comparison::comparison_result& result);

/// By what was judged: "slower from +2 % on; false alarms 1 %; noise between runs from the profile".
std::string criteria_sentence(const comparison::comparison_result& result);

/// Rows as people read them. @param all  else only those whose verdict is not "same"
grid comparison_grid(const comparison::comparison_result& result, bool all);

/// "driver: 550.54 → 560.35 (allowed)".
std::string difference_text(const comparison::difference& d, const comparison::criteria& by);

}  // namespace gpubench::report
