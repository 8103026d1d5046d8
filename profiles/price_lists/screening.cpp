#include "profiles/price_lists/screening.hpp"

#include "core/text.hpp"
#include "profiles/detail/data_file.hpp"
#include "profiles/detail/price_limits.hpp"
#include "profiles/price_lists/listed_type.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <utility>

namespace gpubench::profiles {
namespace {

using detail::key_of;

constexpr double outlier_factor = 10;
// Clouds sell spare capacity at a tenth to a half of the list price; below a twentieth stands what one may bid at
// least.
constexpr double lowest_spot_fraction = 0.05;

// Names go into files that people open in browsers and spreadsheets.
bool is_plain_name(std::string_view name) {
  constexpr std::size_t longest = 128;
  constexpr std::string_view also = " ._-/:+(),&#";
  if (name.empty() || name.size() > longest || std::string_view("=+-@").find(name.front()) != std::string_view::npos)
    return false;
  return std::all_of(name.begin(), name.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           also.find(c) != std::string_view::npos;
  });
}

bool is_tenfold(double a, double b) {
  constexpr double rounding = 1e-9;
  return std::max(a, b) >= outlier_factor * (1 - rounding) * std::min(a, b);
}

std::string price_key(std::string_view provider, std::string_view type, std::string_view region, price_model model,
                      std::string_view term) {
  return key_of({provider, type, region, to_string(model), term});
}

struct candidate {
  const listed_price* offer = nullptr;
  const instance* type = nullptr;
  double usd = 0;
};

class screener {
 public:
  screener(const price_list& list, const catalogue& known, const std::map<std::string, provenance>& origins)
      : list_(&list), known_(&known), origins_(&origins), types_(known) {}

  screened_list screen() {
    result_.refused = list_->refused;
    collect();
    learn();
    for (const auto& one : candidates_) {
      if (const auto why = outlier(one)) {
        drop(*one.offer, *why);
      } else {
        keep(one);
      }
    }
    finish();
    return std::move(result_);
  }

 private:
  void drop(const listed_price& offer, std::string why) { result_.refused.push_back(refuse(offer, std::move(why))); }

  const provenance& origin_of(const listed_price& offer) const { return origins_->at(offer.position.file); }

  // What can be said of one price by itself.
  void collect() {
    for (const auto& offer : list_->prices) {
      if (!is_plain_name(offer.provider) || !is_plain_name(offer.instance_type) || !is_plain_name(offer.region)) {
        drop(offer, "a name is empty, too long, or holds characters that no provider's names have");
        continue;
      }
      if (!(offer.amount_per_hour > 0)) {
        drop(offer, offer.amount_per_hour == 0 ? "a price of zero: not priced yet" : "a price below zero");
        continue;
      }
      if (offer.currency != "USD" && !known_->rates.knows(offer.currency)) {
        drop(offer, fmt::format("currency '{}' has no rate in exchange_rates.csv", offer.currency));
        continue;
      }
      const auto& verdict = types_.of(offer, origin_of(offer));
      if (!verdict.type) {
        drop(offer, verdict.refusal);
        continue;
      }
      const double usd = known_->rates.to_usd(offer.amount_per_hour, offer.currency);
      const auto range = detail::sane_price(*verdict.type);
      if (range && !range->holds(usd)) {
        drop(offer, fmt::format("{:g} USD an hour is outside of {:.4g} to {:.4g} USD for {}", usd, range->low,
                                range->high, verdict.type->name()));
        continue;
      }
      candidates_.push_back({&offer, verdict.type, usd});
    }
  }

  static std::string type_key(const instance& type, price_model model, std::string_view term) {
    return key_of({type.provider, type.type, to_string(model), term});
  }
  static double gpus_of(const instance& type) { return type.gpu_count * type.gpu_fraction; }

  void learn() {
    std::unordered_map<std::string, std::vector<double>> by_gpu, by_type;
    for (const auto& cost : known_->prices) {
      const double usd = known_->rates.to_usd(cost.amount_per_hour, cost.currency);
      present_usd_.emplace(price_key(cost.provider, cost.instance_type, cost.region, cost.model, cost.term), usd);
      const auto* type = known_->find_instance(cost.provider, cost.instance_type);
      if (type && type->has_gpu()) by_gpu[key_of({type->gpu, to_string(cost.model)})].push_back(usd / gpus_of(*type));
    }
    for (const auto& one : candidates_) {
      const auto& offer = *one.offer;
      by_type[type_key(*one.type, offer.model, offer.term)].push_back(one.usd);
      if (offer.model != price_model::on_demand) continue;
      const auto [place, fresh] =
          on_demand_usd_.emplace(key_of({one.type->provider, one.type->type, offer.region}), one.usd);
      if (!fresh) place->second = std::min(place->second, one.usd);
    }
    constexpr std::size_t fewest = 3;  // of which one wrong price is not the median
    for (auto& [key, usd] : by_gpu)
      if (usd.size() >= fewest) gpu_median_[key] = upper_median(usd);
    for (auto& [key, usd] : by_type)
      if (usd.size() >= fewest) type_median_[key] = upper_median(usd);
  }

  std::optional<double> on_demand_of(const candidate& one) const {
    const auto here = on_demand_usd_.find(key_of({one.type->provider, one.type->type, one.offer->region}));
    if (here != on_demand_usd_.end()) return here->second;
    const auto present =
        present_usd_.find(price_key(one.type->provider, one.type->type, one.offer->region, price_model::on_demand, ""));
    if (present != present_usd_.end()) return present->second;
    return std::nullopt;
  }

  // What can be said of one price beside others.
  std::optional<std::string> outlier(const candidate& one) const {
    const auto& offer = *one.offer;
    if (offer.model == price_model::spot) {
      const auto on_demand = on_demand_of(one);
      if (on_demand && one.usd < lowest_spot_fraction * *on_demand)
        return fmt::format(
            "spot price {:g} USD is below a twentieth of {:g} USD on demand: a floor of bids, not a price", one.usd,
            *on_demand);
      const auto usual = gpu_median_.find(key_of({one.type->gpu, to_string(price_model::on_demand)}));
      if (!on_demand && usual != gpu_median_.end() &&
          one.usd < lowest_spot_fraction * usual->second * gpus_of(*one.type))
        return fmt::format(
            "spot price {:g} USD is below a twentieth of what {:g} x {} usually cost: a floor of bids, not a price",
            one.usd, gpus_of(*one.type), one.type->gpu);
      if (on_demand && one.usd > *on_demand)
        return fmt::format("spot price {:g} USD is above {:g} USD on demand", one.usd, *on_demand);
    }
    const auto compare = [&](const auto& values, const std::string& key, double usd,
                             std::string_view what) -> std::optional<std::string> {
      const auto found = values.find(key);
      if (found == values.end() || !is_tenfold(usd, found->second)) return std::nullopt;
      return fmt::format("{:g} USD is tenfold off {}, {:g} USD", usd, what, found->second);
    };
    if (auto why =
            compare(present_usd_, price_key(one.type->provider, one.type->type, offer.region, offer.model, offer.term),
                    one.usd, "the present price"))
      return why;
    if (auto why = compare(type_median_, type_key(*one.type, offer.model, offer.term), one.usd,
                           "the median of this type in the list"))
      return why;
    if (!one.type->has_gpu()) return std::nullopt;
    return compare(gpu_median_, key_of({one.type->gpu, to_string(offer.model)}), one.usd / gpus_of(*one.type),
                   fmt::format("the catalogue's median for one {}", one.type->gpu));
  }

  // Of the zones of a region, and of rows that stand twice, the cheapest.
  void keep(const candidate& one) {
    const auto& offer = *one.offer;
    const auto key = price_key(offer.provider, offer.instance_type, offer.region, offer.model, offer.term);
    const auto [place, fresh] = groups_.try_emplace(key, kept_.size());
    if (fresh) {
      kept_.push_back({one, one.usd, one.usd, 1});
      return;
    }
    auto& group = kept_[place->second];
    group.low = std::min(group.low, one.usd);
    group.high = std::max(group.high, one.usd);
    ++group.rows;
    if (one.usd < group.best.usd) group.best = one;
  }

  void finish() {
    std::unordered_map<const instance*, bool> told;
    for (const auto& group : kept_) {
      const auto& offer = *group.best.offer;
      price cost;
      cost.provider = group.best.type->provider;
      cost.instance_type = group.best.type->type;
      cost.region = offer.region;
      cost.model = offer.model;
      cost.term = offer.term;
      cost.amount_per_hour = offer.amount_per_hour;
      cost.currency = offer.currency;
      cost.origin = origin_of(offer);
      cost.origin.position = offer.position;
      cost.origin.note = fmt::format("line {}", offer.position.line);
      if (group.rows > 1 && group.low < group.high)
        cost.origin.note += fmt::format("; cheapest of {} rows, {:g} to {:g} USD", group.rows, group.low, group.high);
      else if (group.rows > 1)
        cost.origin.note += fmt::format("; the same in {} rows", group.rows);
      auto doubt = offer.doubt;
      if (offer.model == price_model::spot && is_placeholder(group.best))
        doubt = "exactly a tenth of the on-demand price: a placeholder";
      cost.checked = doubt.empty();
      if (!doubt.empty()) cost.origin.note += "; " + doubt;
      result_.prices.push_back(std::move(cost));
      if (types_.is_new(*group.best.type) && told.emplace(group.best.type, true).second)
        result_.new_types.push_back(*group.best.type);
    }
  }

  bool is_placeholder(const candidate& one) const {
    const auto on_demand = on_demand_of(one);
    return on_demand && std::abs(one.usd * 10 - *on_demand) < 1e-9 * *on_demand;
  }

  struct zone_group {
    candidate best;
    double low = 0, high = 0;
    std::size_t rows = 0;
  };

  const price_list* list_;
  const catalogue* known_;
  const std::map<std::string, provenance>* origins_;
  detail::listed_types types_;
  std::vector<candidate> candidates_;
  std::unordered_map<std::string, double> present_usd_, on_demand_usd_, gpu_median_, type_median_;
  std::unordered_map<std::string, std::size_t> groups_;
  std::vector<zone_group> kept_;
  screened_list result_;
};

}  // namespace

double upper_median(std::vector<double>& values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

screened_list screen(price_list list, const catalogue& known, const std::map<std::string, provenance>& origins) {
  return screener(list, known, origins).screen();
}

}  // namespace gpubench::profiles
