#pragma once

#include "models/precision.hpp"

#include <span>
#include <string>
#include <vector>

#include "predictor/collective_model.hpp"

namespace gpubench::predictor {

/// One measured collective inside a node.
struct collective_observation {
  fabric links;
  collective_kind kind = collective_kind::all_reduce;
  models::precision precision = models::precision::fp16;
  int ranks = 2;
  double bytes = 0;    ///< nccl-tests' size
  double seconds = 0;  ///< of one call, out of place
};

/// A row that cannot be true and was left out.
struct refused_observation {
  std::size_t index = 0;  ///< among those handed in
  std::string reason;     ///< "moves 912 GB/s out of each GPU, over a link of 450"
};

struct collective_fit {
  collective_constants constants;
  std::vector<refused_observation> refused;
  std::vector<double> log_residual;  ///< ln(measured / modelled) of the rows that were used, in order
};

/// Rows that cannot be true: without sizes or times, faster than their links, or fifty times off the shipped formula.
std::vector<refused_observation> refused_collectives(std::span<const collective_observation> rows);

/// Fits the formula's constants: least squares of the logarithm of time, with differences beyond 5 % counting linearly
/// (soft L1; Charbonnier et al., "Two deterministic half-quadratic regularization algorithms", 1994), so that single
/// disturbed rows do not bend it, and every constant held to `start` with a standard deviation of 0.5 in its logarithm,
/// so that one that the rows say nothing of stays. Levenberg-Marquardt (Moré 1978) as Eigen has it, numerical
/// derivatives.
collective_fit fit_collectives(std::span<const collective_observation> rows,
                               const collective_constants& start = shipped_collectives().constants);

/// What the formula leaves, a curve for each GPU, collective and number of ranks: the median of the rows of each
/// octave, straight between octaves. Rows that fit_collectives() refuses are left out.
std::vector<collective_curve> curves_of(std::span<const collective_observation> rows,
                                        const collective_constants& constants);

}  // namespace gpubench::predictor
