#include "cli/comparing.hpp"
#include "cli/program.hpp"
#include "core/error.hpp"

#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

namespace gpubench::cli {
namespace {

struct compare_options {
  std::vector<std::string> sides;
  comparing_options comparing;
};

void require_two_sides(const std::vector<std::string>& sides) {
  if (sides.size() > 1) return;
  throw error(error_kind::usage,
              sides.empty() ? std::string("gpubench compare: what is to be compared is missing")
                            : fmt::format("gpubench compare: what is to be compared with {} is missing", sides.front()),
              "gpubench compare BASE NEW, each a run file, several of one side with commas, or a folder");
}

exit_status compare(const program& chosen, const compare_options& options) {
  require_two_sides(options.sides);
  std::vector<loaded_side> sides;
  std::vector<std::filesystem::path> inputs{options.comparing.noise};
  for (const auto& argument : options.sides) {
    sides.push_back(load_side(argument));
    inputs.insert(inputs.end(), sides.back().files.begin(), sides.back().files.end());
  }
  std::vector<const comparison::side*> all;
  for (const auto& one : sides) all.push_back(&one.side);
  require_known_keys(options.comparing, all);
  require_comparison_outputs(chosen.global, options.comparing, inputs);
  const auto by = criteria_of(options.comparing);
  std::vector<comparison::comparison_result> results;
  for (std::size_t i = 1; i < sides.size(); ++i)
    results.push_back(comparison::compare(sides.front().side, sides[i].side, by));
  return deliver_comparisons(chosen, options.comparing, std::move(results));
}

}  // namespace

void declare_compare(CLI::App& app, program& chosen) {
  auto* command =
      app.add_subcommand("compare", "Say what became slower or faster between runs, and what cannot be said");
  const auto options = std::make_shared<compare_options>();
  command
      ->add_option("sides", options->sides,
                   "the base, then what is compared with it: run files, several of one side with commas, or folders")
      ->type_name("BASE NEW [MORE...]")
      ->expected(0, 1000);
  add_comparing_options(*command, options->comparing);
  command->callback([&chosen, options] { chosen.action = [&chosen, options] { return compare(chosen, *options); }; });
}

}  // namespace gpubench::cli
