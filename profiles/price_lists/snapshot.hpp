#pragma once

#include "profiles/price_lists/difference.hpp"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace gpubench::profiles {

/// A file that a snapshot was made from.
struct snapshot_source {
  std::string file;  ///< its name with its folder's, "aws/vms.csv": nothing of the machine it lay on
  std::string sha256;
  std::string date;
};

/// A folder of prices as they were on one day: prices.csv, instances.csv where the list has types of its own, and
/// snapshot.toml with sources and digests. It is an overlay like any other.
struct snapshot {
  std::filesystem::path path;
  std::string format;
  std::string date;     ///< of the newest source
  std::string made_at;  ///< UTC
  std::string tool_version;
  std::vector<std::string> providers;
  std::vector<snapshot_source> sources;
  std::size_t prices = 0, new_types = 0;
};

/// A folder that looks like a snapshot, and what is wrong with it.
struct listed_snapshot {
  std::filesystem::path path;
  std::optional<snapshot> content;  ///< absent when snapshot.toml cannot be read
  std::string defect;               ///< empty: intact
};

/// Writes the snapshot below `folder`, under a name made of providers, date and the digest of the sources: whole or not
/// at all. Prices that the catalogue has of a later date are left out.
/// @param check  is called with the finished folder before it gets its name; throws to refuse it
/// @return its place, and whether it was written now; one with the same content may be there already.
/// @throws error: io; input when another folder has the name.
struct written_snapshot {
  std::filesystem::path path;
  bool is_new = true;
};
written_snapshot write_snapshot(const std::filesystem::path& folder, snapshot head, const screened_list& list,
                                const std::vector<price_change>& changes,
                                const std::function<void(const std::filesystem::path&)>& check);

/// Snapshots right below `folder`, by name.   @throws error: io when the folder cannot be read.
std::vector<listed_snapshot> list_snapshots(const std::filesystem::path& folder);

}  // namespace gpubench::profiles
