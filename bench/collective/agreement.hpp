#pragma once

#include "bench/collective/messenger.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace gpubench::collective {

/// What a rank says about where it runs, by name: {"host name", "node-3"}, {"GPU", "NVIDIA H200"}.
using rank_facts = std::vector<std::pair<std::string, std::string>>;

/// All ranks' facts on rank 0; nothing elsewhere.   @throws error: collective
std::vector<std::map<std::string, std::string>> gather_facts(messenger& between, const rank_facts& mine);

/// One sentence for each fact in which ranks differ, but for those named in `may_differ`: "GPU differs: NVIDIA H200 on
/// 7 ranks, NVIDIA H100 on rank 3".
std::vector<std::string> differences(const std::vector<std::map<std::string, std::string>>& facts,
                                     const std::vector<std::string>& may_differ);

/// Different values of a fact: of "host name" the number of nodes.
int distinct(const std::vector<std::map<std::string, std::string>>& facts, const std::string& name);

}  // namespace gpubench::collective
