#pragma once

#include "bench/collective/messenger.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace gpubench::collective {

/// What a rank says about where it runs, by name: {"host name", "node-3"}, {"GPU", "NVIDIA H200"}.
using rank_facts = std::vector<std::pair<std::string, std::string>>;

/// All ranks' facts on rank 0, of whatever length; nothing elsewhere.   @throws error: collective
std::vector<std::map<std::string, std::string>> gather_facts(messenger& between, const rank_facts& mine);

/// A fact in which ranks differ.
struct rank_mismatch {
  std::string name;                               ///< "GPU driver", "NCCL_ALGO"
  std::map<std::string, std::vector<int>> ranks;  ///< by value; a variable that is not set has the value "unset"
  bool refuses = false;  ///< a measurement: the figures would be of no one setting, or it hangs
};

/// The facts in which ranks differ. Refused are other versions of gpubench, of MPI and, on GPUs, of NCCL; and variables
/// that decide how the library that moves the data does it: NCCL_* on GPUs, OMPI_MCA_* on CPUs. Variables that name
/// what each machine has of its own (interfaces, files) or that only tell more, and all other facts, are noted.
/// @param may_differ  facts that are not looked at
std::vector<rank_mismatch> find_mismatches(const std::vector<std::map<std::string, std::string>>& facts,
                                           const std::vector<std::string>& may_differ, bool on_gpus);

/// "NCCL_ALGO differs: Ring on rank 0 on node-a, unset on ranks 1 and 2".
/// @param hosts  of the ranks
std::string describe(const rank_mismatch& mismatch, const std::vector<std::string>& hosts);

/// Where each rank is, by the facts "node", as the engine names it, and "host name": in a pod that is the pod's, which
/// nobody finds later. A node's name that ranks of several hosts have was handed on from one to the others, and then
/// host names have to do.
std::vector<std::string> node_names(const std::vector<std::map<std::string, std::string>>& facts);

/// Different values of a fact: of "host name" the number of nodes.
int distinct(const std::vector<std::map<std::string, std::string>>& facts, const std::string& name);

}  // namespace gpubench::collective
