#pragma once

#include "cli/program.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace gpubench::cli {

/// Refuses to write over a file of gpubench that somebody keeps, as a run, a noise profile or a seal, unless it is of
/// the kind that is to be written: `--profile runs/*.json` names the first run. Reports in JSON are made again at will.
/// @param option  that names the file
/// @param schema  of what is to be written, as "gpubench.noise/1"; empty where that is nothing that is kept
/// @throws error: usage
void require_same_kind(const std::string& option, const std::filesystem::path& written, std::string_view schema = {});

/// require_output() where what is written is such a file itself.   @throws error: io, usage
void require_output_of_kind(const global_options& global, const std::vector<std::filesystem::path>& inputs,
                            std::string_view schema);

}  // namespace gpubench::cli
