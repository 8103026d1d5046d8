#include "cli/owned_machine.hpp"

#include "cli/values.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include "predictor/fabric.hpp"

namespace gpubench::cli {

using profiles::detail::toml_reader;

namespace {

profiles::interconnect interconnect_of(const toml_reader& from, int gpus) {
  constexpr const char* key = "gpu_interconnect";
  const auto link = profiles::parse_interconnect(from.text(key));
  if (!link || *link == profiles::interconnect::none)
    from.refuse(key, fmt::format("'{}' joins no GPUs", from.text(key)), "pcie, nvlink, nvswitch or infinity-fabric");
  if (gpus < 2) from.refuse(key, "one GPU is joined to no other", "state gpu_count, or leave gpu_interconnect out");
  return *link;
}

}  // namespace

owned_machine read_machine(const toml_reader& from, const file_position& position) {
  from.allow_only({"name", "gpu", "gpu_count", "gpu_interconnect", "cpu", "vcpus", "physical_cores", "host_memory",
                   "network_gbit_per_second", "currency", "purchase", "resale", "amortisation_years", "power_watts",
                   "pue", "energy_price_per_kwh", "staff_per_year", "utilisation"});
  constexpr double most = 1e12;
  owned_machine own;
  own.position = position;
  own.type.provider = cost::own_provider;
  own.type.type = from.text("name");
  own.type.gpu = from.text_or("gpu", "");
  for (const char* of_gpus : {"gpu_count", "gpu_interconnect"})
    if (own.type.gpu.empty() && from.has(of_gpus))
      from.refuse(of_gpus, fmt::format("{} without gpu", of_gpus), "name the part with gpu; gpubench list gpus");
  own.type.gpu_count = static_cast<int>(from.integer_or("gpu_count", 1, 1024, own.type.gpu.empty() ? 0 : 1));
  if (from.has("gpu_interconnect")) own.type.gpu_interconnect = interconnect_of(from, own.type.gpu_count);
  own.type.cpu = from.text_or("cpu", "");
  own.type.vcpus = from.optional_number("vcpus", 1, 100'000);
  own.type.physical_cores = from.optional_number("physical_cores", 1, 100'000);
  if (from.has("host_memory")) {
    try {
      own.type.host_memory_bytes = parse_bytes(from.text("host_memory"));
    } catch (const error& refused) {
      from.refuse("host_memory", refused.what(), refused.hint());
    }
  }
  if (const auto gigabits = from.optional_number("network_gbit_per_second", 1e-3, 1e6))
    own.type.network_bits_per_second = *gigabits * 1e9;
  own.currency = from.text_or("currency", "USD");
  own.bill.purchase = from.number("purchase", 0, most);
  own.bill.resale = from.optional_number("resale", 0, most).value_or(0);
  own.bill.amortisation_years = from.optional_number("amortisation_years", 0.1, 50).value_or(4);
  own.bill.power_watts = from.optional_number("power_watts", 0, 1e7).value_or(0);
  own.bill.pue = from.optional_number("pue", 1, 10).value_or(1);
  own.bill.energy_price_per_kwh = from.optional_number("energy_price_per_kwh", 0, 1e6).value_or(0);
  own.bill.staff_per_year = from.optional_number("staff_per_year", 0, most).value_or(0);
  own.bill.utilisation = from.optional_number("utilisation", 1e-3, 1).value_or(1);
  if (own.bill.resale > own.bill.purchase)
    from.refuse("resale", "resale is more than purchase", "what it brings at the end of its life");
  return own;
}

void add_machine(const owned_machine& own, profiles::catalogue& known, std::chrono::system_clock::time_point now) {
  const auto require = [&](bool is_known, const std::string& what, const std::string& hint) {
    if (!is_known) throw error(error_kind::input, own.position, what, hint);
  };
  require(own.type.gpu.empty() || known.find_gpu(own.type.gpu), fmt::format("GPU '{}' is not known", own.type.gpu),
          "gpubench list gpus");
  require(own.type.cpu.empty() || known.find_cpu(own.type.cpu), fmt::format("CPU '{}' is not known", own.type.cpu),
          "a name in cpus.csv, or leave it out");
  require(own.currency == "USD" || known.rates.knows(own.currency),
          fmt::format("currency '{}' has no exchange rate", own.currency), "--rate " + own.currency + "=UNITS");
  profiles::instance type = own.type;
  if (!type.gpu.empty()) {
    const auto& gpu = *known.find_gpu(type.gpu);
    type.gpu = gpu.name;
    if (type.gpu_count > 1 && type.gpu_interconnect == profiles::interconnect::none)
      type.gpu_interconnect = predictor::usual_interconnect(gpu);
  }
  type.origin = {own.position.file, format_utc(now).substr(0, 10), "", own.position};
  profiles::price hour;
  hour.provider = type.provider;
  hour.instance_type = type.type;
  hour.region = cost::own_provider;
  hour.amount_per_hour = cost::hour_of(own.bill).total();
  hour.currency = own.currency;
  hour.origin = type.origin;
  require(hour.amount_per_hour > 0, "a machine of one's own that costs nothing cannot be ranked",
          "state purchase, power_watts with energy_price_per_kwh, or staff_per_year");
  known.instances.push_back(std::move(type));
  known.prices.push_back(std::move(hour));
  known.index();
}

cost::own_hardware bill_of(const owned_machine& own, const profiles::catalogue& known) {
  cost::own_hardware bill = own.bill;
  for (double* money : {&bill.purchase, &bill.resale, &bill.energy_price_per_kwh, &bill.staff_per_year})
    *money = known.rates.to_usd(*money, own.currency);
  return bill;
}

}  // namespace gpubench::cli
