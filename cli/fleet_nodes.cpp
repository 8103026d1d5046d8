#include "cli/fleet_commands.hpp"
#include "cli/node_runs.hpp"
#include "cli/output.hpp"
#include "cli/program.hpp"
#include "cli/values.hpp"
#include "core/fraction.hpp"
#include "core/text.hpp"
#include "report/nodes.hpp"
#include "results/run_figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <set>
#include <system_error>

#include "comparison/node_comparison.hpp"

namespace gpubench::cli {
namespace {

namespace fs = std::filesystem;

struct fleet_nodes_options {
  std::vector<std::string> paths;
  comparison::node_criteria by;
  std::vector<std::string> allowed;
  std::string show = "nodes";
};

double parse_share(std::string_view text) {
  const auto share = parse_fraction(text);
  if (share && *share >= 0 && *share < 1) return *share;
  throw error(error_kind::usage, fmt::format("'{}' is no share", text), "write it as 3% or 0.03");
}

std::string parse_key(std::string_view text) {
  const std::string key(text);
  if (key == "gpus" || comparison::is_difference_key(key)) return key;
  const auto near = suggestion(key, comparison::difference_keys());
  throw error(error_kind::usage, fmt::format("nothing that could differ is called '{}'", key),
              near.empty() ? "known are " + join(comparison::difference_keys(), ", ") : near);
}

std::string parse_show(const std::string& text) {
  if (text == "nodes" || text == "slow") return text;
  throw error(error_kind::usage, fmt::format("there are no rows '{}'", text), "known are nodes and slow");
}

/// Every JSON file below a folder, in the order of their names.
std::vector<fs::path> files_below(const fs::path& folder) {
  std::error_code code;
  std::vector<fs::path> found;
  for (fs::recursive_directory_iterator entry(folder, code), end; !code && entry != end; entry.increment(code)) {
    std::error_code ignored;
    if (entry->path().extension() == ".json" && entry->is_regular_file(ignored)) found.push_back(entry->path());
  }
  if (code) throw error(error_kind::io, {folder.string(), 0, 0}, "cannot be listed: " + code.message());
  std::sort(found.begin(), found.end());
  return found;
}

/// The shortest endings of the paths that tell them apart: "a", or "node-1/run" of ".../node-1/run.json".
std::vector<std::string> names_for(const std::vector<fs::path>& files) {
  std::size_t longest = 0;
  for (const auto& file : files)
    longest = std::max(longest, static_cast<std::size_t>(std::distance(file.begin(), file.end())));
  for (std::size_t parts = 1; parts <= longest; ++parts) {
    std::set<std::string> unique;
    std::vector<std::string> names;
    for (const auto& file : files) {
      fs::path stem = file.parent_path() / file.stem(), name = stem.filename();
      for (std::size_t i = 1; i < parts && stem.has_parent_path(); ++i) {
        stem = stem.parent_path();
        if (!stem.filename().empty()) name = stem.filename() / name;
      }
      names.push_back(name.string());
      unique.insert(names.back());
    }
    if (unique.size() == names.size()) return names;
  }
  std::vector<std::string> names;
  for (const auto& file : files) names.push_back(file.string());
  return names;
}

exit_status compare_nodes(const global_options& global, const fleet_nodes_options& options) {
  require_table_format(global, "a comparison of nodes");
  std::vector<fs::path> inputs;
  std::vector<std::string> node_names;  // of the files; empty where the path has to name it
  std::vector<results::run_candidate> files;
  const auto add = [&](fs::path file, bool is_named, const std::string& node) {
    inputs.push_back(file);
    node_names.push_back(node);
    files.push_back({std::move(file), is_named});
  };
  for (const auto& run : with_campaign_nodes(global, options.paths)) {
    std::error_code ignored;
    if (fs::is_directory(run.path, ignored)) {
      // In a folder other JSON files may lie; a file that is named has to be a run.
      for (auto& file : files_below(run.path)) add(std::move(file), false, "");
    } else {
      add(run.path, true, run.node);
    }
  }
  require_output(global, inputs);
  std::vector<comparison::measured_node> nodes;
  std::vector<fs::path> unnamed;
  auto figures = results::load_candidates(files);
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (!figures[i]) {
      // Of other JSON files it is known that they are no runs.
      std::error_code ignored;
      if (fs::file_size(files[i].file, ignored) == 0)
        say(global, labelled("Left out", files[i].file.string() + " is empty: a run that was cut short would be"));
      continue;
    }
    if (!figures[i]->head.finished_at)
      say(global,
          labelled("Note", fmt::format("{} was cut short: its node may have died in it, and is judged by what it "
                                       "had measured",
                                       files[i].file.string())));
    if (figures[i]->measured.empty() && figures[i]->failed.empty())
      say(global, labelled("Note", files[i].file.string() + " has no measurement that counts"));
    nodes.push_back({node_names[i], *std::move(figures[i])});
    if (node_names[i].empty()) unnamed.push_back(files[i].file);
  }
  if (nodes.empty())
    throw error(error_kind::input, {options.paths.front(), 0, 0}, "there is no run file here",
                "'gpubench run' and 'gpubench fleet collect' write them");
  std::set<std::string> taken;
  for (const auto& node : nodes) taken.insert(node.name);
  const auto by_path = names_for(unnamed);
  std::size_t next = 0;
  for (auto& node : nodes) {
    if (!node.name.empty()) continue;
    node.name = taken.count(by_path[next]) == 0 ? by_path[next] : unnamed[next].string();
    ++next;
  }

  auto by = options.by;
  by.allowed.insert(options.allowed.begin(), options.allowed.end());
  const auto found = comparison::compare_nodes(nodes, by);
  if (global.format == "json") {
    deliver(global, [&](std::ostream& out) {
      out << report::to_json(found).dump(2, ' ', false, json::error_handler_t::replace) << '\n';
    });
  } else if (global.format == "table") {
    deliver(global, [&](std::ostream& out) {
      const auto look = style_for(global);
      if (!found.slow.empty()) {
        report::write_text(report::slow_parts_grid(found), look, out);
        out << '\n';
      }
      report::write_text(report::node_standings_grid(found), look, out);
    });
  } else {
    deliver_table(global,
                  options.show == "slow" ? report::slow_parts_table(found) : report::node_standings_table(found));
  }
  for (const auto& sentence : report::node_sentences(found)) say(global, labelled("Nodes", sentence));
  if (!found.slow.empty() || !found.faulty.empty()) return exit_status::answer_is_no;
  return found.compared == 0 ? exit_status::not_comparable : exit_status::done;
}

}  // namespace

void declare_fleet_nodes(CLI::App& fleet, program& chosen) {
  auto* command = fleet.add_subcommand(
      "nodes", "Say which node, GPU or link is slower than its peers, from the run files of many nodes");
  const auto options = std::make_shared<fleet_nodes_options>();
  command
      ->add_option("path", options->paths,
                   "the folder of a collected campaign; or run files, one a node, or folders of them, searched "
                   "with all below")
      ->type_name("FILE|DIR...")
      ->required();
  add_value(*command, "--threshold", options->by.threshold, parse_share, "SHARE",
            "the smallest excess of time over the peers that counts (3%)");
  add_value(*command, "--false-alarms", options->by.false_discovery_rate, parse_probability, "SHARE",
            "how often at most anything is named where nothing is slower (1%)");
  add_values(*command, "--allow", options->allowed, parse_key, "KEY",
             "compare nodes although this differs, as driver or NCCL_ALGO; repeatable");
  add_value(*command, "--show", options->show, parse_show, "ROWS",
            "of csv and markdown: nodes (default) or slow, every figure of what is slow");
  command->callback(
      [&chosen, options] { chosen.action = [&chosen, options] { return compare_nodes(chosen.global, *options); }; });
}

}  // namespace gpubench::cli
