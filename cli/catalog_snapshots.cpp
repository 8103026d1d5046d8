#include "cli/catalog.hpp"
#include "cli/output.hpp"
#include "cli/price_list_tables.hpp"
#include "profiles/price_lists/snapshot.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>

namespace gpubench::cli {
namespace {

exit_status show(const global_options& global, const std::filesystem::path& folder) {
  require_table_format(global);
  require_output(global);
  const auto found = profiles::list_snapshots(folder);
  deliver_table(global, snapshot_table(found));
  const bool sound = std::all_of(found.begin(), found.end(), [](const auto& one) { return one.defect.empty(); });
  return sound ? exit_status::done : exit_status::usage;
}

}  // namespace

void declare_catalog_snapshots(CLI::App& catalog, program& chosen) {
  auto* command =
      catalog.add_subcommand("snapshots", "List the snapshots of prices in a folder and check their digests");
  const auto folder = std::make_shared<std::filesystem::path>();
  command->add_option("folder", *folder, "what 'catalog import --into' wrote into")->type_name("DIR")->required();
  command->callback([&chosen, folder] { chosen.action = [&chosen, folder] { return show(chosen.global, *folder); }; });
}

}  // namespace gpubench::cli
