#pragma once

#include <filesystem>

#include "fleet/collection.hpp"

namespace gpubench::fleet {

/// What was collected of the campaign in this folder, of which each run file that counts is there and is what it was
/// then. Reads them all, by several threads.
/// @throws error: input where there is no campaign, or it was not collected; for a collection of another campaign, or a
///         run file that is gone or was changed; io
collection load_usable_collection(const std::filesystem::path& folder);

}  // namespace gpubench::fleet
