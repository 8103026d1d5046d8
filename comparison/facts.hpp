#pragma once

#include "results/run.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gpubench::comparison {

/// What one run says of something that a comparison depends on.
struct fact {
  std::string key;                         ///< "driver", "openblas", "governor", "OMP_NUM_THREADS", "operands", ...
  std::optional<std::string> value;        ///< absent: unknown
  bool forbids = true;                     ///< a comparison where it differs; otherwise worth a note
  std::optional<std::string> absent = {};  ///< what a run that does not name it at all says: "unset" of a variable
};

/// Facts of the machine that matter to measurements on `device` ("cpu", "gpu0", "gpu0-7", "gpu0+2"): for the CPU its
/// model, generation, cores, governor, libraries and variables; for a GPU also model, clocks, power limit, ECC, MIG,
/// link and driver. Host libraries do not matter to a GPU nor the other way round.
std::vector<fact> machine_facts(const results::run& run, const std::string& device);

/// The work model ("work") and the method: cache state, operands, precision of sums and so on forbid a comparison; what
/// a run chose by itself (algorithms) is noted.
std::vector<fact> method_facts(const results::measurement& m);

/// Notes of `method` that say how a figure must be read; the others say what a run chose by itself.
inline constexpr std::array<std::string_view, 9> defining_notes{
    "cache_state", "operands", "accumulation", "type", "operation", "placement", "ranks", "time", "clock"};

}  // namespace gpubench::comparison
