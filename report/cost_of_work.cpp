#include "core/text.hpp"
#include "core/units.hpp"
#include "report/side_by_side.hpp"
#include "results/device_name.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gpubench::report {
namespace {

// The part of the machine's price that the measured device carries: its share of the GPUs, where their number is known.
// Nothing where there are several GPUs and the run does not say which of them worked.
std::optional<double> share_of_price(const results::run& run, const std::string& device) {
  const auto all = static_cast<double>(run.environment.gpus.size());
  const auto used = results::count_of_gpus(device);
  if (used && all > 0) return std::min(1.0, static_cast<double>(*used) / all);
  if (all > 1 && device.rfind("cpu", 0) != 0) return std::nullopt;
  return 1.0;
}

// An amount of work that costs cents to dollars on one device, and its name.
struct amount_of_work {
  double amount;
  std::string unit;
};
amount_of_work amount_for(const side_row& row) {
  if (row.metric == "flop_per_second") return {1e18, "$ per EFLOP"};
  // The links' share of a collective, by which systems of different size compare, is more than its payload.
  if (row.metric == "busbw_bytes_per_second") return {1e15, "$ per PB of busbw"};
  if (row.is == base_figure::kind::rate) return {1e15, "$ per PB"};
  const std::string item = row.unit.substr(0, row.unit.rfind("/s"));
  return {1e6, fmt::format("$ per M {}", item == "items" ? item : item + "s")};
}

bool is_work(base_figure::kind what) {
  return what == base_figure::kind::rate || what == base_figure::kind::item_rate;
}

// The same price over the same rate, but for the rounding of the arithmetic.
bool is_tie(double one, double lowest) {
  return one <= lowest * (1 + 1e-12);
}

// Measurements with a rate whose part of the machine's price is not known.
std::size_t without_share(const results::run& run) {
  return static_cast<std::size_t>(std::count_if(run.measurements.begin(), run.measurements.end(), [&](const auto& m) {
    const auto figure = m.status == results::measurement_status::ok ? base_figure_of(m) : std::nullopt;
    return figure && is_work(figure->is) && !share_of_price(run, m.device);
  }));
}

}  // namespace

std::string unpriced_sentence(const document& content) {
  std::vector<std::pair<std::string, std::vector<std::string>>> labels_by_reason;
  const auto add = [&](const std::string& reason, const std::string& label) {
    const auto known = std::find_if(labels_by_reason.begin(), labels_by_reason.end(),
                                    [&](const auto& one) { return one.first == reason; });
    if (known == labels_by_reason.end())
      labels_by_reason.push_back({reason, {label}});
    else
      known->second.push_back(label);
  };
  if (content.runs.size() < 2) return {};
  for (const auto& shown : content.runs)
    if (!shown.usd_per_hour)
      add(shown.price_source.empty() ? "no cost: no price is known" : shown.price_source, shown.label);
  for (const auto& shown : content.runs) {
    if (const auto count = shown.usd_per_hour ? without_share(*shown.run) : 0)
      add(fmt::format("no cost of {}: which of the GPUs worked is not known", count_of(count, "measurement")),
          shown.label);
  }
  std::vector<std::string> parts;
  for (const auto& [reason, labels] : labels_by_reason) parts.push_back(join(labels, ", ") + ": " + reason);
  return join(parts, "; ");
}

std::string why_no_cost(const document& content, const side_row& row, std::size_t run) {
  if (!content.runs[run].usd_per_hour) return "no price";
  const auto& cell = row.cells[run];
  return cell.figure ? "device unknown" : cell_text(cell, 1);
}

std::vector<cost_row> cost_rows(const document& content, const std::vector<side_row>& rows) {
  std::vector<cost_row> costs;
  for (const auto& row : rows) {
    if (!is_work(row.is)) continue;
    const auto counted = amount_for(row);
    cost_row cost{&row, counted.unit, std::vector<std::optional<double>>(row.cells.size()), {}};
    std::optional<double> lowest;
    std::size_t known = 0;
    for (std::size_t r = 0; r < row.cells.size(); ++r) {
      const auto& shown = content.runs[r];
      const auto& figure = row.cells[r].figure;
      if (!figure || !shown.usd_per_hour || !(figure->value > 0)) continue;
      const auto share = share_of_price(*shown.run, row.cells[r].device);
      if (!share) continue;
      const double usd_per_second = *shown.usd_per_hour * *share / seconds_per_hour;
      cost.usd[r] = usd_per_second / figure->value * counted.amount;
      ++known;
      lowest = std::min(*cost.usd[r], lowest.value_or(*cost.usd[r]));
    }
    for (std::size_t r = 0; known > 1 && r < cost.usd.size(); ++r)
      if (cost.usd[r] && is_tie(*cost.usd[r], *lowest)) cost.cheapest.insert(r);
    if (known > 0) costs.push_back(std::move(cost));
  }
  return costs;
}

}  // namespace gpubench::report
