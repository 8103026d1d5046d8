#pragma once

#include "predictor/collectives.hpp"
#include "predictor/device.hpp"
#include "predictor/estimate.hpp"

/// The predictor's words that the planner uses on every page.
namespace gpubench::planner {

using predictor::basis;
using predictor::bound;
using predictor::collective_kind;
using predictor::cores_per_socket;
using predictor::device;
using predictor::device_lookup;
using predictor::device_of;
using predictor::duration_at_confidence;
using predictor::estimate;
using predictor::estimate_collective;
using predictor::estimate_sum;
using predictor::fabric;
using predictor::fabric_of;
using predictor::physical_cores;
using predictor::probability_within;
using predictor::supported_precision;
using predictor::to_string;

}  // namespace gpubench::planner
