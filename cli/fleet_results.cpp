#include "cli/fleet_results.hpp"

#include "cli/fleet_next.hpp"
#include "cli/output.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <system_error>

#include "fleet/folder_word.hpp"
#include "fleet/typical.hpp"
#include "fleet/usable_collection.hpp"

namespace gpubench::cli {
namespace {

std::vector<std::string> files_of(const global_options& global, const std::string& folder) {
  const auto collected = fleet::load_usable_collection(folder);
  const auto missing = collected.tasks.size() - collected.count(fleet::collected_state::measured);
  std::vector<std::string> files;
  for (const auto& one : fleet::typical_tasks(collected)) {
    const auto& node = one.task->node;
    std::string text = fmt::format("{}: {}", one.job, node);
    if (one.nodes > 1) text += fmt::format(", the middle of {}, stands for them", count_of(one.nodes, "node"));
    if (one.left_out > 0)
      text += fmt::format("; {} left out, without a device that most measured", count_of(one.left_out, "node"));
    say(global, labelled("Fleet", text));
    files.push_back(one.task->file.string());
  }
  if (files.empty())
    throw error(error_kind::input, {folder, 0, 0}, "nothing of it was measured",
                "gpubench fleet status " + fleet::folder_word(folder));
  if (missing > 0)
    say(global,
        labelled("Note", fmt::format("{} of {} without a result: {}", missing, count_of(collected.tasks.size(), "task"),
                                     next_after(collected, fleet::folder_word(folder)))));
  return files;
}

}  // namespace

std::vector<std::string> with_fleet_results(const global_options& global, const std::vector<std::string>& names) {
  std::vector<std::string> files;
  for (const auto& name : names) {
    std::error_code ignored;
    if (!std::filesystem::is_directory(name, ignored)) {
      files.push_back(name);
      continue;
    }
    for (auto& file : files_of(global, name)) files.push_back(std::move(file));
  }
  return files;
}

}  // namespace gpubench::cli
