#include "cli/listings.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <regex>
#include <set>

namespace gpubench::cli {
namespace {

using value = report::table::value;

value known_or_none(const std::optional<double>& number, double unit = 1) {
  return number ? value(*number / unit) : value();
}
value known_or_none(const std::optional<int>& number) {
  return number ? value(static_cast<double>(*number)) : value();
}
value known_or_none(const std::string& text) {
  return text.empty() ? value() : value(text);
}

bool is_among(const std::vector<std::string>& wanted, const std::string& name) {
  const auto same = [&](const std::string& one) { return to_lower(one) == to_lower(name); };
  return wanted.empty() || std::any_of(wanted.begin(), wanted.end(), same);
}

// The filter with its patterns compiled and its money in USD.
class row_filter {
 public:
  row_filter(const list_filter& filter, const profiles::catalogue& known)
      : filter_(filter), known_(known), name_(compile(filter.name_pattern)), gpu_(compile(filter.gpu_pattern)) {
    if (filter.max_price) max_usd_ = known.rates.to_usd(filter.max_price->amount, filter.max_price->currency);
  }

  bool shows(const profiles::gpu_spec& gpu) const {
    return std::regex_search(gpu.name, name_) && !(gpu.memory_bytes < filter_.min_gpu_memory_bytes.value_or(0));
  }

  bool shows(const profiles::instance& type) const {
    const bool gpu_fits = filter_.gpu_pattern.empty() || (type.has_gpu() && std::regex_search(type.gpu, gpu_));
    const bool memory_fits =
        !filter_.min_gpu_memory_bytes || type.gpu_memory_bytes.value_or(0) >= *filter_.min_gpu_memory_bytes;
    return std::regex_search(type.type, name_) && is_among(filter_.providers, type.provider) && gpu_fits && memory_fits;
  }

  bool shows(const profiles::price& offer) const {
    return is_among(filter_.regions, offer.region) && !(max_usd_ && usd(offer) > *max_usd_);
  }

  double usd(const profiles::price& offer) const { return known_.rates.to_usd(offer.amount_per_hour, offer.currency); }

  bool asks_for_prices() const { return max_usd_ || !filter_.regions.empty(); }

 private:
  static std::regex compile(const std::string& pattern) { return std::regex(pattern, std::regex::icase); }

  const list_filter& filter_;
  const profiles::catalogue& known_;
  std::regex name_, gpu_;
  std::optional<double> max_usd_;
};

void require_names(const std::vector<std::string>& wanted, const std::set<std::string>& known,
                   const std::string& what) {
  const std::vector<std::string> names(known.begin(), known.end());
  for (const auto& name : wanted) {
    if (std::any_of(names.begin(), names.end(), [&](const auto& n) { return to_lower(n) == to_lower(name); })) continue;
    const auto near = suggestion(name, names);
    throw error(error_kind::usage, fmt::format("{} '{}' is not in the catalogue", what, name),
                near.empty() ? "known are " + join(names, ", ") : near);
  }
}

// The lowest shown price of a type and price model.
value lowest(const profiles::catalogue& known, const row_filter& rows, const profiles::instance& type,
             profiles::price_model model) {
  std::optional<double> low;
  for (const auto* offer : known.prices_of(type))
    if (offer->model == model && rows.shows(*offer)) low = std::min(low.value_or(rows.usd(*offer)), rows.usd(*offer));
  return known_or_none(low);
}

}  // namespace

void require_known(const list_filter& filter, const profiles::catalogue& known) {
  std::set<std::string> providers, regions;
  for (const auto& type : known.instances) providers.insert(type.provider);
  for (const auto& offer : known.prices) regions.insert(offer.region);
  require_names(filter.providers, providers, "provider");
  require_names(filter.regions, regions, "region");
}

report::table list_gpus(const profiles::catalogue& known, const list_filter& filter) {
  const row_filter rows(filter, known);
  report::table list({{"gpu", "GPU"},
                      {"vendor", "vendor"},
                      {"architecture", "architecture"},
                      {"memory_gib", "memory GiB"},
                      {"memory_gb_per_second", "GB/s"},
                      {"dense_peak_fp32_tflop_per_second", "fp32 TFLOP/s"},
                      {"dense_peak_bf16_tflop_per_second", "bf16 TFLOP/s"},
                      {"dense_peak_fp8_tflop_per_second", "fp8 TFLOP/s"},
                      {"tdp_watts", "TDP W"},
                      {"release_year", "year"},
                      {"source", "source"},
                      {"source_date", "of"}});
  using models::precision;
  for (const auto& gpu : known.gpus) {
    if (!rows.shows(gpu)) continue;
    list.add_row(
        {gpu.name, gpu.vendor, gpu.architecture, gpu.memory_bytes / gib,
         known_or_none(gpu.memory_bandwidth_bytes_per_second, giga),
         known_or_none(gpu.dense_peak(precision::fp32), tera), known_or_none(gpu.dense_peak(precision::bf16), tera),
         known_or_none(gpu.dense_peak(precision::fp8), tera), known_or_none(gpu.tdp_watts),
         gpu.release_year ? value(std::to_string(*gpu.release_year)) : value(), gpu.origin.source, gpu.origin.date});
  }
  return list;
}

report::table list_instances(const profiles::catalogue& known, const list_filter& filter) {
  const row_filter rows(filter, known);
  report::table list({{"provider", "provider"},
                      {"instance_type", "instance type"},
                      {"gpu", "GPU"},
                      {"gpu_count", "GPUs"},
                      {"gpu_fraction", "share of each"},
                      {"gpu_memory_gib", "GiB each"},
                      {"cpu", "CPU"},
                      {"vcpus", "vCPU"},
                      {"host_memory_gib", "host GiB"},
                      {"network_gbit_per_second", "Gbit/s"},
                      {"on_demand_usd_per_hour", "on demand $/h"},
                      {"spot_usd_per_hour", "spot $/h"}});
  for (const auto& type : known.instances) {
    if (!rows.shows(type)) continue;
    const auto offers = known.prices_of(type);
    const auto shown = [&](const auto* offer) { return rows.shows(*offer); };
    if (rows.asks_for_prices() && std::none_of(offers.begin(), offers.end(), shown)) continue;
    list.add_row({type.provider, type.type, known_or_none(type.gpu), static_cast<double>(type.gpu_count),
                  type.has_gpu() ? value(type.gpu_fraction) : value(), known_or_none(type.gpu_memory_bytes, gib),
                  known_or_none(type.cpu), known_or_none(type.vcpus), known_or_none(type.host_memory_bytes, gib),
                  known_or_none(type.network_bits_per_second, giga),
                  lowest(known, rows, type, profiles::price_model::on_demand),
                  lowest(known, rows, type, profiles::price_model::spot)});
  }
  return list;
}

report::table list_prices(const profiles::catalogue& known, const list_filter& filter) {
  const row_filter rows(filter, known);
  report::table list({{"provider", "provider"},
                      {"instance_type", "instance type"},
                      {"region", "region"},
                      {"price_model", "price model"},
                      {"term", "term"},
                      {"amount_per_hour", "an hour"},
                      {"currency", "currency"},
                      {"usd_per_hour", "$/h"},
                      {"checked", "checked"},
                      {"source", "source"},
                      {"source_date", "of"}});
  for (const auto& type : known.instances) {
    if (!rows.shows(type)) continue;
    for (const auto* offer : known.prices_of(type)) {
      if (!rows.shows(*offer)) continue;
      list.add_row({offer->provider, offer->instance_type, offer->region,
                    std::string(profiles::to_string(offer->model)), known_or_none(offer->term), offer->amount_per_hour,
                    offer->currency, rows.usd(*offer), offer->checked, offer->origin.source, offer->origin.date});
    }
  }
  return list;
}

report::table list_workloads(const std::vector<profiles::workload>& known, const list_filter& filter) {
  const std::regex name(filter.name_pattern, std::regex::icase);
  report::table list({{"workload", "workload"},
                      {"kind", "kind"},
                      {"network", "network"},
                      {"precision", "precision"},
                      {"unit", "unit"},
                      {"total_units", "units"},
                      {"title", "what it is"}});
  for (const auto& what : known) {
    if (!std::regex_search(what.name, name)) continue;
    list.add_row({what.name, std::string(profiles::to_string(what.kind)), known_or_none(what.network),
                  std::string(models::to_string(what.precision)), what.unit, what.total_units, what.title});
  }
  return list;
}

}  // namespace gpubench::cli
