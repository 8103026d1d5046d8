#pragma once

#include "results/run.hpp"

#include <set>
#include <string>
#include <vector>

namespace gpubench::comparison {

/// Something that differs between runs that are to be compared.
struct difference {
  std::string key;          ///< "driver", "openblas", "governor", "OMP_NUM_THREADS", ...: as --allow takes it
  std::string base, fresh;  ///< the values on both sides, "unset" for a variable that is not set
  bool forbids = false;     ///< a comparison, unless it is allowed; otherwise worth a note

  friend bool operator==(const difference&, const difference&) = default;
};

/// Facts of the machine that differ and matter to measurements on `device` ("cpu", "gpu0", "gpu0-7"): for the CPU its
/// model, cores, governor, libraries and variables; for a GPU also model, clocks, power limit, ECC, MIG, link and
/// driver. Host libraries do not matter to a GPU nor the other way round. A fact unknown on one side forbids nothing.
std::vector<difference> machine_differences(const results::run& base, const results::run& fresh,
                                            const std::string& device);

/// What differs between two measurements of one name: the work model ("work") and the method: cache state, operands,
/// precision of sums and so on forbid a comparison; what a run chose by itself (algorithms) is noted.
std::vector<difference> method_differences(const results::measurement& base, const results::measurement& fresh);

/// Keys that a difference can have: facts of the machine, libraries, the work model and notes of the method. Those of
/// variables, which a run file records by prefix, are not listed.
std::vector<std::string> difference_keys();
/// Whether it is one of these, or the name of such a variable ("OMP_NUM_THREADS").
bool is_difference_key(const std::string& key);

/// Whether any of them forbids the comparison and is not in `allowed`.
bool forbids(const std::vector<difference>& differences, const std::set<std::string>& allowed);

}  // namespace gpubench::comparison
