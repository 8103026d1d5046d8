#pragma once

#include <filesystem>
#include <string>

namespace gpubench::results {

/// The schema that a file names at its top, without the version: "gpubench.run"; empty for a file that is none of
/// ours, cannot be read, or is no JSON. The rest of the file is not looked at. Never throws.
std::string document_kind_of(const std::filesystem::path& file);

}  // namespace gpubench::results
