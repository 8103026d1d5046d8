#include "fleet/slurm_script.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "fleet/settings.hpp"
#include "fleet/task_command.hpp"

namespace gpubench::fleet {
namespace {

// A line break would end the comment or directive that a value stands in, and begin a command.
void require_one_line(const std::string& text, const std::string& what = "a value") {
  if (text.find_first_of("\n\r") != std::string::npos)
    throw error(error_kind::usage, what + " has a line break", "it cannot stand in a batch script");
}

void require_values_of_one_line(const campaign& of, const job& what) {
  for (const auto& [name, value] : what.variables) require_one_line(value, "--env " + name);
  for (const auto& [key, value] : of.settings) require_one_line(value, "--set " + key);
  require_one_line(of.program, "--program");
  require_one_line(of.results.string(), "--results-dir");
}

class script {
 public:
  void line(const std::string& text) {
    require_one_line(text);
    text_ += text + "\n";
  }
  void directive(const std::string& option) { line("#SBATCH --" + option); }
  void directive(const std::string& option, const std::string& value) {
    // sbatch reads directives in its own way: quotes keep blanks together, and a backslash is dropped even there.
    const bool plain = value.find_first_of(" \t#'") == std::string::npos;
    if (const auto special = value.find_first_of("\"\\"); special != std::string::npos)
      throw error(error_kind::usage,
                  fmt::format("--{}: '{}' has a {}, which sbatch cannot be given", option, value,
                              value[special] == '"' ? "quote" : "backslash"),
                  "choose a name without it");
    directive(option + "=" + (plain ? value : "\"" + value + "\""));
  }
  std::string text() && { return std::move(text_); }

 private:
  std::string text_;
};

/// As sbatch reads file names: "%" begins a pattern.
std::string literal_path(const std::filesystem::path& path) {
  std::string text;
  for (const char c : path.string()) text += c == '%' ? "%%" : std::string(1, c);
  return text;
}

/// What srun reads as options (srun(1), "INPUT ENVIRONMENT VARIABLES"), but for what sbatch tells of the allocation by
/// the directives that scripts have here, and what is of the whole cluster (SLURM_CONF).
constexpr std::string_view srun_options =
    "SLURM_ACCTG_FREQ SLURM_BCAST SLURM_COMPRESS SLURM_CONSTRAINT SLURM_CORE_SPEC SLURM_CPUS_PER_GPU "
    "SLURM_CPUS_PER_TASK SLURM_CPU_BIND SLURM_CPU_FREQ_REQ SLURM_DEBUG SLURM_DEPENDENCY SLURM_DISTRIBUTION "
    "SLURM_DIST_PLANESIZE SLURM_EPILOG SLURM_EXACT SLURM_EXCLUSIVE SLURM_EXIT_ERROR SLURM_EXIT_IMMEDIATE "
    "SLURM_GPUS SLURM_GPUS_PER_SOCKET SLURM_GPUS_PER_TASK SLURM_GPU_BIND SLURM_GPU_FREQ SLURM_GRES "
    "SLURM_GRES_FLAGS SLURM_HINT SLURM_IMMEDIATE SLURM_KILL_BAD_EXIT SLURM_LABELIO SLURM_MEM_BIND "
    "SLURM_MEM_PER_CPU SLURM_MEM_PER_GPU SLURM_MPI_TYPE SLURM_NTASKS_PER_CORE SLURM_NTASKS_PER_GPU "
    "SLURM_NTASKS_PER_SOCKET SLURM_OPEN_MODE SLURM_OVERCOMMIT SLURM_OVERLAP SLURM_PROFILE SLURM_PROLOG "
    "SLURM_REMOTE_CWD SLURM_REQ_SWITCH SLURM_RESERVATION SLURM_RESV_PORTS SLURM_SIGNAL SLURM_SPREAD_JOB "
    "SLURM_STDERRMODE SLURM_STDINMODE SLURM_STDOUTMODE SLURM_STEP_GRES SLURM_TASK_EPILOG SLURM_TASK_PROLOG "
    "SLURM_TEST_EXEC SLURM_THREADS SLURM_THREADS_PER_CORE SLURM_THREAD_SPEC SLURM_TIMELIMIT SLURM_TRES_BIND "
    "SLURM_TRES_PER_TASK SLURM_UNBUFFEREDIO SLURM_USE_MIN_NODES SLURM_WAIT SLURM_WAIT4SWITCH SLURM_WORKING_DIR "
    "SRUN_CONTAINER SRUN_CPUS_PER_TASK SRUN_EXPORT_ENV";

/// Steps get the whole allocation and all variables, whatever the user's own say to srun.
void write_step_environment(script& to, const job& what) {
  constexpr std::size_t widest = 110;
  to.line("# Variables of the user's own, which srun would take for options: options of srun stand in its line below.");
  std::string line = "unset";
  const auto add = [&](const std::string& name) {
    if (line.size() + 1 + name.size() > widest) {
      to.line(line);
      line = "unset";
    }
    line += " " + name;
  };
  for (const auto& name : split(srun_options, ' ')) add(name);
  // sbatch sets these itself where a directive asks for them.
  if (what.gpus_per_node == 0) add("SLURM_GPUS_PER_NODE");
  if (!what.memory_bytes) add("SLURM_MEM_PER_NODE");
  to.line(line);
  to.line("# Else sbatch's --export, and SBATCH_EXPORT, keep from srun what is exported here.");
  to.line("export SLURM_EXPORT_ENV=ALL");
}

void write_directives(script& to, const campaign& of, const job& what) {
  to.directive("job-name", slurm_script_job_name(of, what));
  if (!what.collective) to.directive("array", fmt::format("0-{}", what.nodes - 1));
  to.directive("nodes", std::to_string(what.collective ? what.nodes : 1));
  to.directive("ntasks-per-node", std::to_string(what.collective ? what.ranks() / what.nodes : 1));
  if (what.gpus_per_node > 0) {
    const auto type = setting_of(of, "gpu-type");
    to.directive("gpus-per-node", (type.empty() ? "" : type + ":") + std::to_string(what.gpus_per_node));
  }
  to.directive("exclusive");
  if (what.cpus_per_node) to.directive("mincpus", std::to_string(*what.cpus_per_node));
  // 0 is all that the node has: figures of a node that others use are of nothing.
  to.directive("mem", what.memory_bytes ? fmt::format("{:.0f}M", std::ceil(*what.memory_bytes / mib)) : "0");
  if (what.time_limit) to.directive("time", slurm_time(*what.time_limit));
  if (what.collective && !what.hosts.empty()) to.directive("nodelist", join(what.hosts, ","));
  for (const char* key : {"partition", "account", "qos", "constraint", "reservation"})
    if (const auto value = setting_of(of, key); !value.empty()) to.directive(key, value);
  // A node that fails, or is taken away, gives its task back to the queue.
  to.directive("requeue");
  to.directive("output", literal_path(of.results / what.name) + (what.collective ? "/0.log" : "/%a.log"));
  to.directive("open-mode", "append");
}

/// As Pyxis takes images of other registries than Docker Hub: "registry.example#gpubench:0.1".
std::string pyxis_image(const std::string& image) {
  const auto scheme = image.find("://");
  const std::size_t begin = scheme == std::string::npos ? 0 : scheme + 3;
  const auto slash = image.find('/', begin);
  const bool is_path = image.front() == '/' || image.front() == '.';
  if (is_path || slash == std::string::npos || image.find('#') != std::string::npos) return image;
  // Docker's own rule: a first part with a dot or a port is a host, any other a user of Docker Hub.
  const auto first = image.substr(begin, slash - begin);
  if (first != "localhost" && first.find_first_of(".:") == std::string::npos) return image;
  return image.substr(0, slash) + "#" + image.substr(slash + 1);
}

std::vector<std::string> container_words(const campaign& of) {
  if (!of.image) return {};
  const auto results = of.results.string();
  return {"--container-image=" + pyxis_image(*of.image), fmt::format("--container-mounts={0}:{0}", results)};
}

// One task of a node: srun starts it, so that it is a step with the whole node, and in the container.
std::vector<std::string> node_words(const campaign& of, const job& what) {
  std::vector<std::string> words{"srun", "--ntasks=1", "--cpu-bind=none"};
  for (auto& word : container_words(of)) words.push_back(std::move(word));
  for (auto& word : task_command(of, what, "SLURM_ARRAY_TASK_ID")) words.push_back(std::move(word));
  return words;
}

std::vector<std::string> collective_words(const campaign& of, const job& what) {
  const auto launcher = setting_of(of, "launcher", "srun");
  if (launcher != "srun" && launcher != "mpirun")
    throw error(error_kind::usage, fmt::format("launcher '{}' is not known", launcher), "known are srun, mpirun");
  if (launcher == "mpirun" && of.image)
    throw error(error_kind::usage, "mpirun starts no containers on Slurm", "leave launcher out: srun does");
  std::vector<std::string> words{launcher};
  if (launcher == "srun") {
    words.push_back("--mpi=" + setting_of(of, "mpi", "pmix"));
    // A rank that dies ends the step a minute later: the others would wait for it, on nodes that are paid for. Not at
    // once (--kill-on-bad-exit), since the step's exit code would then be that of the ranks that were killed.
    words.emplace_back("--wait=60");
    for (auto& word : container_words(of)) words.push_back(std::move(word));
  }
  auto task = task_command(of, what, "", words);
  if (of.image) {
    // The task starts srun, and so runs outside of the containers that srun makes.
    const auto outside = setting_of(of, "host-program");
    if (outside.empty())
      throw error(error_kind::usage, "a collective in containers needs a gpubench outside of them, which starts srun",
                  "--set host-program=PATH, of a gpubench that all nodes have; --program is that in the image");
    task.front() = outside;
  }
  return task;
}

}  // namespace

std::string slurm_script_job_name(const campaign& of, const job& what) {
  return of.id + "-" + what.name;
}

std::string slurm_script_name(const job& what) {
  return what.name + ".sbatch";
}

std::string slurm_time(std::chrono::seconds time) {
  constexpr long long minute = 60, hour = 60 * minute, day = 24 * hour;
  const long long all = time.count();
  const auto rest = fmt::format("{:02}:{:02}:{:02}", all % day / hour, all % hour / minute, all % minute);
  return all >= day ? fmt::format("{}-{}", all / day, rest) : rest;
}

std::vector<std::string> slurm_settings_without_effect(const campaign& of) {
  const auto any = [&](auto holds) { return std::any_of(of.jobs.begin(), of.jobs.end(), holds); };
  const bool collective = any([](const job& one) { return one.collective; });
  const bool has_gpus = any([](const job& one) { return one.gpus_per_node > 0; });
  std::vector<std::string> notes;
  const auto note = [&](const char* key, const char* why) {
    if (!setting_of(of, key).empty()) notes.push_back(fmt::format("--set {} has no effect: {}", key, why));
  };
  if (!collective)
    for (const char* key : {"launcher", "mpi", "host-program"}) note(key, "it is of collectives alone");
  if (collective && setting_of(of, "launcher") == "mpirun") note("mpi", "mpirun starts the ranks, not srun");
  if (collective && !of.image) note("host-program", "it is of containers, and no --image is named");
  if (!has_gpus) note("gpu-type", "no GPU is asked for; --gpus N does");
  return notes;
}

manifest slurm_script(const campaign& of, const job& what) {
  require_values_of_one_line(of, what);
  if (what.spot)
    throw error(error_kind::usage, "Slurm has no word for spot capacity",
                "name the partition, or the constraint, that has it: --set partition=NAME");
  if (what.gpu_resource)
    throw error(error_kind::usage, "Slurm has no resources by the names of Kubernetes: --gpu-resource",
                "name the slice as the cluster does (sinfo --Format=Gres): --set gpu-type=3g.40gb");
  if (what.gpu_product)
    throw error(
        error_kind::usage, "Slurm does not know GPUs by their products: --gpu-product",
        "name the GPU as the cluster does (sinfo --Format=Gres): --set gpu-type=h100, or --set constraint=NAME");
  script to;
  to.line("#!/bin/bash");
  to.line(fmt::format("# Campaign {}, job {}: {} on {} {}.", of.id, what.name, shell_line(what.command),
                      what.collective ? "all ranks of" : "each of",
                      count_of(static_cast<std::size_t>(what.nodes), "node")));
  to.line(fmt::format("# gpubench fleet submit does it; by hand: mkdir -p {} && sbatch {}",
                      shell_word((of.results / what.name).string()), slurm_script_name(what)));
  write_directives(to, of, what);
  to.line("");
  write_step_environment(to, what);
  for (const auto& [name, value] : what.variables) to.line("export " + name + "=" + shell_word(value));
  to.line("");
  to.line(
      "# Again on the same nodes: what was measured is kept. 2 and 4 stay what they are: the command line is wrong, "
      "or");
  to.line("# the node lacks what was asked for.");
  to.line(fmt::format("for attempt in $(seq 0 {}); do", what.retries));
  to.line("  " + shell_line(what.collective ? collective_words(of, what) : node_words(of, what)) + " && exit 0");
  to.line("  status=$?");
  to.line("  if [ \"$status\" -eq 2 ] || [ \"$status\" -eq 4 ]; then break; fi");
  to.line("  echo \"attempt $attempt ended with exit code $status\" >&2");
  to.line("done");
  to.line("exit \"$status\"");
  return {slurm_script_name(what), std::move(to).text()};
}

}  // namespace gpubench::fleet
