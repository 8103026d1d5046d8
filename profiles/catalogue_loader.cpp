#include "profiles/detail/loaders.hpp"

#include <algorithm>

namespace gpubench::profiles {
namespace fs = std::filesystem;
namespace {

using detail::file_list;
using detail::findings;

// A user's own directory holds only the files that it needs, so a misspelt name would be passed over in silence.
void check_overlay(const fs::path& overlay, findings& sink) {
  static const std::vector<std::string> known{"gpus.csv",
                                              "gpu_aliases.csv",
                                              "cpus.csv",
                                              "instances.csv",
                                              "prices.csv",
                                              "discounts.csv",
                                              "storage.csv",
                                              "transfer.csv",
                                              "billing.csv",
                                              "exchange_rates.csv",
                                              "spot_interruption.csv",
                                              "operator_points.csv",
                                              "truths.csv"};
  std::error_code code;
  if (!fs::is_directory(overlay, code)) {
    sink.add(error(error_kind::input, {overlay.string(), 0, 0}, "this directory of your own data does not exist",
                   "it may hold any of " + join(known, ", ") + " and workloads/*.toml"));
    return;
  }
  for (const auto& entry : fs::directory_iterator(overlay, code)) {
    const auto name = entry.path().filename().string();
    if (entry.path().extension() != ".csv" || std::find(known.begin(), known.end(), name) != known.end()) continue;
    const auto near = suggestion(name, known);
    sink.add(error(error_kind::input, {entry.path().string(), 0, 0}, "this is not the name of a catalogue file",
                   near.empty() ? "known names: " + join(known, ", ") : near));
  }
}

catalogue load(const fs::path& directory, const std::vector<fs::path>& overlays, const std::vector<fs::path>& gpu_specs,
               findings& sink) {
  const auto own = [&](const char* name) {
    file_list files;
    std::error_code code;
    for (const auto& overlay : overlays)
      if (fs::exists(overlay / name, code)) files.push_back(overlay / name);
    return files;
  };
  const auto shipped_and_own = [&](const char* name) {
    auto files = own(name);
    files.insert(files.begin(), directory / name);
    return files;
  };
  for (const auto& overlay : overlays) check_overlay(overlay, sink);
  catalogue all;
  // Each file may name what an earlier one holds.
  file_list gpu_files = shipped_and_own("gpus.csv");
  gpu_files.insert(gpu_files.end(), gpu_specs.begin(), gpu_specs.end());
  detail::load_gpus(gpu_files, all, sink);
  detail::load_gpu_aliases(shipped_and_own("gpu_aliases.csv"), all, sink);
  detail::load_cpus(shipped_and_own("cpus.csv"), all, sink);
  detail::load_exchange_rates(shipped_and_own("exchange_rates.csv"), 1, all, sink);
  detail::load_instances(shipped_and_own("instances.csv"), all, sink);
  detail::load_prices(shipped_and_own("prices.csv"), all, sink);
  detail::apply_discounts(own("discounts.csv"), all, sink);
  detail::load_spot_interruptions(shipped_and_own("spot_interruption.csv"), all, sink);
  detail::load_storage(shipped_and_own("storage.csv"), all, sink);
  detail::load_transfers(shipped_and_own("transfer.csv"), all, sink);
  // Kept apart from the catalogue (profiles/billing.hpp), checked with it. A folder made before it was there has none.
  std::vector<billing_rule> billing;
  std::error_code code;
  detail::load_billing_rules(
      fs::exists(directory / "billing.csv", code) ? shipped_and_own("billing.csv") : own("billing.csv"), billing, sink);
  all.index();
  return all;
}

}  // namespace

catalogue load_catalogue(const fs::path& directory, const std::vector<fs::path>& overlays,
                         const std::vector<fs::path>& gpu_specs) {
  findings sink(findings::mode::stop_at_first);
  return load(directory, overlays, gpu_specs, sink);
}

std::vector<error> validate_catalogue(const fs::path& directory, const std::vector<fs::path>& overlays) {
  findings sink(findings::mode::collect);
  load(directory, overlays, {}, sink);
  return sink.take();
}

}  // namespace gpubench::profiles
