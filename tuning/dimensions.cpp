#include "tuning/dimensions.hpp"

#include <cstddef>
#include <map>
#include <utility>

namespace gpubench::tuning {
namespace {

dimension choices_of(const std::string& name, const std::string& variable, const std::vector<std::string>& values) {
  dimension one{name, {}};
  for (const auto& value : values) one.choices.push_back({{variable, value}});
  return one;
}

/// Of one there is nothing to choose.
void add_choices(std::vector<dimension>& all, const std::string& name, const std::string& variable,
                 const std::string& before, const std::vector<std::string>& values) {
  if (values.size() < 2) return;
  std::vector<std::string> whole;
  for (const auto& value : values) whole.push_back(before + value);
  all.push_back(choices_of(name, variable, whole));
}

std::vector<std::string> nccl_algorithms(const std::string& collective) {
  if (collective == "all_reduce") return {"Ring", "Tree", "NVLS", "NVLSTree", "CollnetDirect", "CollnetChain"};
  if (collective == "all_gather" || collective == "reduce_scatter") return {"Ring", "NVLS", "CollnetDirect", "PAT"};
  return {};  // a ring, and nothing else
}

struct tuned_collective {
  std::string name;
  std::vector<std::string> algorithms;                          ///< the first has number 1
  std::size_t first_that_segments = 0, last_that_segments = 0;  ///< by number; 0: none does
};

/// Of Open MPI's component "tuned" those of what the MPI module calls (bench/collective/mpi/module.cpp). Which of them
/// segment is in its source alone: they hand the segment size on and cut by it (coll_tuned_*_decision.c,
/// coll_base_*.c). A broadcast's scatter_allgather takes it and leaves it unused.
const std::map<std::string, tuned_collective>& tuned_collectives() {
  static const std::map<std::string, tuned_collective> all{
      {"all_reduce",
       {"allreduce",
        {"basic_linear", "nonoverlapping", "recursive_doubling", "ring", "segmented_ring", "rabenseifner"},
        5,
        5}},
      {"all_gather", {"allgather", {"linear", "bruck", "recursive_doubling", "ring", "neighbor", "two_proc"}}},
      {"reduce_scatter",
       {"reduce_scatter_block", {"basic_linear", "recursive_doubling", "recursive_halving", "butterfly"}}},
      {"broadcast",
       {"bcast",
        {"basic_linear", "chain", "pipeline", "split_binary_tree", "binary_tree", "binomial", "knomial",
         "scatter_allgather", "scatter_allgather_ring"},
        2,
        7}},
      {"reduce",
       {"reduce", {"linear", "chain", "pipeline", "binary", "binomial", "in-order_binary", "rabenseifner"}, 2, 6}},
      {"all_to_all", {"alltoall", {"linear", "pairwise", "modified_bruck", "linear_sync", "two_proc"}}}};
  return all;
}

}  // namespace

std::vector<dimension> nccl_dimensions(const std::string& collective, const network_choices& network) {
  std::vector<dimension> all;
  add_choices(all, "interface", "NCCL_SOCKET_IFNAME", "=", network.interfaces);
  add_choices(all, "card", "NCCL_IB_HCA", "=", network.rdma);
  const auto algorithms = nccl_algorithms(collective);
  if (!algorithms.empty()) all.push_back(choices_of("algorithm", "NCCL_ALGO", algorithms));
  // All-to-all and pairs send by one protocol, whatever the variable says.
  if (collective != "all_to_all" && collective != "send_recv")
    all.push_back(choices_of("protocol", "NCCL_PROTO", {"LL", "LL128", "Simple"}));
  dimension channels{"channels", {}};
  for (const char* number : {"1", "2", "4", "8", "16", "32"})
    channels.choices.push_back({{"NCCL_MIN_NCHANNELS", number}, {"NCCL_MAX_NCHANNELS", number}});
  all.push_back(std::move(channels));
  return all;
}

std::vector<dimension> mpi_dimensions(const std::string& collective, const network_choices& network) {
  std::vector<dimension> all;
  add_choices(all, "interface", "OMPI_MCA_btl_tcp_if_include", "", network.interfaces);
  if (const auto found = tuned_collectives().find(collective); found != tuned_collectives().end()) {
    const auto& tuned = found->second;
    const std::string base = "OMPI_MCA_coll_tuned_" + tuned.name + "_algorithm";
    const std::pair<const std::string, std::string> forced{"OMPI_MCA_coll_tuned_use_dynamic_rules", "1"};
    dimension algorithms{"algorithm", {}}, segments{"segment size", {}};
    for (std::size_t number = 1; number <= tuned.algorithms.size(); ++number) {
      const auto text = std::to_string(number);
      algorithms.choices.push_back({forced, {base, text}});
      // The parameter takes number and name alike.
      if (number >= tuned.first_that_segments && number <= tuned.last_that_segments)
        segments.on_top_of[base].insert({text, tuned.algorithms[number - 1]});
    }
    all.push_back(std::move(algorithms));
    if (!segments.on_top_of.empty()) {
      for (const char* bytes : {"16384", "131072", "1048576"})
        segments.choices.push_back({forced, {base + "_segmentsize", bytes}});
      all.push_back(std::move(segments));
    }
  }
  dimension eager{"eager limit", {}};
  for (const char* bytes : {"4096", "32768", "262144"})
    eager.choices.push_back({{"OMPI_MCA_btl_tcp_eager_limit", bytes}, {"OMPI_MCA_btl_vader_eager_limit", bytes}});
  all.push_back(std::move(eager));
  return all;
}

}  // namespace gpubench::tuning
