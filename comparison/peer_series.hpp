#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "comparison/node_comparison.hpp"

namespace gpubench::comparison {

/// One of several peers in a benchmark.
struct peer {
  part_kind is = part_kind::node;
  std::string node, part;
  double log_time = 0;  ///< of nanoseconds, or an excess
  double usual = 0;     ///< of it, what nearly every node's GPU of this index differs from the others by
  double own() const { return log_time - usual; }
};

/// Peers that were measured alike.
struct peer_series {
  std::string benchmark;
  std::vector<peer> peers;
  bool has_times = true;  ///< whether log_time is of nanoseconds
};

/// A connection between two ends, each a GPU of a node or a rank.
struct peer_link {
  peer from, to;     ///< their times do not count
  std::string node;  ///< as slow_part names it
  std::string part;
  std::string place;  ///< the same for links that take the same place in their nodes; empty: none
  double log_time = 0;
};
struct link_series {
  std::string benchmark;
  std::vector<peer_link> links;
};

/// All series that the nodes of a group have.
struct all_series {
  std::vector<peer_series> parts;
  std::vector<link_series> links;
};

/// Of machines that measured by themselves.
all_series series_of_group(const std::vector<measured_node>& nodes, const std::vector<std::size_t>& group);
/// Of runs of several ranks over several nodes.
all_series series_of_ranks(const std::vector<measured_node>& nodes);
/// Whether a run's ranks lie on more than one node.
bool spans_nodes(const measured_node& node);

/// What is particular to an index of GPUs on the boards of all nodes: the median of their times over the median of all.
struct index_effect {
  std::string part;
  double excess = 0;  ///< log of the ratio
};
/// Where five nodes or more have each index of a series of GPUs, sets what is usual of those that differ by more than
/// chance, and on nine nodes of ten at least, so that a GPU is held against those that sit in the same place of their
/// boards.   @return those effects
std::vector<index_effect> set_usual_of_indices(peer_series& series);

/// The ends of the links: each with the median time of its links. An end with one link is left out, as nothing tells
/// the link from the end.
peer_series ends_of(const link_series& series);
/// The links as peers: one series a place where five nodes or more have it, else one of all.
std::vector<peer_series> links_as_peers(const link_series& series);

/// For each part the median of its excesses over `series`, where it has at least three; apart by kind.
std::vector<peer_series> together(const std::vector<peer_series>& series);

}  // namespace gpubench::comparison
