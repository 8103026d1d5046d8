#pragma once

#include <string>
#include <vector>

#include "http/client.hpp"
#include "rightsizing/history.hpp"

namespace gpubench::rightsizing {

/// What is asked of a Prometheus server, or of one that speaks its HTTP API (Thanos, Mimir, VictoriaMetrics).
struct prometheus_question {
  http::url server;
  double begin_seconds = 0, end_seconds = 0, step_seconds = 300;
  std::string matchers;     ///< more label matchers of the GPU's series: `cluster="a"`; may be empty
  std::string owner_label;  ///< that names the owner of a GPU; empty: namespace and pod
  http::answer_limits limits;
};

/// Reads the window by range queries, in chunks below the server's limit of 11,000 points a series. Each point is the
/// mean over its step (memory: the largest value), so that nothing between two points is lost. Host CPU comes from
/// gpubench monitor, node_exporter, or of a pod from cAdvisor against its limit; instance types from the series' own
/// labels or kube-state-metrics' node labels.
/// Source: Prometheus, "HTTP API".
/// @throws error: environment where the server is down, slow or says it failed; input where what it answers is not
/// Prometheus' API, or holds no metric of a GPU.
history read_prometheus(const prometheus_question& question);

}  // namespace gpubench::rightsizing
