#pragma once

#include "results/run.hpp"

#include <set>
#include <string>
#include <vector>

namespace gpubench::comparison {

/// Something that differs between runs that are to be compared.
struct difference {
  std::string key;          ///< "driver", "openblas", "governor", "OMP_NUM_THREADS", ...: as --allow takes it
  std::string base, fresh;  ///< what the runs of each side say: "560.35", "560.35 and unknown", "unset"
  bool forbids = false;     ///< a comparison, unless it is allowed; otherwise worth a note

  friend bool operator==(const difference&, const difference&) = default;
};

/// Facts of the machine (machine_facts()) that matter to measurements on `device` and in which any two of all these
/// runs differ, each once. One forbids where two known values differ: a fact unknown to some runs forbids nothing by
/// that. A device's name that does not tell which GPUs it is of forbids as "gpu".
std::vector<difference> machine_differences(const std::vector<results::run>& base,
                                            const std::vector<results::run>& fresh, const std::string& device);

/// The same of measurements of one name, by method_facts().
std::vector<difference> method_differences(const std::vector<const results::measurement*>& base,
                                           const std::vector<const results::measurement*>& fresh);

/// Keys that a difference can have: facts of the machine, libraries, the work model and notes of the method. Those of
/// variables, which a run file records by prefix, are not listed.
std::vector<std::string> difference_keys();
/// Whether it is one of these, or the name of such a variable ("OMP_NUM_THREADS").
bool is_difference_key(const std::string& key);

/// Keys of whatever these runs state, as the libraries that an imported run names.
std::set<std::string> keys_of(const std::vector<results::run>& runs);

/// Whether any of them forbids the comparison and is not in `allowed`.
bool forbids(const std::vector<difference>& differences, const std::set<std::string>& allowed);

}  // namespace gpubench::comparison
