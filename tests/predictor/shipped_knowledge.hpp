#pragma once

#include "profiles/catalogue.hpp"
#include "profiles/language_model.hpp"

#include <gtest/gtest.h>

#include <string>

#include "predictor/prediction_case.hpp"

namespace gpubench::predictor::testing {

inline const profiles::catalogue& known() {
  static const auto all = profiles::load_catalogue(std::string(GPUBENCH_SOURCE_DIR) + "/profiles/data");
  return all;
}

/// Predictions from data sheets alone, so that tests do not hang on what calibration files say.
inline case_context uncalibrated_context() {
  static const operator_calibration nothing = uncalibrated();
  static const auto models = profiles::load_language_models(std::string(GPUBENCH_SOURCE_DIR) + "/profiles/data");
  return {known(), nothing, models};
}

inline prediction_case case_of(std::string gpu, std::string params, std::string precision = "bf16", int count = 1,
                               std::string unit = {}) {
  prediction_case c;
  c.id = "c1";
  c.gpu = std::move(gpu);
  c.gpu_count = count;
  c.params = std::move(params);
  c.precision = std::move(precision);
  c.unit = std::move(unit);
  c.position = {"cases.csv", 2, 4};
  return c;
}

inline case_answer answer_of(const prediction_case& what) {
  case_context context = uncalibrated_context();
  return answer(what, context);
}

/// What a case is refused with, position and hint included.
inline std::string refusal_of(const prediction_case& what) {
  try {
    answer_of(what);
  } catch (const error& e) {
    EXPECT_NE(e.kind(), error_kind::internal) << e.describe();
    return e.describe();
  }
  ADD_FAILURE() << what.params << " on " << what.gpu << " was taken";
  return {};
}

}  // namespace gpubench::predictor::testing
