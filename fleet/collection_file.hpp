#pragma once

#include "core/json.hpp"

#include <filesystem>
#include <optional>
#include <string>

#include "fleet/collection.hpp"

namespace gpubench::fleet {

/// The schema's name; fleet/schema/gpubench.fleet-collection-1.json describes it.
inline constexpr const char* collection_schema = "gpubench.fleet-collection/1";
inline constexpr const char* collection_file_name = "collection.json";

json to_json(const collection& value);
/// @throws error: input, naming the field.
collection collection_from_json(const json& document, const std::string& file, const std::string* text = nullptr);

/// What collect() found, from a campaign's folder.   @throws error: input where there is none, or a wrong one; io
collection load_collection(const std::filesystem::path& folder);
/// The same where it is of this campaign; nothing where there is none, or none that can be read.   @throws error: io
std::optional<collection> former_collection(const std::filesystem::path& folder, const std::string& campaign);
/// @throws error: io
void save_collection(const std::filesystem::path& folder, const collection& value);
/// The same, unless what lies there, of the same campaign, has more measured tasks and the engine gave a problem, or of
/// one of them nobody knows what became of it: a file system that is away for a while takes no results along.   @return
/// whether it was saved   @throws error: io
bool save_unless_poorer(const std::filesystem::path& folder, const collection& value);

}  // namespace gpubench::fleet
