#include "report/comparison_parts.hpp"
#include "report/table.hpp"

namespace gpubench::report {
namespace {

table::value number(const std::optional<double>& value) {
  return value ? table::value(*value) : table::value();
}

}  // namespace

void write_comparison_csv(const comparison_document& content, const style&, std::ostream& out) {
  table rows({{"base", ""},         {"new", ""},         {"benchmark", ""},   {"backend", ""},
              {"device", ""},       {"verdict", ""},     {"change", ""},      {"change_low", ""},
              {"change_high", ""},  {"p", ""},           {"adjusted_p", ""},  {"noise_floor", ""},
              {"noise", ""},        {"judged_in", ""},   {"judged_at", ""},   {"cycles_change", ""},
              {"base_time_ns", ""}, {"new_time_ns", ""}, {"base_runs", ""},   {"new_runs", ""},
              {"base_samples", ""}, {"new_samples", ""}, {"base_failed", ""}, {"new_failed", ""},
              {"base_skipped", ""}, {"new_skipped", ""}, {"because", ""}});
  for (const auto& result : content.results) {
    for (const auto& row : result.rows) {
      rows.add_row({result.base,
                    result.fresh,
                    row.key.name,
                    row.key.backend,
                    row.key.device,
                    std::string(comparison::to_string(row.outcome)),
                    number(row.change),
                    row.change_interval ? table::value(row.change_interval->low) : table::value(),
                    row.change_interval ? table::value(row.change_interval->high) : table::value(),
                    number(row.p),
                    number(row.adjusted_p),
                    number(row.noise_floor),
                    row.noise ? table::value(std::string(comparison::to_string(*row.noise))) : table::value(),
                    row.judged_in ? table::value(std::string(comparison::to_string(*row.judged_in))) : table::value(),
                    row.judged_at ? table::value(std::string(comparison::to_string(*row.judged_at))) : table::value(),
                    number(row.cycles_change),
                    number(row.base.time_ns),
                    number(row.fresh.time_ns),
                    static_cast<double>(row.base.runs),
                    static_cast<double>(row.fresh.runs),
                    static_cast<double>(row.base.samples),
                    static_cast<double>(row.fresh.samples),
                    static_cast<double>(row.base.failed),
                    static_cast<double>(row.fresh.failed),
                    static_cast<double>(row.base.skipped),
                    static_cast<double>(row.fresh.skipped),
                    row.because});
    }
  }
  rows.write_csv(out);
}

}  // namespace gpubench::report
