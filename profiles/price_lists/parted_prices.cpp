#include "profiles/price_lists/parted_prices.hpp"

#include "profiles/price_lists/listed_gpu.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <utility>

namespace gpubench::profiles::detail {
namespace {

using accelerator_key = std::tuple<std::string, std::string, price_model>;  // GPU of gpus.csv, zone, price model

std::string zone_of(const listed_price& offer) {
  return offer.zone.empty() ? offer.region : offer.zone;
}

// The price of `count` of them: that which is listed, else the price of one times the number.
const listed_price* of_count(const std::vector<const listed_price*>& listed, double count, double& factor) {
  const listed_price* one = nullptr;
  for (const auto* offer : listed) {
    factor = 1;
    if (offer->gpu_count == count) return offer;
    if (offer->gpu_count == 1.0) one = offer;
  }
  factor = count;
  return one;
}

bool of_one_name(const std::vector<const listed_price*>& listed) {
  return std::all_of(listed.begin(), listed.end(),
                     [&](const listed_price* offer) { return offer->gpu == listed.front()->gpu; });
}

}  // namespace

void add_accelerators(std::vector<listed_price> hosts, const std::vector<listed_price>& accelerators,
                      const catalogue& known, price_list& into) {
  std::map<accelerator_key, std::vector<const listed_price*>> by_gpu;
  for (const auto& offer : accelerators)
    if (const auto* gpu = find_listed_gpu(known, offer.gpu, offer.gpu_memory_bytes))
      by_gpu[{gpu->name, zone_of(offer), offer.model}].push_back(&offer);

  for (auto& host : hosts) {
    const auto* type = known.find_instance(host.provider, host.instance_type);
    if (!type) {
      into.refused.push_back(refuse(host,
                                    "the list prices hosts and accelerators apart, and the catalogue does not "
                                    "know which this type has"));
      continue;
    }
    if (!type->has_gpu()) {
      into.prices.push_back(std::move(host));
      continue;
    }
    const auto found = by_gpu.find({type->gpu, zone_of(host), host.model});
    double factor = 1;
    const auto* part = found == by_gpu.end() || !of_one_name(found->second)
                           ? nullptr
                           : of_count(found->second, type->gpu_count, factor);
    if (!part) {
      into.refused.push_back(
          refuse(host, fmt::format("price of the host alone: the list has not one price of {} x {} in {}",
                                   type->gpu_count, type->gpu, zone_of(host))));
      continue;
    }
    host.amount_per_hour += factor * part->amount_per_hour;
    host.gpu = part->gpu;
    host.gpu_count = type->gpu_count;
    host.gpu_memory_bytes = part->gpu_memory_bytes;
    into.prices.push_back(std::move(host));
  }
}

}  // namespace gpubench::profiles::detail
