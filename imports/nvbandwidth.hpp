#pragma once

#include <string>

#include "imports/importer.hpp"

// The two forms of nvbandwidth's output; nvbandwidth.cpp registers the importer and chooses between them.
namespace gpubench::imports {

imported_file read_nvbandwidth_text(const source_file& file);
imported_file read_nvbandwidth_json(const source_file& file);

/// 12080 is "12.8".
std::string cuda_version(long long code);

}  // namespace gpubench::imports
