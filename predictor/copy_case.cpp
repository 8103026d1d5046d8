#include "predictor/copy_case.hpp"

#include "core/text.hpp"

#include <optional>
#include <utility>

#include "predictor/collective_case.hpp"
#include "predictor/copies.hpp"

namespace gpubench::predictor {
namespace {

constexpr std::pair<std::string_view, copy_kind> kinds[] = {
    {"host_to_device", copy_kind::host_to_device},
    {"device_to_host", copy_kind::device_to_host},
    {"device_to_device", copy_kind::device_to_device},
    {"peer", copy_kind::peer},
    {"h2d", copy_kind::host_to_device},
    {"d2h", copy_kind::device_to_host},
    {"d2d", copy_kind::device_to_device},
    {"p2p", copy_kind::peer},
    {"device_local", copy_kind::device_to_device},
    {"peer_to_peer", copy_kind::peer},
};

std::optional<copy_kind> find_kind(const std::string& name) {
  for (const auto& [known, kind] : kinds) {
    if (known == name) return kind;
  }
  return std::nullopt;
}

copy_kind kind_of(const std::string& op, const case_parameters& p) {
  if (const auto kind = find_kind(op)) return *kind;
  const std::string key = p.has("direction") ? "direction" : "kind";
  const std::string name = to_lower(p.text(key));
  if (const auto kind = find_kind(name)) return *kind;
  const std::string near = suggestion(name, {"host_to_device", "device_to_host", "device_to_device", "peer"});
  p.refuse(key, "is no kind of copy", near.empty() ? "host_to_device, device_to_host, device_to_device or peer" : near);
}

host_memory memory_of(const case_parameters& p, copy_kind kind) {
  const auto stated = p.find("memory");
  const std::string name = to_lower(stated.value_or(p.flag("pinned", true) ? "pinned" : "pageable"));
  if (name != "pinned" && name != "pageable") p.refuse("memory", "is not known", "pinned or pageable");
  const bool by_host = kind == copy_kind::host_to_device || kind == copy_kind::device_to_host;
  if (stated && !by_host) p.refuse("memory", "says how host memory is held, and this copy touches none");
  return name == "pinned" ? host_memory::pinned : host_memory::pageable;
}

}  // namespace

bool is_copy(const std::string& op, const case_parameters& parameters) {
  if (op == "memcpy" || (op != "p2p" && find_kind(op))) return true;
  return op == "copy" && !parameters.has("rows") &&
         (parameters.has("bytes") || parameters.has("kind") || parameters.has("direction"));
}

case_answer copy_case(const std::string& op, const prediction_case& what, const case_parameters& parameters,
                      case_context& with) {
  const profiles::gpu_spec& gpu = with.known().gpu(what.gpu);
  const copy_kind kind = kind_of(op, parameters);
  const double bytes = parameters.number("bytes");
  if (!(bytes >= 1) || bytes > 1e18) parameters.refuse("bytes", "is no size of a copy");
  if (kind == copy_kind::device_to_device && !gpu.memory_bandwidth_bytes_per_second)
    throw error(error_kind::input, what.position, "the memory bandwidth of " + gpu.name + " is not known",
                "--gpu-spec FILE takes a data sheet");
  const host_memory memory = memory_of(parameters, kind);
  const fabric links = node_fabric(gpu, interconnect_from(parameters, gpu), 2);
  return in_unit(estimate_copy(kind, bytes, gpu, links, memory), what, bytes, "B");
}

}  // namespace gpubench::predictor
