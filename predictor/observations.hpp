#pragma once

#include "core/csv.hpp"
#include "profiles/catalogue.hpp"
#include "results/run.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "predictor/fit.hpp"

namespace gpubench::predictor {

/// Rows to calibrate on, and what was left out and why.
struct observation_set {
  std::vector<std::pair<std::string, std::string>> conditions;  ///< column and value that a table's row must have
  std::vector<observation> rows;
  std::vector<std::string> dropped;  ///< "ops.csv:17: 31 TFLOP/s is above the peak of P4", the first of each kind
  std::size_t dropped_rows = 0;

  /// A row whose rate is more than 1.15 times the dense peak (arithmetic that no faster algorithm explains), or that
  /// takes a thousand times its roofline, is dropped.
  void add(observation row, const std::string& where);
};

/// A table with the column `gpu`, a time (latency_ms, latency_us, or seconds), and the operator: either in `params`
/// with `precision`, or one column a parameter as public operator tables have them (op, dtype, m, n, k, rows, cols,
/// batch, c_in ..., phase, q_len ...). Without `op`, rows with m, n, k are linear and rows with q_len are attention;
/// without a type they are fp32, attention bf16. Rows of one shape, type and GPU become one with the median of their
/// times.
/// @throws error: input for a table without these columns, and at file:line:column for a GPU that is not known, a time
///         that is not positive, or a shape that is not possible.
void add_observations(const csv_table& table, const profiles::catalogue& known, observation_set& to);

/// The operator that a measurement is of, by our benchmarks' names and parameters; nothing where it is of another
/// thing.
std::optional<operator_call> operator_of(const results::measurement& m);

/// GEMM, convolution, attention and streaming measurements of a run, on GPUs that the catalogue knows.
void add_observations(const results::run& run, const profiles::catalogue& known, observation_set& to);

/// A row's time: latency_ms, latency_us, seconds, milliseconds or microseconds.
/// @throws error: input where it has none of these columns, or a time that is not positive or more than an hour.
double measured_seconds(const csv_table::row& row);

/// Fold of a shape, 0 to 9: FNV-1a, 32 bit, of its text, modulo 10, so that no shape is in two folds on two GPUs. A
/// table's own column `fold` goes first.
int fold_of(std::string_view shape);

}  // namespace gpubench::predictor
