#pragma once

#include "planner/calibration.hpp"
#include "planner/lowered_step.hpp"
#include "planner/prediction.hpp"

#include <array>
#include <optional>

namespace gpubench::planner {

/// Attainable rates of a CPU by operator kind and precision: dense peak and bandwidth times their efficiencies. An
/// operator takes overhead + max(FLOP / compute rate, bytes / memory rate).
/// Source: Williams, Waterman, Patterson, "Roofline" (CACM 52(4), 2009), with fitted efficiencies instead of peaks.
struct device_rates {
  struct cell {
    double compute_flop_per_second = 0;  ///< 0: the device has no such precision
    double memory_bytes_per_second = 0;
    double overhead_seconds = 0;
    double error_low = 1, error_high = 1;
    predictor::basis basis = basis::calibrated;
  };
  std::array<std::array<cell, precision_count>, operator_kind_count> cells;

  const cell& of(std::size_t kind, std::size_t precision) const { return cells[kind][precision]; }
};

/// Rates of a CPU from the shipped efficiencies. A precision that it lacks gets the cell of the one that stands in for
/// it.
device_rates shipped_rates(const device& on, const calibration& efficiencies);

/// Time of one execution of an operator with this work.
estimate estimate_work(const device_rates& rates, std::size_t kind, std::size_t precision, double flop, double bytes);

}  // namespace gpubench::planner
