#pragma once

#include <optional>
#include <ostream>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gpubench {

/// Names and values of a metric's labels, in the order in which they are written.
using metric_labels = std::vector<std::pair<std::string, std::string>>;

/// Text for a quoted label value of Prometheus' text format and of OpenMetrics: quotes and backslashes escaped, control
/// characters and bytes that are not UTF-8 as "?".
std::string label_escape(std::string_view text);

/// One metric family in Prometheus' text format 0.0.4: samples with labels. Each set of labels stands once, as the
/// format demands; an absent value, or one that is not finite, is not written, and a family without samples neither.
/// Source: Prometheus, "Exposition formats".
class metric_family {
 public:
  /// @param help  one line without backslashes
  metric_family(std::string name, std::string help, std::string type = "gauge");

  /// Labels with empty values are left out, as Prometheus takes them for absent.
  void add(const metric_labels& labels, const std::optional<double>& value);
  void write(std::ostream& out) const;

 private:
  std::string name_, help_, type_, samples_;
  std::set<std::string> seen_;
};

}  // namespace gpubench
