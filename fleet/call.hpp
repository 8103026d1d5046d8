#pragma once

#include "core/error.hpp"
#include "core/process.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gpubench::fleet {

/// How long a program may take that only asks: GPUBENCH_ENGINE_SECONDS, or 120 s. Slurm's and kubectl's own limits, of
/// one message each, are shorter.
std::chrono::seconds asking_limit();
/// Likewise of one that hands something over, and is not killed without need: then nobody knows whether it did.
std::chrono::seconds handing_over_limit();

/// Runs a program of an engine.
/// @param limit  by which it is killed; none: it may take as long as it wants
/// @throws error: environment where it is missing, naming it and `missing_hint`
process_result call(const std::vector<std::string>& words, const std::string& missing_hint,
                    std::optional<std::chrono::seconds> limit = asking_limit());

/// What a program of an engine said when it refused: "sbatch: Invalid account ... (exit code 1)", and a hint where the
/// words are those of an engine that cannot be reached, a permission or a quota.
/// @param limit  the one that it had
error refusal(const std::vector<std::string>& words, const process_result& done,
              std::optional<std::chrono::seconds> limit = asking_limit());

/// Words of others on one line, cut where they are very long, without what drives terminals and what is no UTF-8.
std::string one_line(std::string_view text);

/// call() of which exit code 0 is needed.   @return standard output   @throws error: environment, as refusal()
std::string require_call(const std::vector<std::string>& words, const std::string& missing_hint,
                         std::optional<std::chrono::seconds> limit = asking_limit());

}  // namespace gpubench::fleet
