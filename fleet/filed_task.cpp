#include "fleet/filed_task.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <vector>

#include "fleet/record.hpp"
#include "fleet/slice_name.hpp"
#include "fleet/task.hpp"
#include "fleet/task_command.hpp"

namespace gpubench::fleet {
namespace {

std::optional<std::string> expected_suite(const job& what) {
  if (what.command.front() != "run") return std::nullopt;
  std::string suite = "quick";
  for (std::size_t i = 1; i < what.command.size(); ++i) {
    const auto& word = what.command[i];
    if (word.rfind("--filter", 0) == 0) return "custom";
    if (word.rfind("--suite=", 0) == 0) suite = word.substr(std::string("--suite=").size());
    if (word == "--suite" && i + 1 < what.command.size()) suite = what.command[i + 1];
  }
  return suite;
}

/// Whether a GPU is the product that was asked for: "NVIDIA H100 80GB HBM3" is NVIDIA-H100-80GB-HBM3, also as a slice
/// ("... MIG 3g.40gb"), and where the label has that ("...-MIG-3g.40gb") or says that it is shared ("...-SHARED").
bool is_product(const std::string& gpu, const std::string& product) {
  const auto one = plain_name(gpu), other = plain_name(product);
  const auto is_more_of = [](const std::string& longer, const std::string& name) {  // an L40 is no L4
    return longer.rfind(name, 0) == 0 && (longer.size() == name.size() || longer[name.size()] == '-');
  };
  return is_more_of(one, other) || is_more_of(other, one);
}

/// Whether a task's record is written where it measures. A collective's is its launcher's, which Kubernetes puts on any
/// node.
bool is_recorded_where_measured(const campaign& of, const job& what) {
  return !what.collective || of.engine != "kubernetes";
}

/// Of a collective: whether other ranks, or ranks on other nodes, took part than its job has; empty where none did.
std::string ranks_amiss(const results::run_head& head, const job& what) {
  if (!what.collective) return {};
  const auto ranks = std::max<std::size_t>(head.rank_nodes.size(), 1);  // a run of one names none
  if (ranks != static_cast<std::size_t>(what.ranks()))
    return fmt::format("was measured by {}, and {} were asked for", count_of(ranks, "rank"), what.ranks());
  const std::set<std::string> nodes(head.rank_nodes.begin(), head.rank_nodes.end());
  if (!nodes.empty() && nodes.size() != static_cast<std::size_t>(what.nodes))
    return fmt::format("was measured on {} ({}), and {} asked for", count_of(nodes.size(), "node"),
                       join(std::vector(nodes.begin(), nodes.end()), ", "),
                       what.nodes == 1 ? "one was" : fmt::format("{} were", what.nodes));
  return {};
}

/// What the node lacks of what its job asked for; empty where nothing is known to be missing. A node whose driver did
/// not load measures its CPU, and would stand beside nodes that measured GPUs.
std::string lack_of(const task_record& record, const results::run_head& head, const campaign& of, const job& what) {
  const bool knows_type = what.instance_type && record.instance_type && is_recorded_where_measured(of, what);
  if (knows_type && *record.instance_type != *what.instance_type)
    return fmt::format("was measured on {}, as its node's firmware says, and {} was asked for", *record.instance_type,
                       *what.instance_type);
  if (what.gpus_per_node == 0 || measures_cpus_alone(what)) return {};
  // Of slices CUDA shows a process one, and a rank of a collective may have been given its own GPU alone.
  const bool shows_one = what.collective || (what.gpu_resource && *what.gpu_resource != "nvidia.com/gpu");
  const std::size_t least = shows_one ? 1 : static_cast<std::size_t>(what.gpus_per_node);
  if (head.gpus.size() < least)
    return fmt::format("was measured with {}, and {} asked for", count_of(head.gpus.size(), "GPU"),
                       least == 1 ? "one was" : fmt::format("{} were", least));
  const auto slice = slice_profile_of(what, of.settings);
  for (const auto& gpu : head.gpus)
    if (gpu.find(slice) == std::string::npos)  // CUDA calls one "NVIDIA H200 MIG 1g.18gb"
      return fmt::format("was measured on {}, and its slice {} was asked for", gpu, slice);
  for (const auto& gpu : head.gpus)
    if (what.gpu_product && !is_product(gpu, *what.gpu_product))
      return fmt::format("was measured on {}, and {} was asked for", gpu, *what.gpu_product);
  return {};
}

std::string end_of(const task_record& record) {
  if (!record.finished_at) return fmt::format("began on {} at {} and did not end", record.node, record.started_at);
  return fmt::format("the run ended on {} {}{}", record.node, end_in_words(record),
                     record.starts > 1 ? fmt::format(", begun {} times", record.starts) : "");
}

void look_at_result(const task_record& record, const campaign& of, const job& what, const std::filesystem::path& file,
                    filed_task& into) {
  const bool in_order = ended_in_order(record);
  if (!record.finished_at || !in_order || !record.result) {
    into.task.reason = end_of(record) + (in_order && !record.result ? " and left no run file" : "");
    return;
  }
  const auto doubt = [&](const char* why) {
    into.doubtful = true;
    throw error(error_kind::input, {file.string(), 0, 0}, why);
  };
  std::error_code code;
  if (!std::filesystem::exists(file, code) && !code) doubt("is not there, and its record tells of it");
  auto text = read_file(file);
  if (text.size() != record.result->bytes || sha256_hex(text) != record.result->sha256)
    doubt("is not what was measured: its SHA-256 differs from that of its record");
  const auto head = results::read_run_head(text, file.string());
  const auto refuse = [&](const std::string& why) {
    into.task.can_be_repeated = *record.exit_code != 0 && !head.finished_at;  // as do_task() decides
    throw error(error_kind::input, {file.string(), 0, 0}, why);
  };
  const auto suite = expected_suite(what);
  if (suite && head.suite != *suite)
    refuse(fmt::format("is of the suite {}, and {} was asked for", head.suite, *suite));
  if (!head.finished_at) {
    into.task.reason = end_of(record) + " before its run was whole";
    return;
  }
  if (const auto lack = lack_of(record, head, of, what); !lack.empty()) refuse(lack);
  if (const auto amiss = ranks_amiss(head, what); !amiss.empty()) refuse(amiss);
  into.decided = true;
  into.task.state = collected_state::measured;
  if (*record.exit_code != 0) into.task.reason = "some of its measurements failed";
  into.task.file = file;
  into.task.head = head;
  into.task.digest = record.result;
}

}  // namespace

filed_task filed_task_of(const campaign& of, const job& what, int index, const std::filesystem::path& results) {
  filed_task found;
  found.task.job = what.name;
  found.task.index = index;
  const task_files files(results, what.name, index);
  auto otherwise = collected_state::refused;
  bool would_begin = false;
  try {
    const auto record = load_record(files.record);
    std::error_code ignored;
    if (!record) {
      would_begin = true;  // and keep that file beside
      if (std::filesystem::exists(files.result, ignored))
        throw error(error_kind::input, "there is a run file, but no record of what measured it");
      return found;
    }
    if (record->campaign != of.id) otherwise = collected_state::foreign;
    require_own(*record, of.id, what.name, index, files.record.string());
    would_begin = true;
    found.task.node = record->node;
    found.task.started_at = record->started_at;
    found.task.finished_at = record->finished_at;
    found.task.starts = record->starts;
    look_at_result(*record, of, what, files.result, found);
  } catch (const error& e) {
    found.task.state = otherwise;
    if (!would_begin) found.task.can_be_repeated = false;  // its node refuses such a record, each time
    if (e.kind() == error_kind::io) {
      // What is there nobody knows, and it may be a result.
      found.task.state = collected_state::unknown;
      found.task.can_be_repeated = false;
    }
    found.task.reason = (e.where().file.empty() ? "" : e.where().to_string() + ": ") + e.what();
    if (otherwise == collected_state::foreign) found.task.reason += "; a new --results-dir keeps them apart";
    found.decided = !found.doubtful;
  }
  return found;
}

}  // namespace gpubench::fleet
