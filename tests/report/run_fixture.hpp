#pragma once

#include "results/run.hpp"

#include <memory>

namespace gpubench::report::test {

/// The head of a hand-made run and its machine.
std::unique_ptr<results::run> make_run();
/// GEMM, memory bandwidth, convolution, a network and a latency curve.
void add_measurements(results::run& run);
/// The same kinds of ceilings and rates a hundred times as high, on a GPU.
void add_gpu_measurements(results::run& run);
/// A product soaked on the second of two GPUs, throttled, with its method, and a collective on both.
void add_watched_measurements(results::run& run);
/// An all-reduce at five sizes between two ranks.
void add_collective(results::run& run);
/// What another tool states without samples: that all-reduce at six sizes, and a copy whose time is a mean.
void add_stated_measurements(results::run& run);
/// A skipped and a failed case.
void add_failures(results::run& run);
/// Statistics and rates of every measurement.
void complete_all(results::run& run);

}  // namespace gpubench::report::test
