#include "comparison/peer_series.hpp"

#include "core/median.hpp"
#include "core/text.hpp"
#include "results/device_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>

#include "comparison/slow_values.hpp"

namespace gpubench::comparison {
namespace {

/// Subtracting a median that differs by chance alone would itself make values stand out.
constexpr double standard_errors_of_an_effect = 5;
/// Of the nodes: what a board's design makes slow is so on every one, but for some that are off in another way. Where
/// three of five nodes have it, three GPUs are at fault.
constexpr double least_share_with_an_effect = 0.9;  // every one of fewer than ten

/// "copy/peer:3/bytes:8" without "/peer:3", and the 3.
struct cut_name {
  std::string name;
  std::optional<long long> value;
};
cut_name cut(const std::string& name, std::string_view parameter) {
  const std::string wanted = fmt::format("/{}:", parameter);
  const auto begin = name.find(wanted);
  if (begin == std::string::npos) return {name, std::nullopt};
  const auto end = std::min(name.find('/', begin + 1), name.size());
  const auto value = parse_integer(std::string_view(name).substr(begin + wanted.size(), end - begin - wanted.size()));
  if (!value) return {name, std::nullopt};
  return {name.substr(0, begin) + name.substr(end), value};
}

/// Series by name, in the order of their first appearance.
template <class Series>
class by_name {
 public:
  /// What a CPU and what GPUs did stays apart: many of their benchmarks have the same full name.
  Series& of(const std::string& device, const std::string& benchmark) {
    return at((results::is_gpu_name(device) ? "gpu " : "cpu ") + benchmark, benchmark);
  }
  Series& at(const std::string& key, const std::string& benchmark) {
    const auto [place, is_new] = places_.try_emplace(key, all_.size());
    if (is_new) {
      all_.emplace_back();
      all_.back().benchmark = benchmark;
    }
    return all_[place->second];
  }
  std::vector<Series> take() { return std::move(all_); }

 private:
  std::unordered_map<std::string, std::size_t> places_;
  std::vector<Series> all_;
};

bool is_one_gpu(const std::string& device) {
  return results::count_of_gpus(device) == 1;
}

std::vector<std::string> nodes_of(const measured_node& node) {
  std::vector<std::string> names;
  for (const auto& place : node.figures.head.ranks)
    if (std::find(names.begin(), names.end(), place.node) == names.end()) names.push_back(place.node);
  return names;
}

/// Ends and the name of a connection between two ranks.
class rank_names {
 public:
  explicit rank_names(const results::run& run) {
    for (const auto& place : run.ranks) {
      nodes_[place.rank] = place.node;
      ++ranks_of_[place.node];
    }
  }
  bool knows(int rank) const { return nodes_.count(rank) > 0; }
  const std::string& node(int rank) const { return nodes_.at(rank); }
  peer end(int rank) const {
    const bool alone = ranks_of_.at(node(rank)) == 1;
    return {alone ? part_kind::node : part_kind::rank, node(rank), alone ? "" : fmt::format("rank {}", rank), 0};
  }
  peer_link link(const results::pair_time& pair) const {
    const auto first = end(pair.first), second = end(pair.second);
    const bool within = first.node == second.node;
    const bool plain = first.part.empty() && second.part.empty();
    return {first,
            second,
            within ? first.node : fmt::format("{} and {}", first.node, second.node),
            plain ? "" : fmt::format("ranks {} and {}", pair.first, pair.second),
            "",
            std::log(pair.median_ns)};
  }

 private:
  std::map<int, std::string> nodes_;
  std::map<std::string, int> ranks_of_;
};

}  // namespace

bool spans_nodes(const measured_node& node) {
  return nodes_of(node).size() > 1;
}

all_series series_of_group(const std::vector<measured_node>& nodes, const std::vector<std::size_t>& group) {
  by_name<peer_series> parts;
  by_name<link_series> links;
  for (const std::size_t place : group) {
    const auto& [name, figures] = nodes[place];
    for (const auto& figure : figures.measured) {
      const double log_time = std::log(figure.time_ns);
      const auto [bare, partner] = cut(figure.name, "peer");
      if (partner && is_one_gpu(figure.device)) {
        const std::string other = fmt::format("gpu{}", *partner), way = fmt::format("{} to {}", figure.device, other);
        links.of(figure.device, bare)
            .links.push_back(
                {{part_kind::gpu, name, figure.device, 0}, {part_kind::gpu, name, other, 0}, name, way, way, log_time});
      } else if (is_one_gpu(figure.device)) {
        parts.of(figure.device, figure.name).peers.push_back({part_kind::gpu, name, figure.device, log_time});
      } else {
        parts.of(figure.device, figure.name).peers.push_back({part_kind::node, name, "", log_time});
      }
    }
  }
  return {parts.take(), links.take()};
}

all_series series_of_ranks(const std::vector<measured_node>& nodes) {
  by_name<link_series> between_two;
  std::vector<link_series> links;
  for (const auto& node : nodes) {
    if (node.figures.head.ranks.empty()) continue;
    const auto names = nodes_of(node);
    const rank_names ranks(node.figures.head);
    by_name<link_series> pairs;
    for (const auto& figure : node.figures.measured) {
      const std::string bare = cut(figure.name, "round").name;
      for (const auto& pair : figure.pairs) {
        if (!ranks.knows(pair.first) || !ranks.knows(pair.second)) continue;
        const bool within = ranks.node(pair.first) == ranks.node(pair.second);
        const auto name = bare + (within ? ", within nodes" : ", between nodes");
        pairs.of(figure.device, name).links.push_back(ranks.link(pair));
      }
      if (names.size() == 2 && figure.pairs.empty())
        between_two.of(figure.device, figure.name)
            .links.push_back({{part_kind::node, names[0], "", 0},
                              {part_kind::node, names[1], "", 0},
                              fmt::format("{} and {}", names[0], names[1]),
                              "",
                              "",
                              std::log(figure.time_ns)});
    }
    for (auto& series : pairs.take()) links.push_back(std::move(series));
  }
  for (auto& series : between_two.take()) links.push_back(std::move(series));
  return {{}, std::move(links)};
}

std::vector<index_effect> set_usual_of_indices(peer_series& series) {
  std::map<std::string, std::vector<double>> by_part;
  std::vector<double> all;
  for (const auto& p : series.peers) {
    if (p.is != part_kind::gpu) return {};
    by_part[p.part].push_back(p.log_time);
    all.push_back(p.log_time);
  }
  const bool are_many =
      std::all_of(by_part.begin(), by_part.end(), [](const auto& one) { return one.second.size() >= fewest_values; });
  if (by_part.size() < 2 || !are_many) return {};
  const double median = median_of(std::move(all));
  std::map<std::string, double> usual;
  std::vector<double> deviations;
  for (const auto& [part, times] : by_part) {
    const double of_part = median_of(times);
    usual[part] = of_part - median;
    for (const double time : times) deviations.push_back(std::abs(time - of_part));
  }
  const double spread = 1.4826 * median_of(std::move(deviations));
  std::vector<index_effect> effects;
  for (auto& [part, effect] : usual) {
    // The standard error of a median of normal values is 1.2533 that of their mean.
    const double error = 1.2533 * spread / std::sqrt(static_cast<double>(by_part[part].size()));
    const auto shows_it = [&](double time) { return (time - median) / effect >= 0.5; };
    const auto with = std::count_if(by_part[part].begin(), by_part[part].end(), shows_it);
    const bool is_everywhere =
        static_cast<double>(with) >= least_share_with_an_effect * static_cast<double>(by_part[part].size());
    if (std::abs(effect) > standard_errors_of_an_effect * error && is_everywhere)
      effects.push_back({part, effect});
    else
      effect = 0;
  }
  for (auto& p : series.peers) p.usual = usual[p.part];
  return effects;
}

peer_series ends_of(const link_series& series) {
  std::map<std::tuple<std::string, std::string>, std::pair<peer, std::vector<double>>> ends;
  for (const auto& link : series.links)
    for (const auto* end : {&link.from, &link.to}) {
      auto& [known, times] = ends[{end->node, end->part}];
      known = *end;
      times.push_back(link.log_time);
    }
  peer_series result{series.benchmark, {}};
  for (auto& [key, end] : ends) {
    if (end.second.size() < 2) continue;
    result.peers.push_back(std::move(end.first));
    result.peers.back().log_time = median_of(std::move(end.second));
  }
  return result;
}

std::vector<peer_series> links_as_peers(const link_series& series) {
  std::map<std::string, std::size_t> by_place;
  for (const auto& link : series.links) ++by_place[link.place];
  const bool are_many = std::all_of(by_place.begin(), by_place.end(),
                                    [](const auto& one) { return !one.first.empty() && one.second >= fewest_values; });
  by_name<peer_series> result;
  for (const auto& link : series.links) {
    auto& one = result.at(are_many ? link.place : "", series.benchmark);
    one.peers.push_back({part_kind::link, link.node, link.part, link.log_time});
  }
  return result.take();
}

std::vector<peer_series> together(const std::vector<peer_series>& series) {
  std::map<part_kind, std::map<std::pair<std::string, std::string>, std::vector<double>>> excesses;
  for (const auto& one : series) {
    if (one.peers.size() < fewest_values) continue;
    std::vector<double> times;
    times.reserve(one.peers.size());
    for (const auto& p : one.peers) times.push_back(p.own());
    const double median = median_of(times);
    for (const auto& p : one.peers) excesses[p.is][{p.node, p.part}].push_back(p.own() - median);
  }
  constexpr std::size_t fewest_benchmarks = 3;
  std::vector<peer_series> result;
  for (auto& [kind, parts] : excesses) {
    peer_series all{all_benchmarks, {}, false};
    for (auto& [name, values] : parts)
      if (values.size() >= fewest_benchmarks)
        all.peers.push_back({kind, name.first, name.second, median_of(std::move(values))});
    if (!all.peers.empty()) result.push_back(std::move(all));
  }
  return result;
}

}  // namespace gpubench::comparison
