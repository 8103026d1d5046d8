#include "core/text.hpp"
#include "core/units.hpp"
#include "report/side_by_side.hpp"
#include "results/device_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace gpubench::report {
namespace {

// The part of the machine's price that a measured device carries.
struct price_part {
  std::optional<double> share;
  const char* in_place_of_cost = "";  // why it is not known, in a cell
  const char* why_unknown = "";       // and in a sentence
};

// A slice blocks the larger of what it has of the multiprocessors and of the memory.
std::optional<double> share_of_gpu(const results::gpu_environment& gpu) {
  if (!gpu.mig_slice) return 1.0;
  if (!gpu.mig_compute_share || !gpu.mig_memory_share) return std::nullopt;
  return std::max(*gpu.mig_compute_share, *gpu.mig_memory_share);
}

// GPUs that worked, a slice counting for its share; nothing where a share is not known.
std::optional<double> count_used(const results::run& run, const std::vector<results::gpu_span>& named) {
  double used = 0;
  for (const auto& span : named) {
    used += static_cast<double>(span.last - span.first + 1);
    for (const auto& gpu : run.environment.gpus) {
      if (gpu.index < span.first || gpu.index > span.last) continue;
      const auto share = share_of_gpu(gpu);
      if (!share) return std::nullopt;
      used -= 1 - *share;
    }
  }
  return used;
}

// Its share of the GPUs. Those that the run lists may be fewer than the machine has: in a container, in another tool's
// file. Where only the run tells their number, the price is taken for theirs, and the price's source says so.
price_part part_of_price(const shown_run& shown, const std::string& device) {
  const auto& listed = shown.run->environment.gpus;
  const auto all = std::max(static_cast<double>(listed.size()), static_cast<double>(shown.machine_gpus.value_or(0)));
  const auto named = results::gpus_named(device);
  if (!named) {
    if (all > 1 && device.rfind("cpu", 0) != 0)
      return {std::nullopt, "device unknown", "which of the GPUs worked is not known"};
    return {1.0};
  }
  const bool is_sliced = std::any_of(listed.begin(), listed.end(), [](const auto& gpu) { return gpu.mig_slice; });
  const auto used = count_used(*shown.run, *named);
  // Slices do not tell of how many GPUs they are.
  if (!used || (is_sliced && !shown.machine_gpus))
    return {std::nullopt, "share unknown", "what part of the machine a slice is is not known"};
  const double gpus = is_sliced ? *shown.machine_gpus : all;
  return {gpus > 0 ? std::min(1.0, *used / gpus) : 1.0};
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

// Measurements with a rate whose part of the machine's price is not known, by the reason.
std::map<std::string, std::size_t> without_share(const shown_run& shown) {
  std::map<std::string, std::size_t> counts;
  for (const auto& m : shown.run->measurements) {
    const auto figure = m.status == results::measurement_status::ok ? base_figure_of(m) : std::nullopt;
    if (!figure || !is_work(figure->is)) continue;
    const auto part = part_of_price(shown, m.device);
    if (!part.share) ++counts[part.why_unknown];
  }
  return counts;
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
    if (!shown.usd_per_hour) continue;
    for (const auto& [why, count] : without_share(shown))
      add(fmt::format("no cost of {}: {}", count_of(count, "measurement"), why), shown.label);
  }
  std::vector<std::string> parts;
  for (const auto& [reason, labels] : labels_by_reason) parts.push_back(join(labels, ", ") + ": " + reason);
  return join(parts, "; ");
}

std::string why_no_cost(const document& content, const side_row& row, std::size_t run) {
  if (!content.runs[run].usd_per_hour) return "no price";
  const auto& cell = row.cells[run];
  return cell.figure ? part_of_price(content.runs[run], cell.device).in_place_of_cost : cell_text(cell, 1);
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
      const auto share = part_of_price(shown, row.cells[r].device).share;
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
