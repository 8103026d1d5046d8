#include "predictor/collective_case.hpp"

#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "predictor/prediction_case.hpp"

namespace gpubench::predictor {
namespace {

constexpr std::array<std::pair<std::string_view, collective_kind>, 7> names{{
    {"allreduce", collective_kind::all_reduce},
    {"allgather", collective_kind::all_gather},
    {"reducescatter", collective_kind::reduce_scatter},
    {"alltoall", collective_kind::all_to_all},
    {"broadcast", collective_kind::broadcast},
    {"sendrecv", collective_kind::send_recv},
    {"p2p", collective_kind::send_recv},
}};

constexpr std::int64_t most_ranks = 1'000'000;
constexpr int most_ranks_of_a_switch = 576;  // of the largest NVLink domain that is announced

}  // namespace

profiles::interconnect interconnect_from(const case_parameters& parameters, const profiles::gpu_spec& gpu) {
  using profiles::interconnect;
  const auto stated = parameters.find("interconnect");
  if (!stated) return usual_interconnect(gpu);
  const std::string name = to_lower(*stated);
  if (name.find("pcie") != std::string::npos) return interconnect::pcie;
  if (name.find("nvswitch") != std::string::npos || name.find("nvl72") != std::string::npos)
    return interconnect::nvswitch;
  if (name.find("nvlink") != std::string::npos) {
    // Boards that are sold with a switch are meant with it: "NVLink" names the links.
    return usual_interconnect(gpu) == interconnect::pcie ? interconnect::nvlink : usual_interconnect(gpu);
  }
  if (name.find("infinity") != std::string::npos) return interconnect::infinity_fabric;
  // What joins nodes says nothing of the inside of one.
  for (const char* const between : {"ib", "infiniband", "efa", "roce", "ethernet", "tcp"}) {
    if (name == between) return usual_interconnect(gpu);
  }
  parameters.refuse("interconnect", "is not known",
                    suggestion(name, {"pcie", "nvlink", "nvswitch", "infinity-fabric"}));
}

int usual_node_devices(const profiles::gpu_spec& gpu) {
  return gpu.architecture.rfind("Grace Blackwell", 0) == 0 ? 4 : 8;
}

double usual_network_bits(const profiles::gpu_spec& gpu, int devices) {
  return (generation_of(gpu.architecture) >= generation_of("Hopper") ? 400e9 : 50e9) * devices;
}

double network_bits_from(const case_parameters& parameters, const profiles::gpu_spec& gpu, int devices) {
  if (!parameters.has("network_gbps")) return usual_network_bits(gpu, devices);
  const double gigabits = parameters.number("network_gbps");
  if (!(gigabits > 0))
    parameters.refuse("network_gbps", "is no rate", "Gb/s of a node; leave it out for the usual one");
  return gigabits * 1e9;
}

std::optional<collective_kind> find_collective(std::string_view name) {
  std::string key = to_lower(name);
  key.erase(std::remove_if(key.begin(), key.end(), [](char c) { return c == '_' || c == '-' || c == ' '; }), key.end());
  for (const auto& [known, kind] : names) {
    if (key == known) return kind;
  }
  return std::nullopt;
}

estimate collective_case(const prediction_case& what, const case_parameters& parameters, case_context& with) {
  const collective_kind kind = *find_collective(parameters.text("op"));
  const profiles::gpu_spec& gpu = with.known().gpu(what.gpu);
  const double bytes = parameters.number("bytes");
  const std::int64_t stated_ranks = parameters.size("ranks", what.gpu_count);
  if (stated_ranks > most_ranks) parameters.refuse("ranks", "is more than any machine has");
  if (!(bytes >= 1)) parameters.refuse("bytes", "is no size of a message");
  const auto ranks = static_cast<int>(stated_ranks);
  const auto nodes = static_cast<int>(std::min(parameters.size("nodes", 1), most_ranks));
  if (ranks < 2) parameters.refuse("ranks", "is too few for a collective", "state ranks=, or gpu_count");
  if (nodes > ranks || ranks % nodes != 0) parameters.refuse("nodes", "does not divide the ranks evenly");
  const int each = ranks / nodes;
  if (each > most_ranks_of_a_switch) parameters.refuse("ranks", "is more than one node has", "state nodes=");
  if (bytes > gpu.memory_bytes)
    parameters.refuse("bytes", fmt::format("is more than a GPU's memory of {}", format_bytes(gpu.memory_bytes)));
  fabric links = node_fabric(gpu, interconnect_from(parameters, gpu), std::max(each, 2), nodes);
  links.devices_per_node = each;
  links.collectives = &with.operators().collectives;
  if (nodes > 1) {
    links.network_bytes_per_second = network_bits_from(parameters, gpu, each) / 8;
  }
  const std::string type = what.precision.empty() ? "bf16" : what.precision;
  prediction_case typed = what;
  typed.precision = type;
  return estimate_collective(kind, bytes, links, ranks, operator_precision(typed));
}

}  // namespace gpubench::predictor
