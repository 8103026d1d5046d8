#include "cli/collective_ranks.hpp"

#include "bench/collective/agreement.hpp"
#include "bench/collective/host_transport.hpp"
#include "bench/collective/launcher.hpp"
#include "bench/collective/rank_interface.hpp"
#include "bench/collective/watch.hpp"
#include "cli/here.hpp"
#include "cli/knowledge.hpp"
#include "cli/rank_errors.hpp"
#include "core/host_name.hpp"
#include "core/text.hpp"
#include "core/units.hpp"
#include "core/version.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "fleet/task.hpp"

namespace gpubench::cli {

using namespace collective;

collective_ranks::collective_ranks(const global_options& global, const collective_options& options)
    : options_(options) {
  if (started_by_launcher()) {
    world_ = mpi_world::start(1.5 * patience());
    between_ = world_.get();
  }
  if (options.backend != "host") gpus_ = bench::load_cuda_backend();
  machine_ = find_machine(load_catalogue(global), options.instance, gpus_.devices);
  if (world_) machine_.libraries["mpi"] = world_->library();
  compare_options();
  choose_backend();
  compare_ranks();
}

collective_ranks::~collective_ranks() = default;

bool collective_ranks::gpus_usable(std::string& why) const {
  if (options_.backend == "host") {
    why = "left out by --backend host";
    return false;
  }
  if (gpus_.state != bench::cuda_state::ready) {
    why = gpus_.status;
    return false;
  }
  const cuda_transport trial(gpus_, *between_, machine_);
  collective_case smallest;
  smallest.ranks = trial.ranks();
  smallest.bytes = size_step(smallest.kind, smallest.type, smallest.ranks);
  if (const auto problem = trial.unavailable(smallest)) {
    why = *problem;
    return false;
  }
  return true;
}

/// Before anything that the options decide: on NCCL already the choice of the back-end is a call of all ranks.
void collective_ranks::compare_options() {
  rank_facts mine{{"host name", host_name()}, {"node", fleet::name_of_this_node()}};
  for (auto& one : options_of_all_ranks(options_)) mine.push_back(std::move(one));
  const auto facts = gather_facts(*between_, mine);
  std::string refusal;
  if (between_->is_root()) {
    std::vector<std::string> told;
    for (const auto& mismatch : find_mismatches(facts, {"host name", "node"}, on_gpus_))
      told.push_back(describe(mismatch, node_names(facts)));
    refusal = join(told, "; ");
  }
  refusal = broadcast_text(*between_, refusal);
  if (!refusal.empty())
    throw common_error(error_kind::usage, "the ranks do not agree: " + refusal,
                       "give all ranks the same options of gpubench collective");
}

void collective_ranks::choose_backend() {
  std::string why;
  const std::string mine = gpus_usable(why) ? "" : why;
  const auto all = gather_texts(*between_, mine.empty() ? "usable" : mine, "which back-end it can use");
  std::string verdict;
  if (between_->is_root()) {
    std::vector<int> without;
    for (std::size_t rank = 0; rank < all.size(); ++rank) {
      if (all[rank] != "usable") without.push_back(static_cast<int>(rank));
    }
    const bool none = without.size() == all.size();
    if (without.empty()) {
      verdict = "cuda";
    } else if (options_.backend == "cuda" || !none) {
      verdict = fmt::format("{}: {}", rank_list(without), all[static_cast<std::size_t>(without.front())]);
    } else if (between_->ranks() < 2) {
      verdict = fmt::format("one process without GPUs to connect: {}", all.front());
    } else {
      verdict = "host";
    }
  }
  verdict = broadcast_text(*between_, verdict);
  if (verdict != "cuda" && verdict != "host")
    throw common_error(error_kind::environment, "no collective can be measured: " + verdict,
                       "start several ranks on CPUs: mpirun -n 2 gpubench collective --backend host");
  on_gpus_ = verdict == "cuda";
  if (on_gpus_) {
    auto chosen = std::make_unique<cuda_transport>(gpus_, *between_, machine_);
    ranks_ = chosen->ranks();
    moves_ = std::move(chosen);
  } else {
    ranks_ = between_->ranks();
  }
}

void collective_ranks::compare_ranks() {
  rank_facts mine{{"host name", host_name()},
                  {"node", fleet::name_of_this_node()},
                  {"gpubench", version},
                  {"kernel", machine_.kernel.value_or("")},
                  {"CPU", machine_.cpu.model.value_or("")},
                  {"MPI", world_ ? world_->library() : ""}};
  if (on_gpus_) {
    const auto* gpus = static_cast<const cuda_transport*>(moves_.get());
    mine.emplace_back("GPU", gpus_.devices.at(static_cast<std::size_t>(gpus->gpu())).model);
    mine.emplace_back("GPU driver", machine_.gpu_driver_version.value_or(""));
    const auto nccl = machine_.libraries.find("nccl");
    mine.emplace_back("NCCL", nccl == machine_.libraries.end() ? "" : nccl->second);
  }
  const auto network = find_rank_interface(bench::system_files(), machine_.variables);
  mine.emplace_back("interface", network ? network->name : "");
  mine.emplace_back("link speed", network && network->bytes_per_second
                                      ? fmt::format("{:.6g} Gbit/s", *network->bytes_per_second * 8 / giga)
                                      : "");
  for (const auto& [name, value] : machine_.libraries)
    if (on_gpus_ && name != "nccl" && name != "mpi") mine.emplace_back(name, value);
  for (const auto& [name, value] : machine_.variables)
    if (name.rfind("NCCL_", 0) == 0 || name.rfind("OMPI_MCA_", 0) == 0) mine.emplace_back(name, value);
  const auto facts = gather_facts(*between_, mine);
  std::int32_t nodes = 1;
  std::string refusal;
  if (between_->is_root()) {
    nodes = distinct(facts, "host name");
    names_ = node_names(facts);
    std::vector<std::string> refused;
    for (const auto& mismatch : find_mismatches(facts, {"host name", "node", "interface"}, on_gpus_)) {
      const bool allowed =
          std::find(options_.allowed.begin(), options_.allowed.end(), mismatch.name) != options_.allowed.end();
      auto& told = mismatch.refuses && !allowed ? refused : warnings_;
      told.push_back(describe(mismatch, names_));
    }
    refusal = join(refused, "; ");
    if (between_->ranks() > 1) note_places(facts);
  }
  refusal = broadcast_text(*between_, refusal);
  if (!refusal.empty())
    throw common_error(error_kind::environment, "the ranks do not agree: " + refusal,
                       "make it the same on all ranks (mpirun -x NAME, srun --export=ALL), or say --allow NAME");
  between_->broadcast(&nodes, sizeof nodes);
  nodes_ = nodes;
  if (on_gpus_) return;
  constexpr double share = 0.5;  // operands beside what MPI itself needs
  const int ranks_here = (ranks_ + nodes_ - 1) / nodes_;
  moves_ = std::make_unique<host_transport>(*world_, share * machine_.memory_bytes.value_or(0) / ranks_here);
}

void collective_ranks::note_places(const std::vector<std::map<std::string, std::string>>& facts) {
  for (std::size_t rank = 0; rank < facts.size(); ++rank) {
    results::rank_place place;
    place.rank = static_cast<int>(rank);
    place.node = names_[rank];
    if (const auto name = facts[rank].find("interface"); name != facts[rank].end() && !name->second.empty())
      place.interface = name->second;
    const auto speed = facts[rank].find("link speed");
    const auto number =
        speed == facts[rank].end() ? std::nullopt : parse_number(speed->second.substr(0, speed->second.find(' ')));
    if (number && *number > 0) place.interface_bytes_per_second = *number * giga / 8;
    places_.push_back(std::move(place));
  }
}

std::string collective_ranks::description() const {
  const std::string where = count_of(static_cast<std::size_t>(nodes_), "node");
  std::string text = fmt::format("{} {} ranks on {}", ranks_, on_gpus_ ? "GPU" : "CPU", where);
  if (world_) text += fmt::format(" over {}", world_->library());
  return text;
}

std::string collective_ranks::name_of(int rank) const {
  const auto at = static_cast<std::size_t>(rank);
  if (at >= names_.size()) return fmt::format("rank {}", rank);
  return fmt::format("rank {} on {}", rank, names_[at]);
}

}  // namespace gpubench::cli
