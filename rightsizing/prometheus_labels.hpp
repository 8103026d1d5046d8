#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

namespace gpubench::rightsizing {

using label_set = std::map<std::string, std::string>;

/// The first of these labels that is there and not empty.
std::string first_label(const label_set& labels, std::initializer_list<const char*> keys);

/// Which GPU a series is of, by the labels of any of the exporters.
struct gpu_identity {
  std::string host, gpu, uuid, model, slice, slice_id, instance_type;
  std::string instance;  ///< the exporter's address

  /// The same for all series of one GPU or slice: the UUID, or host and index.
  std::string key() const;
};
gpu_identity identity_of(const label_set& labels);

/// namespace and pod that had the GPU: where Prometheus keeps an exporter's own labels apart, those that it exported
/// ("exported_pod"). Empty for the exporter's own pod.
label_set pod_of(const label_set& labels);

/// "namespace/pod" without the pod's generated ends; the value of `label` where one is named.
std::string owner_of(const label_set& labels, const std::string& label);

/// Whether a GPU is of that host or node: names are held against each other without their ports and domains.
bool is_on_host(const gpu_identity& gpu, std::string_view host);

}  // namespace gpubench::rightsizing
