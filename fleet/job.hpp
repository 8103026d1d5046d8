#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gpubench::fleet {

/// One kind of machine and what is measured on it. It has tasks 0 .. tasks()-1, each of which leaves one run file.
struct job {
  std::string name;  ///< within the campaign: lower-case letters, digits and hyphens ("p5-48xlarge")
  /// gpubench's own arguments, without the run file, which a task names: {"run", "--suite", "standard"}.
  std::vector<std::string> command;
  /// False: a run of its own on each node. True: one run over all nodes together, its ranks started by srun or mpirun.
  bool collective = false;
  int nodes = 1;
  /// Names of the nodes, where it matters which; task i then runs on the i-th. Empty: any that fit.
  std::vector<std::string> hosts;
  int gpus_per_node = 0;                     ///< 0: no GPU is asked for, and ranks run on CPUs
  std::optional<int> ranks_per_node;         ///< of a collective; absent: one a GPU, or one where there is none
  std::optional<int> cpus_per_node;          ///< absent: what the node has, or the engine gives
  std::optional<double> memory_bytes;        ///< of a node; likewise
  std::optional<std::string> instance_type;  ///< "p5.48xlarge"
  std::optional<std::string> gpu_product;    ///< as the GPU's own software names it: "NVIDIA-H100-80GB-HBM3"
  /// What Kubernetes counts instead of whole GPUs: "nvidia.com/mig-3g.40gb". Absent: "nvidia.com/gpu".
  std::optional<std::string> gpu_resource;
  bool spot = false;  ///< capacity that may be taken away
  /// Set for the run: NCCL_DEBUG, NCCL_SOCKET_IFNAME ...
  std::map<std::string, std::string> variables;
  int retries = 2;  ///< how often the engine starts a task again that failed or lost its node
  std::optional<std::chrono::seconds> time_limit;

  int tasks() const { return collective ? 1 : nodes; }
  int ranks() const { return nodes * ranks_per_node.value_or(gpus_per_node > 0 ? gpus_per_node : 1); }

  friend bool operator==(const job&, const job&) = default;
};

/// Jobs that are rendered, submitted and collected together.
struct campaign {
  std::string id;      ///< the key by which engines and results know it: a name and digits drawn once, "night-3f9a12c4"
  std::string engine;  ///< the engine's name
  /// Folder in which nodes leave what they measured, as nodes see it: on a shared file system or a mounted volume.
  std::filesystem::path results;
  std::string program = "gpubench";  ///< on the nodes, or in the image
  std::optional<std::string> image;  ///< of a container
  /// What this engine alone understands, by the keys that it declares: partition, account, namespace, ...
  std::map<std::string, std::string> settings;
  std::vector<job> jobs;

  friend bool operator==(const campaign&, const campaign&) = default;
};

/// Makes "p5-48xlarge" of "p5.48xlarge": lower-case letters and digits, all else hyphens, none at either end.
std::string plain_name(std::string_view text);

/// Refuses a name that plain_name() would change: engines and folders take the others as they are.
/// @param what  "job"   @throws error: usage
void require_plain_name(const std::string& name, std::string_view what);

/// Refuses what no registry of containers has, as Kubernetes and SkyPilot would after the submission:
/// [HOST/]NAME[:TAG].
/// @throws error: usage
void require_registry_image(const std::string& image);

/// Two names of a host that differ in case or in a dot at the end are one.
std::string same_for_all_spellings(const std::string& host);

/// The host that was named for a task of its own; empty where an engine chooses, or where all hosts are of one task.
std::string named_host(const job& what, int task);

/// Refuses a campaign that no engine could run: names that are not plain or come twice, or are longer than the 63
/// characters that Kubernetes allows together; no job; no command; fewer than 1 node; hosts of another number than
/// nodes; a host, image, program or variable without a proper name; text that is not UTF-8.   @throws error: usage
void require_sound(const campaign& value);

/// @throws error: usage with the known names.
const job& find_job(const campaign& value, std::string_view name);

}  // namespace gpubench::fleet
