#include "cli/forms.hpp"

#include "cli/output.hpp"
#include "core/text.hpp"
#include "report/google_benchmark.hpp"

#include <fmt/format.h>

namespace gpubench::cli {

void require_place_for_offers(const global_options& global) {
  if (global.format == report::google_benchmark_form)
    throw error(error_kind::usage, fmt::format("'{}' has a place for measurements alone", global.format),
                "choose another --format for recommendations and plans");
}

void say_left_out(const global_options& global, const report::document& content) {
  if (global.format != report::google_benchmark_form) return;
  const auto count = report::count_without_samples(content);
  if (count > 0)
    say(global, labelled("Note", fmt::format("{} left out: imported without samples, of which {} consists",
                                             count_of(count, "measurement"), global.format)));
}

}  // namespace gpubench::cli
