#pragma once

#include "results/run_figures.hpp"

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "comparison/comparability.hpp"

namespace gpubench::comparison {

/// What one machine measured. A run of several ranks stands for the machines that these ran on.
struct measured_node {
  std::string name;  ///< for the reader; unique
  results::run_figures figures;
};

/// By what a part counts as slower than its peers. All three must hold.
struct node_criteria {
  double threshold = 0.03;             ///< the smallest excess of time over the peers' median that matters, a fraction
  double false_discovery_rate = 0.01;  ///< over all figures of all parts; also the chance of naming any of equal ones
  double least_modified_z = 3.5;       ///< Iglewicz and Hoaglin (1993)
  /// Facts in which peers may differ. These two number or name the GPUs that a container sees.
  std::set<std::string> allowed{"CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES"};
};

enum class part_kind { node, gpu, rank, link };
std::string_view to_string(part_kind kind);

/// A benchmark in which a part is slower than its peers.
struct slow_figure {
  std::string benchmark;  ///< full name, without the parameter that names the peers ("peer", "round")
  std::optional<double> time_ns, median_ns;  ///< the part's and its peers'; absent of all benchmarks together
  double slower = 0;                         ///< time / median of all peers - 1
  double spread = 0;                         ///< between peers: robust standard deviation of the time, a fraction of it
  std::optional<double> modified_z;
  double adjusted_p = 1;
  std::size_t peers = 0;
};

/// A node, GPU, rank or link that is slower than its peers.
struct slow_part {
  part_kind is = part_kind::node;
  std::string node;  ///< of a link between nodes both: "a and b"
  std::string part;  ///< "gpu3", "rank 2", "gpu0 to gpu3"; empty: the whole node, or the link between the nodes
  std::vector<slow_figure> figures;  ///< the worst first
};

/// A node, or a GPU of it, that broke off or computed wrongly what most of its peers measured.
struct faulty_part {
  std::string node, part;                       ///< part: "gpu3", empty for the CPU
  std::vector<results::failed_figure> figures;  ///< at least one
};

/// GPUs of one index that nine nodes of ten or more have slower than the others by the threshold or more: the board's
/// doing, and of no node.
struct slow_index {
  std::string part;       ///< "gpu0"
  std::string benchmark;  ///< that in which it lies farthest behind
  double slower = 0;      ///< there, median over nodes: time / median of all indices - 1
  std::size_t benchmarks = 0;
};

/// Nodes that can be held against each other.
struct peer_group {
  std::vector<std::size_t> nodes;       ///< places in what was given
  std::vector<difference> differences;  ///< what keeps it from being one with the largest group; empty for that
};

/// One node among its peers.
struct node_standing {
  std::size_t node = 0, group = 0;
  std::size_t compared = 0, slow = 0;  ///< benchmarks with enough peers, and those in which it or a part of it is slow
  std::optional<double> excess;        ///< median over them of its time over the peers' median, less 1
  std::string slowest;                 ///< the benchmark in which it lies farthest behind
  std::optional<double> slowest_excess;
  std::size_t failed = 0;  ///< measurements that broke off or were wrong
};

struct node_comparison {
  node_criteria by;
  std::vector<std::string> names;        ///< of the nodes, in the order that they were given
  std::vector<peer_group> groups;        ///< the largest first
  std::vector<slow_part> slow;           ///< nodes, GPUs, ranks, links; the worst of each first
  std::vector<faulty_part> faulty;       ///< in the order of the nodes
  std::vector<slow_index> slow_indices;  ///< the worst first
  std::vector<node_standing> standings;  ///< the slowest of each group first
  std::size_t compared = 0;              ///< figures that had enough peers
  std::size_t alone = 0;                 ///< figures that had not
};

/// The name of what is said of all benchmarks of a part together: the median of its excesses.
inline constexpr const char* all_benchmarks = "all benchmarks together";

/// Says which node, GPU of a node, rank or link is slower than its peers. Peers are nodes that nothing forbids to
/// compare (machine_differences(), number of GPUs), GPUs of all of these, each less what its index is usually slower by
/// where five nodes or more have it, links at the same place of five nodes or more (else all links), and, in a run of
/// several ranks, the pairs of its ranks, those within nodes and those between nodes apart. Runs over two nodes each
/// make these two a link. A part has at least four peers or no verdict. Values are log medians of time, placed by
/// place(); all ps are adjusted together (Benjamini-Hochberg), those of links after the ends of links, and without the
/// links of an end that is slow as a whole. A node most of whose GPUs are slow is named in their place. A measurement
/// that failed or was wrong is a fault where more than half of the peers have it.
/// @throws error: usage for a run that stands twice, or two nodes of one name.
node_comparison compare_nodes(const std::vector<measured_node>& nodes, const node_criteria& by);

}  // namespace gpubench::comparison
