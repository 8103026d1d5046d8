#include "cli/node_command.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

#include "fleet/task_command.hpp"

namespace gpubench::cli {
namespace {

/// Of the benchmarks that GPUs do not have, what no name of a GPU's has in it. This machine may not know the GPU's.
constexpr std::array<std::string_view, 2> of_cpus_alone{"data_preparation", "storage"};

/// Whether a filter is such a name or a part of it, or several with "|" between. Of other expressions nothing is known.
bool takes_cpu_benchmarks_alone(const std::string& filter) {
  const auto is_of_cpus = [](const std::string& text) {
    const auto plain = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_", text.front() == '^' ? 1 : 0);
    const bool is_literal = plain == std::string::npos || (text[plain] == '$' && plain + 1 == text.size());
    return is_literal && std::any_of(of_cpus_alone.begin(), of_cpus_alone.end(),
                                     [&](auto name) { return text.find(name) != std::string::npos; });
  };
  const auto parts = split(filter, '|');
  return !parts.empty() &&
         std::all_of(parts.begin(), parts.end(), [&](const auto& one) { return !one.empty() && is_of_cpus(one); });
}

}  // namespace

void say_host_to_cpu_benchmarks(fleet::job& one) {
  const auto filters = fleet::said_behind(one, "--filter");
  const bool is_said = !fleet::backend_of(one).empty() || !fleet::said_behind(one, "--device").empty();
  if (one.command.front() == "run" && !is_said && filters.size() == 1 && takes_cpu_benchmarks_alone(filters.front()))
    one.command.insert(one.command.end(), {"--backend", "host"});
}

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
