#pragma once

#include "core/csv.hpp"
#include "core/error.hpp"
#include "profiles/catalogue.hpp"
#include "profiles/language_model.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "predictor/case_parameters.hpp"
#include "predictor/gpu_model.hpp"

namespace gpubench::predictor {

/// One row of a table of cases.
struct prediction_case {
  std::string id;
  std::string gpu;
  int gpu_count = 1;
  std::string params;
  std::string precision;               ///< "fp32" (TF32 off), "tf32", "fp16-amp", "bf16", ...
  std::string unit;                    ///< wanted; empty: as suits the case
  bool is_anchor = false;              ///< a measurement that may calibrate the other rows of its workload
  std::optional<double> anchor_value;  ///< in the unit of the case
  file_position position;
  std::optional<error> fault;  ///< why the row cannot be read; nothing else need be set then
};

/// Columns case_id, gpu, params; gpu_count, precision, unit, role and anchor_value where there; others are ignored.
/// Rows that cannot be read keep their place and say why.
/// @throws error: input for a table without the first three columns.
std::vector<prediction_case> read_cases(const csv_table& table);

/// A predicted value with its 90 % interval, in the unit stated: "ms", "us" or a rate such as "images/s".
struct case_answer {
  double prediction = 0, low = 0, high = 0;
  std::string unit;
  predictor::basis basis = basis::calibrated;
  bound bound_by = bound::memory;
  std::vector<std::string> notes;  ///< what was assumed, or not understood
};

/// What predictions of cases draw on; keeps a model for each GPU that was asked for.
class case_context {
 public:
  /// @param known, operators, language_models  must outlive the context
  case_context(const profiles::catalogue& known, const operator_calibration& operators,
               const std::vector<profiles::language_model>& language_models)
      : known_(known), operators_(operators), language_models_(language_models) {}

  const profiles::catalogue& known() const { return known_; }
  const operator_calibration& operators() const { return operators_; }
  const std::vector<profiles::language_model>& language_models() const { return language_models_; }
  /// @throws error: usage with the nearest names.
  const gpu_model& model(const std::string& gpu);

 private:
  const profiles::catalogue& known_;
  const operator_calibration& operators_;
  const std::vector<profiles::language_model>& language_models_;
  std::map<std::string, std::unique_ptr<gpu_model>> models_;
};

/// @throws error: input or usage for what the case asks and cannot be: an unknown GPU or parameter, a precision that
/// the GPU lacks, a shape that is not possible.
case_answer answer(const prediction_case& what, case_context& with);

/// The answer to a case of "op=..." that one GPU does by itself: an operator, kernels one after the other, work on
/// vector units.   @param op  in lower case   @param memory_bytes  of the GPU
case_answer device_case(const std::string& op, const prediction_case& what, const case_parameters& parameters,
                        const gpu_model& model, double memory_bytes);

/// The kinds of case, each in a file of its own: "op=all_reduce...", "arch=..." or "model=...", "serve=...".
estimate collective_case(const prediction_case& what, const case_parameters& parameters, case_context& with);
case_answer network_case(const prediction_case& what, const case_parameters& parameters, case_context& with);
estimate serving_case_time(const prediction_case& what, const case_parameters& parameters, case_context& with,
                           std::vector<std::string>& notes);

/// A time in the unit that the case asks for: "ms" where it asks for none, "us", "s".
case_answer in_time_unit(const estimate& e, const prediction_case& what);
/// A time, or where the case asks for "UNIT/s" of what it does, with k, M, G or T before it, the rate: `amount` of them
/// over the time.   @param unit  "B", "hashes", "rays"; of the last two the first letter will do as well: "MH/s"
case_answer in_unit(const estimate& e, const prediction_case& what, double amount, std::string_view unit);
/// The name of a type as gpubench writes it: "bfloat16" is bf16, "fp8_block" fp8; nothing else than its case is changed
/// of a name that it does not know. An ending of "-amp" stays.
std::string type_name(std::string_view name);

/// The type of a lone operator: "fp16-amp" is fp16, nothing fp32.   @throws error: input with the nearest names.
models::precision operator_precision(const prediction_case& what);

/// Corrects the answers of each workload (equal params and precision) by the ratio of its anchors' measurements to
/// their predictions: the geometric mean, weighted by likeness of the GPUs. Answers without an anchor stay as they are.
/// @returns anchors that are too far from their prediction to be of the same work and unit; they were not used
std::vector<error> apply_anchors(const std::vector<prediction_case>& cases, std::vector<std::optional<case_answer>>& answers,
                   const profiles::catalogue& known);

}  // namespace gpubench::predictor
