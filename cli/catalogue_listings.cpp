#include "cli/listings.hpp"
#include "core/units.hpp"

#include <algorithm>
#include <regex>

namespace gpubench::cli {
namespace {

using value = report::table::value;

value known_or_none(const std::optional<double>& number, double unit = 1) {
  return number ? value(*number / unit) : value();
}
value known_or_none(const std::string& text) {
  return text.empty() ? value() : value(text);
}

// The lowest price of a price model in the region asked for, in USD: also where it is above the highest asked for,
// which another price of the instance may be below.
value lowest(const profiles::catalogue& known, const profiles::instance& type, const list_filter& filter,
             profiles::price_model model) {
  std::optional<double> low;
  for (const auto* offer : known.prices_of(type)) {
    if (offer->model != model || (!filter.region.empty() && offer->region != filter.region)) continue;
    const double usd = known.rates.to_usd(offer->amount_per_hour, offer->currency);
    low = std::min(low.value_or(usd), usd);
  }
  return known_or_none(low);
}

}  // namespace

report::table gpu_table(const profiles::catalogue& known, const list_filter& filter) {
  report::table list({{"gpu", "GPU"},
                      {"vendor", "vendor", 4, 6},
                      {"architecture", "architecture", 4, 5},
                      {"memory_gib", "memory GiB"},
                      {"memory_gb_per_second", "GB/s"},
                      {"dense_peak_fp32_tflop_per_second", "fp32 TFLOP/s", 4, 1},
                      {"dense_peak_bf16_tflop_per_second", "bf16 TFLOP/s"},
                      {"dense_peak_fp8_tflop_per_second", "fp8 TFLOP/s"},
                      {"tdp_watts", "TDP W", 4, 2},
                      {"release_year", "year", 4, 4},
                      {"source", "source", 4, 9},
                      {"source_date", "of", 4, 3}});
  using models::precision;
  for (const auto* spec : profiles::list_gpus(known, filter)) {
    const auto& gpu = *spec;
    list.add_row(
        {gpu.name, gpu.vendor, gpu.architecture, gpu.memory_bytes / gib,
         known_or_none(gpu.memory_bandwidth_bytes_per_second, giga),
         known_or_none(gpu.dense_peak(precision::fp32), tera), known_or_none(gpu.dense_peak(precision::bf16), tera),
         known_or_none(gpu.dense_peak(precision::fp8), tera), known_or_none(gpu.tdp_watts),
         gpu.release_year ? value(std::to_string(*gpu.release_year)) : value(), gpu.origin.source, gpu.origin.date});
  }
  return list;
}

report::table instance_table(const profiles::catalogue& known, const list_filter& filter) {
  report::table list({{"provider", "provider"},
                      {"instance_type", "instance type"},
                      {"gpu", "GPU"},
                      {"gpu_count", "GPUs"},
                      {"gpu_fraction", "share of each", 4, 3},
                      {"gpu_memory_gib", "GiB each"},
                      {"cpu", "CPU", 4, 8},
                      {"vcpus", "vCPU"},
                      {"host_memory_gib", "host GiB", 4, 4},
                      {"network_gbit_per_second", "Gbit/s", 4, 5},
                      {"on_demand_usd_per_hour", "on demand $/h"},
                      {"spot_usd_per_hour", "spot $/h"},
                      {"commitment_usd_per_hour", "commitment $/h", 4, 1}});
  for (const auto& listed : profiles::list_instances(known, filter)) {
    const auto& type = *listed.type;
    list.add_row({type.provider, type.type, known_or_none(type.gpu), static_cast<double>(type.gpu_count),
                  type.has_gpu() ? value(type.gpu_fraction) : value(), known_or_none(type.gpu_memory_bytes, gib),
                  known_or_none(type.cpu), known_or_none(type.vcpus), known_or_none(type.host_memory_bytes, gib),
                  known_or_none(type.network_bits_per_second, giga),
                  lowest(known, type, filter, profiles::price_model::on_demand),
                  lowest(known, type, filter, profiles::price_model::spot),
                  lowest(known, type, filter, profiles::price_model::commitment)});
  }
  return list;
}

report::table price_table(const profiles::catalogue& known, const list_filter& filter) {
  report::table list({{"provider", "provider"},
                      {"instance_type", "instance type"},
                      {"region", "region"},
                      {"price_model", "price model"},
                      {"term", "term", 4, 4},
                      {"amount_per_hour", "an hour", 4, 2},
                      {"currency", "currency", 4, 2},
                      {"usd_per_hour", "$/h"},
                      {"checked", "checked", 4, 5},
                      {"source", "source", 4, 9},
                      {"source_date", "of", 4, 3}});
  for (const auto* offer : profiles::list_prices(known, filter)) {
    list.add_row({offer->provider, offer->instance_type, offer->region, std::string(profiles::to_string(offer->model)),
                  known_or_none(offer->term), offer->amount_per_hour, offer->currency,
                  known.rates.to_usd(offer->amount_per_hour, offer->currency), offer->checked, offer->origin.source,
                  offer->origin.date});
  }
  return list;
}

report::table workload_table(const std::vector<profiles::workload>& known, const list_filter& filter) {
  const std::regex name(filter.name_pattern, std::regex::icase);
  report::table list({{"workload", "workload"},
                      {"kind", "kind", 4, 5},
                      {"network", "network", 4, 6},
                      {"precision", "precision", 4, 4},
                      {"unit", "unit", 4, 4},
                      {"total_units", "units", 4, 3},
                      {"title", "what it is"}});
  for (const auto& what : known) {
    if (!std::regex_search(what.name, name)) continue;
    list.add_row({what.name, std::string(profiles::to_string(what.kind)), known_or_none(what.network),
                  std::string(models::to_string(what.precision)), what.unit, what.total_units, what.title});
  }
  return list;
}

}  // namespace gpubench::cli
