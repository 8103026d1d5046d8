#include "comparison/node_comparison.hpp"

#include "core/error.hpp"
#include "core/median.hpp"
#include "results/device_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "comparison/false_discovery.hpp"
#include "comparison/peer_series.hpp"
#include "comparison/slow_values.hpp"

namespace gpubench::comparison {
namespace {

using part_key = std::tuple<part_kind, std::string, std::string>;

void require_distinct(const std::vector<measured_node>& nodes) {
  std::map<std::string, const measured_node*> runs, names;
  for (const auto& node : nodes) {
    const auto [same_run, is_new_run] = runs.emplace(node.figures.head.id, &node);
    if (!is_new_run)
      throw error(error_kind::usage,
                  fmt::format("{} and {} are the same run ({})", same_run->second->name, node.name, same_run->first),
                  "give each node's run once");
    if (!names.emplace(node.name, &node).second)
      throw error(error_kind::usage, fmt::format("two nodes are called {}", node.name),
                  "name run files by paths that tell them apart");
  }
}

/// What keeps two machines from being peers, each fact once.
std::vector<difference> forbidding(const results::run& base, const results::run& other,
                                   const std::set<std::string>& allowed) {
  std::vector<difference> found;
  const auto gpus = std::make_pair(base.environment.gpus.size(), other.environment.gpus.size());
  if (gpus.first != gpus.second)
    found.push_back({"gpus", std::to_string(gpus.first), std::to_string(gpus.second), true});
  const auto add = [&](const std::string& device) {
    for (auto& one : machine_differences({base}, {other}, device)) {
      const auto is_same = [&](const difference& known) { return known.key == one.key; };
      if (one.forbids && allowed.count(one.key) == 0 && std::none_of(found.begin(), found.end(), is_same))
        found.push_back(std::move(one));
    }
  };
  add("cpu");
  for (const auto& gpu : base.environment.gpus) add(fmt::format("gpu{}", gpu.index));
  return found;
}

std::vector<peer_group> group(const std::vector<measured_node>& nodes, const std::set<std::string>& allowed) {
  std::vector<peer_group> groups;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (spans_nodes(nodes[i])) continue;
    const auto is_home = [&](const peer_group& one) {
      return forbidding(nodes[one.nodes.front()].figures.head, nodes[i].figures.head, allowed).empty();
    };
    const auto home = std::find_if(groups.begin(), groups.end(), is_home);
    if (home == groups.end())
      groups.push_back({{i}, {}});
    else
      home->nodes.push_back(i);
  }
  std::stable_sort(groups.begin(), groups.end(),
                   [](const peer_group& a, const peer_group& b) { return a.nodes.size() > b.nodes.size(); });
  for (std::size_t i = 1; i < groups.size(); ++i)
    groups[i].differences = forbidding(nodes[groups.front().nodes.front()].figures.head,
                                       nodes[groups[i].nodes.front()].figures.head, allowed);
  return groups;
}

struct placed_series {
  const peer_series* series;
  placed_values placed;
  std::vector<double> adjusted_p;
  std::vector<bool> slow;
};

/// Places all series that have enough peers, and controls the false discovery rate over all of them.
std::vector<placed_series> judge(const std::vector<const peer_series*>& all, const node_criteria& by, double level) {
  std::vector<placed_series> judged;
  std::vector<double> ps;
  for (const auto* series : all) {
    if (series->peers.size() < fewest_values) continue;
    std::vector<double> values;
    values.reserve(series->peers.size());
    for (const auto& peer : series->peers) values.push_back(peer.own());
    judged.push_back({series, place(values), {}, {}});
    for (const auto& value : judged.back().placed.values) ps.push_back(value.p);
  }
  const auto adjusted = benjamini_hochberg(ps);
  std::size_t at = 0;
  for (auto& one : judged)
    for (const auto& value : one.placed.values) {
      const double p = adjusted[at++];
      one.adjusted_p.push_back(p);
      one.slow.push_back(p <= level && std::expm1(value.excess) >= by.threshold &&
                         value.modified_z.value_or(by.least_modified_z) >= by.least_modified_z);
    }
  return judged;
}

slow_figure figure_of(const placed_series& in, std::size_t at) {
  const auto& value = in.placed.values[at];
  slow_figure figure;
  figure.benchmark = in.series->benchmark;
  if (in.series->has_times) {
    figure.time_ns = std::exp(in.series->peers[at].log_time);
    figure.median_ns = std::exp(in.placed.median + in.series->peers[at].usual);
  }
  figure.slower = std::expm1(value.excess);
  figure.spread = in.placed.spread;
  figure.modified_z = value.modified_z;
  figure.adjusted_p = in.adjusted_p[at];
  figure.peers = in.series->peers.size() - 1;
  return figure;
}

/// Names the slow peers of a series; a node most of whose parts are slow, by the middle one of them.
void name_slow(const placed_series& in, std::map<part_key, std::vector<slow_figure>>& named) {
  std::map<std::string, std::vector<std::size_t>> slow_of;
  std::map<std::string, std::size_t> parts_of;
  for (std::size_t i = 0; i < in.slow.size(); ++i) {
    const auto& node = in.series->peers[i].node;
    ++parts_of[node];
    if (in.slow[i]) slow_of[node].push_back(i);
  }
  for (auto& [node, places] : slow_of) {
    const bool are_links = in.series->peers[places.front()].is == part_kind::link;
    if (!are_links && places.size() >= 2 && 2 * places.size() > parts_of[node]) {
      std::sort(places.begin(), places.end(),
                [&](std::size_t a, std::size_t b) { return in.placed.values[a].excess < in.placed.values[b].excess; });
      named[{part_kind::node, node, ""}].push_back(figure_of(in, places[places.size() / 2]));
      continue;
    }
    for (const std::size_t i : places) {
      const auto& peer = in.series->peers[i];
      named[{peer.is, peer.node, peer.part}].push_back(figure_of(in, i));
    }
  }
}

/// The links of a series without those of an end that is slow as a whole.
link_series without_slow_ends(const link_series& series, const std::map<part_key, std::vector<slow_figure>>& named) {
  const auto is_named = [&](const peer& end) {
    for (const auto& key : {part_key{end.is, end.node, end.part}, part_key{part_kind::node, end.node, ""}}) {
      const auto found = named.find(key);
      if (found == named.end()) continue;
      const auto is_of_series = [&](const slow_figure& f) { return f.benchmark == series.benchmark; };
      if (std::any_of(found->second.begin(), found->second.end(), is_of_series)) return true;
    }
    return false;
  };
  link_series rest{series.benchmark, {}};
  for (const auto& link : series.links)
    if (!is_named(link.from) && !is_named(link.to)) rest.links.push_back(link);
  return rest;
}

void add_to_standing(node_standing& standing, const std::string& benchmark, std::vector<double>& excesses,
                     double excess) {
  ++standing.compared;
  excesses.push_back(excess);
  if (standing.slowest_excess && *standing.slowest_excess >= std::expm1(excess)) return;
  standing.slowest_excess = std::expm1(excess);
  standing.slowest = benchmark;
}

std::vector<node_standing> stand(const std::vector<measured_node>& nodes, const std::vector<peer_group>& groups,
                                 const std::vector<placed_series>& judged) {
  std::map<std::string, node_standing*> by_name;
  std::vector<node_standing> standings;
  for (std::size_t g = 0; g < groups.size(); ++g)
    for (const std::size_t node : groups[g].nodes) {
      auto& standing = standings.emplace_back();
      standing.node = node;
      standing.group = g;
      standing.failed = nodes[node].figures.failed.size();
    }
  for (auto& standing : standings) by_name[nodes[standing.node].name] = &standing;
  std::map<std::string, std::vector<double>> all;
  for (const auto& one : judged) {
    if (!one.series->has_times) continue;
    std::map<std::string, std::vector<double>> excesses;  // of the parts of a node
    std::map<std::string, bool> slow;
    for (std::size_t i = 0; i < one.slow.size(); ++i) {
      const auto& node = one.series->peers[i].node;
      excesses[node].push_back(one.placed.values[i].excess);
      slow[node] = slow[node] || one.slow[i];
    }
    for (auto& [node, values] : excesses) {
      const auto found = by_name.find(node);
      if (found == by_name.end()) continue;
      add_to_standing(*found->second, one.series->benchmark, all[node], median_of(std::move(values)));
      if (slow[node]) ++found->second->slow;
    }
  }
  for (auto& [node, values] : all) by_name.at(node)->excess = std::expm1(median_of(std::move(values)));
  std::stable_sort(standings.begin(), standings.end(), [](const node_standing& a, const node_standing& b) {
    return std::make_tuple(a.group, -a.excess.value_or(0)) < std::make_tuple(b.group, -b.excess.value_or(0));
  });
  return standings;
}

/// What a node failed at and more than half of its peers, at least one, measured.
std::vector<faulty_part> faults(const std::vector<measured_node>& nodes, const std::vector<peer_group>& groups) {
  std::map<std::size_t, std::vector<faulty_part>> found;
  for (const auto& group : groups) {
    // Benchmark, of GPUs or not: the nodes that measured it on all its devices.
    std::map<std::pair<bool, std::string>, std::set<std::size_t>> have;
    const auto key_of = [](const auto& figure) {
      return std::make_pair(results::is_gpu_name(figure.device), figure.name);
    };
    for (const std::size_t node : group.nodes) {
      for (const auto& figure : nodes[node].figures.measured) have[key_of(figure)].insert(node);
      for (const auto& failed : nodes[node].figures.failed) have[key_of(failed)].erase(node);
    }
    for (const std::size_t node : group.nodes) {
      std::map<std::string, faulty_part> parts;
      for (const auto& failed : nodes[node].figures.failed) {
        if (2 * have[key_of(failed)].size() <= group.nodes.size() - 1) continue;
        auto& part = parts[failed.device];
        part.node = nodes[node].name;
        part.part = failed.device == "cpu" ? "" : failed.device;
        part.figures.push_back(failed);
      }
      for (auto& [device, part] : parts) found[node].push_back(std::move(part));
    }
  }
  std::vector<faulty_part> all;
  for (auto& [node, parts] : found) std::move(parts.begin(), parts.end(), std::back_inserter(all));
  return all;
}

/// Keeps of each index of GPUs the benchmark in which it lies farthest behind.
void add_slow_indices(const peer_series& series, const std::vector<index_effect>& effects, double threshold,
                      std::map<std::string, slow_index>& slow) {
  for (const auto& effect : effects) {
    const double slower = std::expm1(effect.excess);
    if (slower < threshold) continue;
    auto& one = slow[effect.part];
    one.part = effect.part;
    ++one.benchmarks;
    if (slower <= one.slower) continue;
    one.slower = slower;
    one.benchmark = series.benchmark;
  }
}

std::vector<slow_part> sorted(std::map<part_key, std::vector<slow_figure>> named) {
  std::vector<slow_part> parts;
  for (auto& [key, figures] : named) {
    std::stable_sort(figures.begin(), figures.end(),
                     [](const slow_figure& a, const slow_figure& b) { return a.slower > b.slower; });
    parts.push_back({std::get<0>(key), std::get<1>(key), std::get<2>(key), std::move(figures)});
  }
  std::stable_sort(parts.begin(), parts.end(), [](const slow_part& a, const slow_part& b) {
    return std::make_tuple(a.is, -a.figures.front().slower) < std::make_tuple(b.is, -b.figures.front().slower);
  });
  return parts;
}

}  // namespace

std::string_view to_string(part_kind kind) {
  switch (kind) {
    case part_kind::node:
      return "node";
    case part_kind::gpu:
      return "gpu";
    case part_kind::rank:
      return "rank";
    default:
      return "link";
  }
}

node_comparison compare_nodes(const std::vector<measured_node>& nodes, const node_criteria& by) {
  require_distinct(nodes);
  node_comparison result;
  result.by = by;
  for (const auto& node : nodes) result.names.push_back(node.name);
  result.groups = group(nodes, by.allowed);

  std::vector<peer_series> parts;
  std::vector<link_series> links;
  std::map<std::string, slow_index> slow_indices;
  const auto add = [&](all_series found) {
    std::move(found.parts.begin(), found.parts.end(), std::back_inserter(parts));
    std::move(found.links.begin(), found.links.end(), std::back_inserter(links));
  };
  for (const auto& one : result.groups) {
    auto found = series_of_group(nodes, one.nodes);
    for (auto& series : found.parts) add_slow_indices(series, set_usual_of_indices(series), by.threshold, slow_indices);
    for (auto& summary : together(found.parts)) parts.push_back(std::move(summary));
    add(std::move(found));
  }
  add(series_of_ranks(nodes));
  for (const auto& series : links) parts.push_back(ends_of(series));

  const auto count = [&](const std::vector<const peer_series*>& all) {
    for (const auto* series : all) {
      if (!series->has_times) continue;
      (series->peers.size() < fewest_values ? result.alone : result.compared) += series->peers.size();
    }
  };
  std::vector<const peer_series*> first;
  for (const auto& series : parts) first.push_back(&series);
  count(first);
  // Parts, then links: each of two families of tests has half of the rate.
  const double level = by.false_discovery_rate / (links.empty() ? 1 : 2);
  const auto judged = judge(first, by, level);
  std::map<part_key, std::vector<slow_figure>> named;
  for (const auto& one : judged) name_slow(one, named);

  std::vector<peer_series> rest;
  for (const auto& series : links)
    for (auto& one : links_as_peers(without_slow_ends(series, named))) rest.push_back(std::move(one));
  std::vector<const peer_series*> second;
  for (const auto& series : rest) second.push_back(&series);
  count(second);
  for (const auto& one : judge(second, by, level)) name_slow(one, named);

  result.standings = stand(nodes, result.groups, judged);
  result.slow = sorted(std::move(named));
  result.faulty = faults(nodes, result.groups);
  for (auto& [part, one] : slow_indices) result.slow_indices.push_back(std::move(one));
  std::stable_sort(result.slow_indices.begin(), result.slow_indices.end(),
                   [](const slow_index& a, const slow_index& b) { return a.slower > b.slower; });
  return result;
}

}  // namespace gpubench::comparison
