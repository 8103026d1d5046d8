#pragma once

#include "cli/program.hpp"

namespace gpubench::cli {

/// Parts of `gpubench catalog`, one file each.
void declare_catalog_import(CLI::App& catalog, program& chosen);
void declare_catalog_snapshots(CLI::App& catalog, program& chosen);

}  // namespace gpubench::cli
