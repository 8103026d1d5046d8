#pragma once

#include "results/environment.hpp"
#include "results/json_field.hpp"
#include "results/measurement.hpp"

namespace gpubench::results {

/// The two halves of run_from_json().   @throws error: input, naming the field.
environment environment_from_json(const json_field& field);
measurement measurement_from_json(const json_field& field);

}  // namespace gpubench::results
