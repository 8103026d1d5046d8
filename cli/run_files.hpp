#pragma once

#include <filesystem>

namespace gpubench::cli {

/// An earlier run may be replaced when its file is named; a file of any other kind was named by mistake.
/// @throws error: input
void require_replaceable(const std::filesystem::path& file);

}  // namespace gpubench::cli
