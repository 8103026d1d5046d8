#include "cli/forms.hpp"

#include "cli/output.hpp"
#include "core/text.hpp"
#include "report/google_benchmark.hpp"
#include "results/run_summary.hpp"

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

void require_one_machine(const global_options& global, const report::document& document) {
  if (global.format != report::google_benchmark_form || document.runs.empty()) return;
  const auto& first = document.runs.front();
  const auto machine = results::summarize(*first.run).machine;
  for (const auto& shown : document.runs)
    if (results::summarize(*shown.run).machine != machine)
      throw error(error_kind::usage,
                  fmt::format("{} and {} are of two machines, whose times '{}' would make repetitions of one benchmark",
                              first.file, shown.file, global.format),
                  "write each into a file of its own");
}

}  // namespace gpubench::cli
