#pragma once

#include "cli/program.hpp"
#include "core/error.hpp"
#include "planner/recommend.hpp"
#include "planner/serving_plan.hpp"
#include "profiles/catalogue.hpp"
#include "results/run.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace gpubench::cli {

/// One line for each imported run: that times of the answers rest on it and which tool measured it, or why they do not;
/// and for each of our own on which none rests.
void say_how_runs_are_used(const global_options& global, const profiles::catalogue& known,
                           const std::vector<results::run>& runs, const std::vector<planner::recommendation>& answers,
                           const std::vector<std::shared_ptr<const planner::serving_answer>>& services = {});

/// Refuses a run that states a negative rate, or more than its GPUs, as far as the catalogue knows them, can do, as a
/// rate or as work over time: FLOP/s above twice the highest dense peak (structured sparsity doubles it), bytes/s above
/// 20 times the memory's bandwidth (on-chip memory is some ten times as fast), each times the GPUs of the run. The FLOP
/// of products and convolutions under our names follow from their parameters, and stated rates are held against them.
/// @throws error: input, naming the measurement, at its place.
/// @param places  of the measurements, in their order
void require_possible_rates(results::run& run, const std::vector<std::function<file_position()>>& places,
                            const profiles::catalogue& known);

/// Holds measurements under our own names against the data sheets of the run's GPUs, where the catalogue has them, as
/// those of our own are: `stream_...` against the memory bandwidth, `gemm_PRECISION` against the dense peak. Reports
/// draw these as ceilings.
void hold_against_data_sheets(results::run& run, const profiles::catalogue& known);

}  // namespace gpubench::cli
