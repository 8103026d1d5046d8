#include "core/exposition.hpp"
#include "report/comparison_parts.hpp"

#include <fmt/format.h>

#include <functional>
#include <optional>

namespace gpubench::report {
namespace {

struct family {
  const char* name;
  const char* unit;  ///< the end of the name, where it is one
  const char* help;
  std::function<std::optional<double>(const comparison::comparison_row&)> value;
};

}  // namespace

/// Source: OpenMetrics 1.0, "Text format".
void write_openmetrics(const comparison_document& content, const style&, std::ostream& out) {
  const auto in_seconds = [](const std::optional<double>& ns) { return ns ? std::optional(*ns * 1e-9) : std::nullopt; };
  const family families[] = {
      {"gpubench_time_seconds", "seconds", "Median time of one sample.",
       [&](const auto& row) { return in_seconds(row.fresh.time_ns); }},
      {"gpubench_base_time_seconds", "seconds", "Median time of one sample of the base.",
       [&](const auto& row) { return in_seconds(row.base.time_ns); }},
      {"gpubench_change_ratio", "ratio", "Change of time, new over base less 1.",
       [](const auto& row) { return row.change; }},
      {"gpubench_noise_floor_ratio", "ratio", "The smallest change that could be told from noise.",
       [](const auto& row) { return row.noise_floor; }},
      {"gpubench_failed", "", "1 where the verdict makes the comparison fail.",
       [&](const auto& row) { return std::optional(fails(content, row) ? 1.0 : 0.0); }}};
  const bool several = content.results.size() > 1;
  for (const auto& next : families) {
    out << fmt::format("# TYPE {} gauge\n", next.name);
    if (*next.unit) out << fmt::format("# UNIT {} {}\n", next.name, next.unit);
    out << fmt::format("# HELP {} {}\n", next.name, next.help);
    for (const auto& result : content.results) {
      for (const auto& row : result.rows) {
        const auto value = next.value(row);
        if (!value) continue;
        out << fmt::format("{}{{benchmark=\"{}\",backend=\"{}\",device=\"{}\"{}}} {}\n", next.name,
                           label_escape(row.key.name), label_escape(row.key.backend), label_escape(row.key.device),
                           several ? fmt::format(",new=\"{}\"", label_escape(result.fresh)) : "", *value);
      }
    }
  }
  out << "# EOF\n";
}

}  // namespace gpubench::report
