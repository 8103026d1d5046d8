#include "rightsizing/prometheus_labels.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <cctype>
#include <vector>

namespace gpubench::rightsizing {
namespace {

bool is_address(std::string_view host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](unsigned char c) {
    return std::isdigit(c) != 0 || c == '.' || c == ':' || c == '[' || c == ']';
  });
}

/// "node1.example.com:9400" is "node1"; addresses stay whole.
std::string host_part(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon != std::string_view::npos && text.find(':') == colon) text = text.substr(0, colon);
  if (is_address(text)) return std::string(text);
  return to_lower(text.substr(0, text.find('.')));
}

/// Whether a part of a pod's name was generated: "7d4b9c6f5d", "x2k9q" (letters without vowels, and digits), "0".
bool is_generated(std::string_view part) {
  if (part.empty()) return false;
  const bool number = std::all_of(part.begin(), part.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
  if (number) return true;
  if (part.size() != 5 && (part.size() < 8 || part.size() > 10)) return false;
  return std::all_of(part.begin(), part.end(), [](unsigned char c) {
    return std::string_view("bcdfghjklmnpqrstvwxz2456789").find(static_cast<char>(c)) != std::string_view::npos;
  });
}

std::string without_generated_end(const std::string& pod) {
  auto parts = split(pod, '-');
  while (parts.size() > 1 && is_generated(parts.back())) parts.pop_back();
  return join(parts, "-");
}

}  // namespace

std::string first_label(const label_set& labels, std::initializer_list<const char*> keys) {
  for (const char* key : keys) {
    const auto found = labels.find(key);
    if (found != labels.end() && !found->second.empty()) return found->second;
  }
  return {};
}

std::string gpu_identity::key() const {
  const std::string whole = uuid.empty() ? host + " " + gpu : uuid;
  return whole + " " + slice_id;
}

gpu_identity identity_of(const label_set& labels) {
  gpu_identity gpu;
  gpu.host = first_label(labels, {"Hostname", "hostname", "host", "node", "instance"});
  gpu.instance = first_label(labels, {"instance"});
  gpu.gpu = first_label(labels, {"gpu", "index", "minor_number", "device"});
  gpu.uuid = first_label(labels, {"UUID", "uuid"});
  gpu.model = first_label(labels, {"modelName", "name", "gpu_name"});
  gpu.slice = first_label(labels, {"GPU_I_PROFILE", "slice"});
  gpu.slice_id = first_label(labels, {"GPU_I_ID", "gpu_instance"});
  gpu.instance_type = first_label(
      labels, {"instance_type", "node_kubernetes_io_instance_type", "label_node_kubernetes_io_instance_type",
               "beta_kubernetes_io_instance_type", "InstanceType"});
  return gpu;
}

label_set pod_of(const label_set& labels) {
  label_set pod;
  const auto space = first_label(labels, {"exported_namespace", "namespace"});
  const auto name = first_label(labels, {"exported_pod", "pod"});
  if (name.empty() || name.find("dcgm-exporter") != std::string::npos) return pod;
  return {{"namespace", space}, {"pod", name}};
}

std::string owner_of(const label_set& labels, const std::string& label) {
  if (!label.empty()) return first_label(labels, {label.c_str()});
  const auto pod = pod_of(labels);
  if (pod.empty()) return first_label(labels, {"owner", "team", "user"});
  const auto& space = pod.at("namespace");
  const auto name = without_generated_end(pod.at("pod"));
  return space.empty() ? name : space + "/" + name;
}

bool is_on_host(const gpu_identity& gpu, std::string_view host) {
  if (host.empty()) return false;
  const auto wanted = host_part(host);
  return host_part(gpu.host) == wanted || host_part(gpu.instance) == wanted;
}

}  // namespace gpubench::rightsizing
