#include "tuning/dimensions.hpp"

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
  // The component's name of the collective, and the number of its algorithms.
  static const std::map<std::string, std::pair<std::string, int>> tuned{
      {"all_reduce", {"allreduce", 6}}, {"all_gather", {"allgather", 6}}, {"reduce_scatter", {"reduce_scatter", 4}},
      {"broadcast", {"bcast", 9}},      {"reduce", {"reduce", 7}},        {"all_to_all", {"alltoall", 5}}};
  std::vector<dimension> all;
  add_choices(all, "interface", "OMPI_MCA_btl_tcp_if_include", "", network.interfaces);
  if (const auto found = tuned.find(collective); found != tuned.end()) {
    const std::string base = "OMPI_MCA_coll_tuned_" + found->second.first + "_algorithm";
    const std::pair<const std::string, std::string> forced{"OMPI_MCA_coll_tuned_use_dynamic_rules", "1"};
    dimension algorithms{"algorithm", {}}, segments{"segment size", {}};
    for (int i = 1; i <= found->second.second; ++i) algorithms.choices.push_back({forced, {base, std::to_string(i)}});
    for (const char* bytes : {"16384", "131072", "1048576"})
      segments.choices.push_back({forced, {base + "_segmentsize", bytes}});
    all.push_back(std::move(algorithms));
    all.push_back(std::move(segments));
  }
  dimension eager{"eager limit", {}};
  for (const char* bytes : {"4096", "32768", "262144"})
    eager.choices.push_back({{"OMPI_MCA_btl_tcp_eager_limit", bytes}, {"OMPI_MCA_btl_vader_eager_limit", bytes}});
  all.push_back(std::move(eager));
  return all;
}

}  // namespace gpubench::tuning
