#pragma once

#include "cli/program.hpp"
#include "report/document.hpp"

namespace gpubench::cli {

/// @throws error: usage where --format names a form that has a place for measurements alone.
void require_place_for_offers(const global_options& global);

/// Says on standard error what of a report the form of --format leaves out.
void say_left_out(const global_options& global, const report::document& content);

/// Refuses runs of several machines in the form whose readers take them for repetitions.   @throws error: usage
void require_one_machine(const global_options& global, const report::document& document);

}  // namespace gpubench::cli
