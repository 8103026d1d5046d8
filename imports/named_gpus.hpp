#pragma once

#include <string>

#include "imports/importer.hpp"

namespace gpubench::imports {

/// Adds the GPUs that were measured, each once and of this model, to a file's machine that has none yet.
void name_gpus(imported_file& content, const std::string& model);

}  // namespace gpubench::imports
