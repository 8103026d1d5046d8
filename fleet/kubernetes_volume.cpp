#include "fleet/kubernetes_volume.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

#include "fleet/kubernetes_pod.hpp"
#include "fleet/settings.hpp"
#include "fleet/yaml.hpp"

namespace gpubench::fleet {

json kubernetes_results_volume(const campaign& of) {
  const auto claim = setting_of(of, "volume-claim"), path = setting_of(of, "host-path");
  if (claim.empty() == path.empty())
    throw error(error_kind::usage,
                claim.empty() ? "where results are kept is missing" : "results are kept in two places",
                "--set volume-claim=NAME, a claim that all nodes can write, or --set host-path=/shared/results, a "
                "file system that all nodes share");
  if (!claim.empty()) {
    require_dns_label("the volume claim", claim);
    return {{"name", "results"}, {"persistentVolumeClaim", {{"claimName", claim}}}};
  }
  if (path.front() != '/' || path.find("..") != std::string::npos)
    throw error(error_kind::usage, fmt::format("--set host-path: '{}' is no whole path", path), "as /shared/results");
  return {{"name", "results"}, {"hostPath", {{"path", path}, {"type", "DirectoryOrCreate"}}}};
}

json kubernetes_results_mount(const campaign& of) {
  const auto refuse = [&](const char* why) {
    throw error(error_kind::usage, fmt::format("'{}' {}", of.results.string(), why), "--results-dir /results");
  };
  if (!of.results.is_absolute()) refuse("is no whole path in a container");
  if (of.results.string().find(':') != std::string::npos) refuse("has a colon, which Kubernetes takes in no mount");
  const auto relative = [&](const std::filesystem::path& inside) {
    return inside.lexically_relative(of.results).string().rfind("..", 0) != 0;
  };
  // /usr and /bin stand for what an image has in them.
  for (const char* taken : {"/usr/bin", "/bin", "/lib", "/etc", "/dev/shm", "/proc", "/sys", "/opt/gpubench/bin"})
    if (relative(taken)) refuse("would hide what the container needs");
  if (std::filesystem::path(of.program).is_absolute() && relative(of.program)) refuse("would hide gpubench");
  return {{"name", "results"}, {"mountPath", of.results.string()}};
}

std::optional<manifest> kubernetes_volume_claim(const campaign& of) {
  const auto size = setting_of(of, "volume-size"), name = setting_of(of, "volume-claim");
  if (size.empty()) return std::nullopt;
  if (name.empty())
    throw error(error_kind::usage, "--set volume-size is of a claim, and none is named", "--set volume-claim=NAME");
  require_dns_label("the volume claim", name);
  if (size.find_first_not_of("0123456789MGTi") != std::string::npos || size.front() == '0')
    throw error(error_kind::usage, fmt::format("--set volume-size: '{}' is no size", size), "as 10Gi");
  json metadata{{"name", name}};
  if (const auto space = setting_of(of, "namespace"); !space.empty()) metadata["namespace"] = space;
  metadata["labels"] = {{"app.kubernetes.io/name", "gpubench"}};
  json spec{{"accessModes", json::array({"ReadWriteMany"})}, {"resources", {{"requests", {{"storage", size}}}}}};
  // Default classes are mostly of disks that one node can mount, and such a claim waits for ever.
  const auto storage = setting_of(of, "storage-class");
  if (storage.empty())
    throw error(error_kind::usage, "--set volume-size: of which storage class the claim is, is missing",
                "--set storage-class=NAME, one that many nodes can write, as of EFS, Filestore or NFS");
  spec["storageClassName"] = storage;
  const json claim{{"apiVersion", "v1"}, {"kind", "PersistentVolumeClaim"}, {"metadata", metadata}, {"spec", spec}};
  return manifest{"volume-claim.yaml",
                  "# Once, before the first submission: kubectl create -f volume-claim.yaml\n" + to_yaml(claim)};
}

json kubernetes_reader_pod(const campaign& of, const std::string& name) {
  json metadata{{"name", name},
                {"labels",
                 {{"app.kubernetes.io/name", "gpubench"},
                  {"gpubench/campaign", of.id},
                  {"gpubench/role", kubernetes_reader_role}}}};
  if (const auto space = setting_of(of, "namespace"); !space.empty()) metadata["namespace"] = space;
  const json container{{"name", "gpubench"},
                       {"image", kubernetes_image(of)},
                       {"command", json::array({"sleep", "600"})},
                       {"resources", kubernetes_small_resources()},
                       {"securityContext", kubernetes_container_security({})},
                       {"volumeMounts", json::array({kubernetes_results_mount(of)})}};
  json spec{{"restartPolicy", "Never"}, {"activeDeadlineSeconds", 900}};
  add_kubernetes_pod_settings(of, spec);
  spec["securityContext"] = kubernetes_pod_security(of);
  spec["containers"] = json::array({container});
  spec["volumes"] = json::array({kubernetes_results_volume(of)});
  return {{"apiVersion", "v1"}, {"kind", "Pod"}, {"metadata", metadata}, {"spec", spec}};
}

}  // namespace gpubench::fleet
