#pragma once

#include <string>
#include <vector>

#include "predictor/prediction_case.hpp"
#include "predictor/serving_step.hpp"

namespace gpubench::predictor {

/// The server that "serve=MODEL;isl;osl;concurrency;tp_size;pp_size;attention_dp_size;engine;engine_version;mode" on
/// the GPU and in the precision of the case describes.
/// @param notes  gains what was assumed
/// @throws error: input naming what is missing or impossible; infeasible where the weights or the keys and values of
/// one
///         request exceed the GPUs' memory
serving_case serving_case_from(const prediction_case& what, const case_parameters& parameters, case_context& with,
                               std::vector<std::string>& notes);

}  // namespace gpubench::predictor
