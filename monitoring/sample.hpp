#pragma once

#include "core/exposition.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "monitoring/metrics.hpp"

namespace gpubench::monitoring {

/// One value, with all its labels. What could not be read is no point at all.
struct point {
  metric_id id;
  metric_labels labels;
  double value = 0;
};

/// Everything that was read at one moment.
struct sample {
  std::chrono::system_clock::time_point at;
  std::vector<point> points;

  void add(metric_id id, const metric_labels& labels, const std::optional<double>& value) {
    if (value) points.push_back({id, labels, *value});
  }
};

/// Prometheus' text format, metrics in the order of the list.
std::string to_prometheus(const sample& from);

/// CSV in wide form: a row a GPU or slice and moment, with the values of the host beside it; a machine without GPUs has
/// one row. Only metrics without labels of their own have columns; a value that could not be read is an empty cell.
std::string csv_header();
std::string to_csv(const sample& from);

}  // namespace gpubench::monitoring
