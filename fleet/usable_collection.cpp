#include "fleet/usable_collection.hpp"

#include "core/digest.hpp"
#include "core/error.hpp"
#include "core/parallel.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "fleet/campaign_file.hpp"
#include "fleet/collected_nodes.hpp"
#include "fleet/collection_file.hpp"
#include "fleet/folder_word.hpp"
#include "fleet/record.hpp"

namespace gpubench::fleet {
namespace {

/// As collected; of a collection that was written before it noted that, as the record beside the run file has it.
std::optional<file_digest> digest_of_collected(const collected_task& task) {
  if (task.digest) return task.digest;
  const auto results = task.file.parent_path().parent_path();
  const auto record = load_record(task_files(results, task.job, task.index).record);
  return record ? record->result : std::nullopt;
}

enum class file_state { unchanged, changed, gone };

file_state state_of(const collected_task& task) {
  std::error_code code;
  if (!std::filesystem::exists(task.file, code) && !code) return file_state::gone;
  const auto then = digest_of_collected(task);
  if (!then) return file_state::unchanged;
  // Of another size it need not be read.
  if (const auto bytes = std::filesystem::file_size(task.file, code); !code && bytes != then->bytes)
    return file_state::changed;
  return digest_of_file(task.file) == *then ? file_state::unchanged : file_state::changed;
}

void require_files_as_collected(const collection& all, const std::filesystem::path& folder, const std::string& hint) {
  std::vector<std::string> notes;
  const auto counting = last_of_each_node(all, notes);
  std::vector<file_state> states(counting.size());
  in_parallel(counting.size(), 4, [&](std::size_t i) { states[i] = state_of(*counting[i]); });
  const auto found =
      std::find_if(states.begin(), states.end(), [](file_state one) { return one != file_state::unchanged; });
  if (found == states.end()) return;
  const auto& task = *counting[static_cast<std::size_t>(found - states.begin())];
  const auto others = static_cast<std::size_t>(std::count(found + 1, states.end(), *found));
  throw error(error_kind::input, {folder.string(), 0, 0},
              fmt::format("{}, of task {} of {}, {}{}", task.file.string(), task.index, task.job,
                          *found == file_state::gone ? "is gone since it was collected"
                                                     : "was changed since it was collected: its SHA-256 differs",
                          others == 0 ? "" : fmt::format("; and {} likewise", count_of(others, "other"))),
              hint);
}

}  // namespace

collection load_usable_collection(const std::filesystem::path& folder) {
  const auto of = load_campaign(folder);  // says what is missing where it is no campaign's
  auto all = load_collection(folder);
  const auto hint = "gpubench fleet collect " + folder_word(folder);
  if (all.campaign != of.id)
    throw error(error_kind::input, {(folder / collection_file_name).string(), 0, 0},
                fmt::format("is of campaign {}, not of {}", all.campaign, of.id), hint);
  require_files_as_collected(all, folder, hint);
  return all;
}

}  // namespace gpubench::fleet
