#include "cli/kept_files.hpp"

#include "core/error.hpp"
#include "results/document_kind.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <system_error>
#include <utility>

#include "fleet/campaign_file.hpp"
#include "fleet/collection_file.hpp"
#include "fleet/engine.hpp"

namespace gpubench::cli {
namespace {

/// Names of the files of a campaign beside its campaign.json; none where it cannot be read.
std::set<std::string> files_of_campaign(const std::filesystem::path& folder) {
  std::set<std::string> names{fleet::collection_file_name};
  try {
    const auto of = fleet::load_campaign(folder);
    for (const auto& one : fleet::find_engine(of.engine).render(of)) names.insert(one.file_name);
  } catch (const error&) {
  }
  return names;
}

/// Manifests have no schema by which they could be known, and collections of one campaign look like those of another.
void require_no_part_of_a_campaign(const std::string& option, const std::filesystem::path& written) {
  const auto folder = written.has_parent_path() ? written.parent_path() : std::filesystem::path(".");
  std::error_code ignored;
  if (!std::filesystem::exists(folder / fleet::campaign_file_name, ignored)) return;
  if (files_of_campaign(folder).count(written.filename().string()) == 0) return;
  throw error(error_kind::usage,
              fmt::format("{} names {}, a file of the campaign in {}", option, written.string(), folder.string()),
              "give the result a file of its own");
}

}  // namespace

void require_same_kind(const std::string& option, const std::filesystem::path& written, std::string_view schema) {
  static constexpr std::pair<std::string_view, std::string_view> kept[] = {
      {"gpubench.run", "a run"},
      {"gpubench.noise", "a noise profile"},
      {"gpubench.lock", "a lock file"},
      {"gpubench.link", "a measured link"},
      {"gpubench.seal", "a seal"},
      {"gpubench.price_snapshot", "a price list"},
      {"gpubench.fleet", "a campaign"},
      {"gpubench.fleet-state", "a campaign's state"},
      {"gpubench.fleet-task", "a task's record"}};
  require_no_part_of_a_campaign(option, written);
  const auto there = results::document_kind_of(written);
  if (there.empty() || there == schema.substr(0, schema.find('/'))) return;
  for (const auto& [kind, name] : kept) {
    if (there == kind)
      throw error(
          error_kind::usage, fmt::format("{} names {}, which holds {}", option, written.string(), name),
          fmt::format("give the result a file of its own (where {} is followed by a wildcard, its first file is "
                      "the one written), or remove that file first",
                      option));
  }
}

}  // namespace gpubench::cli
