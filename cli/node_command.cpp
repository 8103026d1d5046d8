#include "cli/node_command.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <cstddef>

#include "fleet/task_command.hpp"

namespace gpubench::cli {

void require_task_command(const std::vector<std::string>& command) {
  const auto& first = command.front();
  if (first != "run" && first != "collective")
    throw error(error_kind::usage, fmt::format("'{}' is no command that fleet can distribute", first),
                "run and collective leave run files: -- run --suite standard");
  for (const auto& word : command)
    for (const char* own : {"--run-file", "--resume", "--output-dir", "--list", "--dry-run"})
      if (word == own || word.rfind(std::string(own) + "=", 0) == 0)
        throw error(error_kind::usage, fmt::format("{} cannot be given here", own), "each task names its own run file");
}

void require_accepted_command(const program& chosen, const fleet::job& one) {
  auto words = one.command;
  words.insert(words.end(), {"--run-file", "0.json"});  // as a task adds it
  try {
    chosen.check_command_line(words);
  } catch (const error& e) {
    throw error(error_kind::usage, fmt::format("every node would refuse its command: {}", e.what()), e.hint());
  }
}

void require_partners(const fleet::job& one) {
  if (!one.collective || one.ranks() > 1 || fleet::backend_of(one) != "host") return;
  throw error(error_kind::usage, "a collective of one rank on CPUs measures nothing", "--ranks 2, or --nodes 2");
}

void require_gpus_of_backend(const fleet::job& one, bool gpus_said) {
  if (one.gpus_per_node > 0 || !gpus_said || fleet::backend_of(one) != "cuda") return;
  throw error(error_kind::usage,
              one.instance_type ? fmt::format("--backend cuda, and {} has no GPU, or gets none", *one.instance_type)
                                : std::string("--backend cuda beside --gpus 0"),
              "say how many GPUs a node has, or -- ... --backend host");
}

void require_gpus_of_ranks(fleet::job& one) {
  if (!one.collective || one.gpus_per_node == 0) return;
  if (fleet::backend_of(one).empty()) one.command.insert(one.command.end(), {"--backend", "cuda"});
  if (fleet::measures_cpus_alone(one) || one.ranks_per_node.value_or(1) <= one.gpus_per_node) return;
  throw error(error_kind::usage,
              fmt::format("--ranks {}: a node {}has {}", *one.ranks_per_node,
                          one.instance_type ? "of type " + *one.instance_type + " " : "",
                          count_of(static_cast<std::size_t>(one.gpus_per_node), "GPU")),
              "ranks on GPUs have one each: leave --ranks out, or ask for more --nodes");
}

}  // namespace gpubench::cli
