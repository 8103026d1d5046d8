#include "cli/price_list_tables.hpp"

#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace gpubench::cli {
namespace {

using value = report::table::value;

value known_or_none(const std::string& text) {
  return text.empty() ? value() : value(text);
}
value known_or_none(const std::optional<double>& number) {
  return number ? value(*number) : value();
}

bool is_shown(const std::vector<std::string>& show, std::string_view status) {
  return show.empty() ? status != "unchanged" : std::find(show.begin(), show.end(), status) != show.end();
}

// Terminals and browsers see these names; what screening refused may hold anything.
std::string visible(std::string_view text) {
  std::string safe;
  for (const char c : text.substr(0, 128)) safe += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
  const bool formula = !safe.empty() && std::string_view("=+-@").find(safe.front()) != std::string_view::npos;
  return formula ? "'" + safe : safe;
}

}  // namespace

report::table change_table(const profiles::screened_list& list, const std::vector<profiles::price_change>& changes,
                           const std::vector<std::string>& show) {
  report::table rows({{"status", "status"},
                      {"provider", "provider", 4, 1},
                      {"instance_type", "instance type"},
                      {"region", "region"},
                      {"price_model", "price model", 4, 1},
                      {"term", "term", 4, 7},
                      {"before_per_hour", "before"},
                      {"after_per_hour", "after"},
                      {"change_percent", "change %", 3, 0},
                      {"currency", "currency", 4, 4},
                      {"before_date", "of", 4, 5},
                      {"place", "place", 4, 3},
                      {"reason", "reason", 4, 2}});
  for (const auto& change : changes) {
    const auto status = profiles::to_string(change.kind);
    if (!is_shown(show, status)) continue;
    const auto& cost = change.after ? *change.after : *change.before;
    const auto percent = change.change_fraction ? value(*change.change_fraction * 100) : value();
    rows.add_row({std::string(status), cost.provider, cost.instance_type, cost.region,
                  std::string(profiles::to_string(cost.model)), known_or_none(cost.term),
                  change.before ? value(change.before->amount_per_hour) : value(),
                  change.after ? value(change.after->amount_per_hour) : value(), percent, cost.currency,
                  change.before ? value(change.before->origin.date) : value(),
                  change.after ? value(cost.origin.position.to_string()) : value(),
                  cost.checked ? value() : known_or_none(cost.origin.note)});
  }
  if (!is_shown(show, "refused")) return rows;
  for (const auto& one : list.refused)
    rows.add_row({std::string("refused"), known_or_none(visible(one.provider)),
                  known_or_none(visible(one.instance_type)), known_or_none(visible(one.region)),
                  one.model ? value(std::string(profiles::to_string(*one.model))) : value(), value(), value(),
                  known_or_none(one.amount_per_hour), value(), known_or_none(one.currency), value(),
                  one.position.to_string(), visible(one.reason)});
  return rows;
}

std::string change_summary(const profiles::screened_list& list, const std::vector<profiles::price_change>& changes) {
  std::map<profiles::price_change_kind, std::size_t> counts;
  for (const auto& change : changes) ++counts[change.kind];
  std::vector<std::string> parts;
  for (const auto& [kind, count] : counts) parts.push_back(fmt::format("{} {}", count, profiles::to_string(kind)));
  parts.push_back(fmt::format("{} refused", list.refused.size()));
  std::string text = "Prices: " + join(parts, ", ");
  if (!list.new_types.empty()) text += "; " + count_of(list.new_types.size(), "new instance type");
  return text;
}

report::table snapshot_table(const std::vector<profiles::listed_snapshot>& snapshots) {
  report::table rows({{"snapshot", "snapshot"},
                      {"date", "date"},
                      {"format", "format", 4, 3},
                      {"providers", "providers", 4, 2},
                      {"prices", "prices", 12},
                      {"new_types", "new types", 12, 4},
                      {"sources", "sources", 4, 5},
                      {"made_at", "made at", 4, 6},
                      {"intact", "intact"},
                      {"defect", "defect", 4, 1}});
  for (const auto& one : snapshots) {
    const auto place = one.path.string();
    if (!one.content) {
      rows.add_row({place, value(), value(), value(), value(), value(), value(), value(), false, one.defect});
      continue;
    }
    const auto& head = *one.content;
    std::vector<std::string> sources;
    for (const auto& source : head.sources) sources.push_back(source.file + " " + source.sha256.substr(0, 12));
    rows.add_row({place, head.date, head.format, join(head.providers, ", "), static_cast<double>(head.prices),
                  static_cast<double>(head.new_types), join(sources, ", "), head.made_at, one.defect.empty(),
                  known_or_none(one.defect)});
  }
  return rows;
}

}  // namespace gpubench::cli
