#include "fleet/skypilot_task.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <regex>

#include "fleet/attached_gpus.hpp"
#include "fleet/settings.hpp"
#include "fleet/task_command.hpp"
#include "fleet/yaml.hpp"

namespace gpubench::fleet {
namespace {

constexpr const char* host_file = "/tmp/gpubench-hosts";

/// The catalogue's "n1-standard-4+1xT4" is to SkyPilot a machine, and GPUs that are attached to it.
void set_instance_type(json& resources, const std::string& type) {
  const auto parts = split_attached_gpus(type);
  resources["instance_type"] = parts.machine;
  if (parts.count > 0) resources["accelerators"] = fmt::format("{}:{}", parts.gpu, parts.count);
}

/// "aws/us-east-1:p5.48xlarge" or "p5.48xlarge".
skypilot_candidate parse_candidate(const std::string& text) {
  const auto colon = text.find(':');
  const std::string where = colon == std::string::npos ? "" : text.substr(0, colon);
  const std::string type = colon == std::string::npos ? text : text.substr(colon + 1);
  static const std::regex infra("[a-z0-9]+(/[-A-Za-z0-9_*]+){0,2}"), instance("[A-Za-z0-9][-A-Za-z0-9_.+]*");
  if ((colon != std::string::npos && !std::regex_match(where, infra)) || !std::regex_match(type, instance))
    throw error(error_kind::usage, fmt::format("--set candidates: '{}' is no [CLOUD[/REGION[/ZONE]]:]INSTANCE", text),
                "as aws/us-east-1:p5.48xlarge,gcp:a3-highgpu-8g");
  return {where, type};
}

json resources_of_candidate(const skypilot_candidate& one) {
  json resources = json::object();
  if (!one.where.empty()) resources["infra"] = one.where;
  set_instance_type(resources, one.type);
  return resources;
}

void add_candidates(json& resources, const campaign& of, const job& what) {
  const auto candidates = setting_of(of, "candidates"), order = setting_of(of, "order", "any");
  if (order != "any" && order != "ordered")
    throw error(error_kind::usage, fmt::format("--set order: '{}' is not known", order), "known are any, ordered");
  if (const auto where = setting_of(of, "infra"); !where.empty()) resources["infra"] = where;
  if (const auto gpus = setting_of(of, "accelerators"); !gpus.empty()) {
    static const std::regex form("[A-Za-z0-9][-A-Za-z0-9_.]*(:[1-9][0-9]*)?");
    if (!std::regex_match(gpus, form))
      throw error(error_kind::usage, fmt::format("--set accelerators: '{}' is no NAME:COUNT", gpus),
                  "as H100:8; sky show-gpus lists them");
    resources["accelerators"] = gpus;
  }
  if (!candidates.empty()) {
    if (what.instance_type)
      throw error(error_kind::usage,
                  fmt::format("job {}: each run would say that it is {}, and candidates may be others", what.name,
                              *what.instance_type),
                  "leave --instance out, and say --gpus N");
    json all = json::array();
    for (const auto& one : skypilot_candidates(of)) {
      all.push_back(resources_of_candidate(one));
      if (std::count(all.begin(), all.end(), all.back()) > 1)
        throw error(error_kind::usage, fmt::format("--set candidates: '{}{}{}' comes twice", one.where,
                                                   one.where.empty() ? "" : ":", one.type));
    }
    resources[order == "any" ? "any_of" : "ordered"] = all;
  } else if (what.instance_type) {
    const auto attached = split_attached_gpus(*what.instance_type);
    if (resources.contains("accelerators") && attached.count > 0 &&
        with_attached_gpus(attached.machine, setting_of(of, "accelerators")) != *what.instance_type)
      throw error(
          error_kind::usage,
          fmt::format("job {}: --set accelerators beside {}, which has its GPUs", what.name, *what.instance_type),
          "leave --set accelerators out");
    set_instance_type(resources, *what.instance_type);
  } else if (!resources.contains("accelerators") && !what.cpus_per_node) {
    throw error(error_kind::usage, fmt::format("job {}: what is to be rented is missing", what.name),
                "--instance TYPE, --set accelerators=H100:8, or --set candidates=aws:p5.48xlarge,gcp:a3-highgpu-8g");
  }
}

json resources_of(const campaign& of, const job& what) {
  json resources = json::object();
  add_candidates(resources, of, what);
  if (what.cpus_per_node) resources["cpus"] = fmt::format("{}+", *what.cpus_per_node);
  if (what.memory_bytes) resources["memory"] = fmt::format("{:.0f}+", std::ceil(*what.memory_bytes / gib));
  resources["use_spot"] = what.spot;
  if (of.image) {
    require_registry_image(*of.image);
    resources["image_id"] = "docker:" + *of.image;
  }
  const auto strategy = setting_of(of, "recovery", "EAGER_NEXT_REGION");
  if (strategy != "EAGER_NEXT_REGION" && strategy != "FAILOVER")
    throw error(error_kind::usage, fmt::format("--set recovery: '{}' is not known", strategy),
                "known are EAGER_NEXT_REGION, FAILOVER");
  resources["job_recovery"] = {{"strategy", strategy}, {"max_restarts_on_errors", what.retries}};
  resources["labels"] = {{"gpubench-campaign", of.id}, {"gpubench-job", what.name}};
  return resources;
}

/// Without slashes at its end. What stands between slashes must be a name: mounts and copies read "//", "." and ".."
/// each in a way of its own, and results would lie where they are not looked for.
std::string bucket_of(const campaign& of) {
  const auto bucket = setting_of(of, "bucket");
  static const std::regex form("((?:s3|gs|r2|cos|oci|https)://)([-A-Za-z0-9_./]*[-A-Za-z0-9_.])/*");
  std::smatch found;
  if (std::regex_match(bucket, found, form)) {
    const auto parts = split(found[2].str(), '/');
    if (std::none_of(parts.begin(), parts.end(),
                     [](const std::string& part) { return part.empty() || part == "." || part == ".."; }))
      return found[1].str() + found[2].str();
  }
  throw error(
      error_kind::usage,
      bucket.empty() ? "where results are kept is missing" : fmt::format("--set bucket: '{}' is no bucket", bucket),
      "--set bucket=s3://NAME/FOLDER, which each node mounts");
}

/// SkyPilot mounts buckets, not folders in them (sky/data/storage.py, _validate_source, read 2026-11).
struct mounted_bucket {
  std::string source;            ///< "s3://NAME"
  std::filesystem::path folder;  ///< in it, which may be none
};
mounted_bucket mount_of(const std::string& bucket) {
  const auto name = bucket.find("://") + 3;
  const auto slash = bucket.find('/', name);
  // Of the others the name of the bucket is more than one part.
  const bool has_plain_name = bucket.rfind("s3:", 0) == 0 || bucket.rfind("gs:", 0) == 0 || bucket.rfind("r2:", 0) == 0;
  if (!has_plain_name || slash == std::string::npos) return {bucket, {}};
  return {bucket.substr(0, slash), std::filesystem::path(bucket.substr(slash + 1)).lexically_normal()};
}

/// A bucket that is only mounted does not have all of POSIX; with a cache on the node's disk it takes all that is
/// written (docs "Cloud Buckets", "Storage modes", read 2026-11). For IBM's SkyPilot has no such mount.
const char* mode_of(const std::string& source) {
  return source.rfind("cos:", 0) == 0 ? "MOUNT" : "MOUNT_CACHED";
}

/// SkyPilot itself ends no job: one that hangs would be paid for until somebody looks. Behind the script it puts its
/// wait for what is still to be uploaded (sky/backends/task_codegen.py, read 2026-11), which has to come to its turn
/// and must not hide how the task ended.
std::string last_lines(const job& what, const std::vector<std::string>& words) {
  const auto limit = what.time_limit ? fmt::format("timeout --kill-after=60s {}s ", what.time_limit->count()) : "";
  return "gpubench_status=0\n" + limit + shell_line(words) +
         " || gpubench_status=$?\ntrap 'exit \"$gpubench_status\"' EXIT\n";
}

/// Each node its own run, or the head alone, from which mpirun reaches the others by SSH.
std::string run_script(const campaign& of, const job& what) {
  std::string text;
  if (!what.collective) {
    text += fmt::format("export {0}=\"${{{0}:-$SKYPILOT_NODE_RANK}}\"\n", skypilot_task_variable);
    return text + last_lines(what, task_command(of, what, skypilot_task_variable));
  }
  const int per_node = what.ranks() / what.nodes;
  // Some clouds' images have root as their user. Nobody knows the keys of hosts that were just rented, and the user's
  // own is that which SkyPilot leaves on each.
  std::vector<std::string> launcher{"mpirun",
                                    "--allow-run-as-root",
                                    "--mca",
                                    "plm_rsh_args",
                                    "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR "
                                    "-o IdentityFile=~/.ssh/sky-cluster-key",
                                    "-np",
                                    std::to_string(what.ranks()),
                                    "--hostfile",
                                    host_file};
  for (const auto& [name, value] : what.variables) launcher.insert(launcher.end(), {"-x", name});
  text += "if [ \"$SKYPILOT_NODE_RANK\" -ne 0 ]; then exit 0; fi\n";
  text += fmt::format("echo \"$SKYPILOT_NODE_IPS\" | sed 's/$/ slots={}/' > {}\n", per_node, host_file);
  return text + last_lines(what, task_command(of, what, "", launcher));
}

}  // namespace

std::vector<engine_setting> skypilot_settings() {
  return {{"candidates", "what may be rented, [CLOUD[/REGION[/ZONE]]:]INSTANCE with commas between"},
          {"order", "of the candidates: any (default: the cheapest first) or ordered"},
          {"infra", "where, as aws/us-east-1 or k8s/CONTEXT"},
          {"accelerators", "in place of instance types, as H100:8"},
          {"recovery", "of lost nodes: EAGER_NEXT_REGION (default) or FAILOVER"},
          {"bucket", "of the results, as s3://NAME/FOLDER"},
          {"local-results", "folder where this machine sees the same results"},
          {"setup", "command that makes nodes ready, where no image does"},
          {"workdir", "folder of this machine that nodes get a copy of"}};
}

std::vector<skypilot_candidate> skypilot_candidates(const campaign& of) {
  std::vector<skypilot_candidate> all;
  for (const std::string& one : split(setting_of(of, "candidates"), ',')) all.push_back(parse_candidate(one));
  return all;
}

json skypilot_task(const campaign& of, const job& what) {
  if (!what.hosts.empty())
    throw error(error_kind::usage, fmt::format("job {}: SkyPilot rents machines and knows none by name", what.name),
                "leave --host out");
  if (what.gpu_product || what.gpu_resource)
    throw error(error_kind::usage,
                fmt::format("job {}: SkyPilot rents GPUs by names of its own: {}", what.name,
                            what.gpu_product ? "--gpu-product" : "--gpu-resource"),
                "--set accelerators=H100:8; sky show-gpus lists them");
  if (what.collective && of.image)
    throw error(error_kind::usage,
                fmt::format("job {}: SkyPilot's containers of several nodes do not reach each other by SSH, as mpirun "
                            "must",
                            what.name),
                "leave --image out: --set setup=COMMAND and --set workdir=FOLDER bring gpubench and Open MPI");
  const auto setup = setting_of(of, "setup"), workdir = setting_of(of, "workdir");
  if (!of.image && setup.empty() && workdir.empty())
    throw error(error_kind::usage, "a rented machine has no gpubench",
                "--image NAME, or --set setup=COMMAND and --set workdir=FOLDER that bring it");
  json task{{"name", of.id + "-" + what.name}};
  task["resources"] = resources_of(of, what);
  task["num_nodes"] = what.nodes;
  if (!workdir.empty()) task["workdir"] = workdir;
  json variables = json::object();
  for (const auto& [name, value] : what.variables) variables[name] = value;
  if (!what.collective) variables[skypilot_task_variable] = "";
  if (!variables.empty()) task["envs"] = variables;
  if (!of.results.is_absolute())
    throw error(error_kind::usage, fmt::format("'{}' is no whole path on a node", of.results.string()),
                "--results-dir /results");
  const auto [source, folder] = mount_of(bucket_of(of));
  task["file_mounts"] = {{of.results.string(), {{"source", source}, {"mode", mode_of(source)}}}};
  if (!setup.empty()) task["setup"] = setup + "\n";
  auto seen = of;
  if (!folder.empty()) seen.results /= folder;
  task["run"] = run_script(in_own_folder(seen), what);
  return task;
}

std::string skypilot_manifest_name(const job& what) {
  return what.name + ".sky.yaml";
}

manifest skypilot_manifest(const campaign& of, const job& what) {
  std::string text =
      fmt::format("# Campaign {}, job {}: {} on {} {}.\n", of.id, what.name, shell_line(what.command),
                  what.collective ? "all ranks of" : "each of", count_of(static_cast<std::size_t>(what.nodes), "node"));
  text += fmt::format("# gpubench fleet submit does it; by hand: sky jobs launch {}\n", skypilot_manifest_name(what));
  return {skypilot_manifest_name(what), text + to_yaml(skypilot_task(of, what))};
}

}  // namespace gpubench::fleet
