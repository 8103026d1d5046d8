#pragma once

#include "cli/program.hpp"
#include "report/document.hpp"

namespace gpubench::cli {

/// @throws error: usage where --format names a form that has a place for measurements alone.
void require_place_for_offers(const global_options& global);

/// Says on standard error what of a report the form of --format leaves out.
void say_left_out(const global_options& global, const report::document& content);

}  // namespace gpubench::cli
