#pragma once

#include "core/json.hpp"

#include <filesystem>

#include "fleet/job.hpp"
#include "fleet/manifest.hpp"

namespace gpubench::fleet {

/// The schema's name; fleet/schema/gpubench.fleet-1.json describes it.
inline constexpr const char* campaign_schema = "gpubench.fleet/1";

/// Where a campaign's folder says what the campaign is.
inline constexpr const char* campaign_file_name = "campaign.json";

json to_json(const campaign& value);

/// @throws error: input, naming the field.
campaign campaign_from_json(const json& document, const std::string& file, const std::string* text = nullptr);

/// The campaign as a file beside its manifests.
manifest campaign_manifest(const campaign& value);

/// @throws error: input where the folder holds no campaign, or a wrong one; io
campaign load_campaign(const std::filesystem::path& folder);

}  // namespace gpubench::fleet
