#pragma once

#include "results/environment.hpp"
#include "results/json_field.hpp"
#include "results/measurement.hpp"
#include "results/run.hpp"

namespace gpubench::results {

/// A run that is a document, or a part of one.
/// @throws error: input, naming the field, and by line and column where the document's text is at hand.
run run_from_json(const json_field& field);

/// The parts of run_from_json().   @throws error: input, naming the field.
std::vector<rank_place> ranks_from_json(const json_field& root);
std::vector<pair_time> pairs_from_json(const json_field& measurement);
environment environment_from_json(const json_field& field);
measurement measurement_from_json(const json_field& field);

}  // namespace gpubench::results
