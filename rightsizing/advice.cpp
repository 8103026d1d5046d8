#include "rightsizing/advice.hpp"

#include "core/encoding.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "core/units.hpp"
#include "planner/offer_filter.hpp"
#include "planner/price_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "rightsizing/machine.hpp"
#include "rightsizing/sentences.hpp"

namespace gpubench::rightsizing {
namespace {

/// A change that saves less than this share is not worth its trouble. Judgement.
constexpr double worth_changing = 0.05;
/// From here on a machine is full: work waits for it.
constexpr double full = 0.9;
/// Less of a gain in speed is within what is not known. Judgement.
constexpr double worth_moving = 1.15;
/// CPUs for one that its host holds up: at least so many times as now.
constexpr double more_cpus = 1.3;
/// A GPU's own total is a little more or less than what it is sold with, a vGPU's at the least a 64th of it.
constexpr double most_of_sold_memory = 1.25, least_of_sold_memory = 1.0 / 64;

struct priced_type {
  const profiles::instance* instance;
  const profiles::price* price;
  double usd_per_hour;
};

/// The cheapest usable price of every instance type that the limits admit.
std::vector<priced_type> cheapest_prices(const profiles::catalogue& known, const advice_terms& terms) {
  const planner::offer_filter filter(terms.limits, known);
  planner::price_check usable(terms.limits, terms.now);
  std::vector<priced_type> all;
  for (const auto& type : known.instances) {
    if (!type.has_gpu() || !filter.admits(type)) continue;
    std::optional<priced_type> best;
    for (const auto* price : known.prices_of(type)) {
      if (!filter.admits(*price) || !usable.problem(type, *price).detail.empty()) continue;
      const double usd = known.rates.to_usd(price->amount_per_hour, price->currency);
      if (!best || usd < best->usd_per_hour) best = priced_type{&type, price, usd};
    }
    if (best) all.push_back(*best);
  }
  return all;
}

/// A pattern that no GPU on offer matches is a slip: without this, every machine would be told to stay as it is.
void require_offers(const profiles::catalogue& known, const advice_terms& terms) {
  if (terms.limits.gpu_pattern.empty()) return;
  const planner::offer_filter filter(terms.limits, known);
  const bool any = std::any_of(known.instances.begin(), known.instances.end(),
                               [&](const auto& type) { return type.has_gpu() && filter.admits(type); });
  if (any) return;
  std::set<std::string> names;
  for (const auto& type : known.instances)
    if (type.has_gpu()) names.insert(type.gpu);
  const auto similar = suggestion(terms.limits.gpu_pattern, {names.begin(), names.end()});
  throw error(error_kind::usage, fmt::format("--gpu '{}' matches no GPU that is on offer", terms.limits.gpu_pattern),
              similar.empty() ? "gpubench list instances shows the GPUs that there are" : similar);
}

/// Of its working time, the share in which a GPU is active; it waits for the rest.
double active_share(const device_summary& of) {
  const double busy = of.busy_time.value_or(1);
  return busy > 0 ? std::clamp(of.activity->mean / busy, 0.01, 1.0) : 1;
}

bool is_enough(const device_summary& seen) {
  return seen.observed_seconds >= least_observed_seconds && seen.covered >= least_covered;
}

/// Memory in another unit than its metric's name says, as its model shows: better none than a thousandth of it.
void forget_other_memory(device_summary& of, const profiles::gpu_spec* gpu, std::vector<std::string>& missing) {
  if (gpu == nullptr || !of.memory_total_bytes) return;
  const double of_sold = *of.memory_total_bytes / gpu->memory_bytes;
  if (of_sold >= least_of_sold_memory && of_sold <= most_of_sold_memory) return;
  missing.push_back(
      fmt::format("memory in use: {} in all are not those of {}, so that its unit is another than its name says",
                  format_bytes(*of.memory_total_bytes), gpu->name));
  of.memory_total_bytes.reset();
  of.memory_used_max_bytes.reset();
  of.memory_is_reserved = false;
}

/// A GPU's slices are one.
int count_gpus(const std::vector<device_summary>& devices) {
  std::set<std::string> gpus;
  for (const auto& each : devices) gpus.insert(each.gpu.empty() ? each.uuid : each.gpu);
  return static_cast<int>(gpus.size());
}

class adviser {
 public:
  adviser(const profiles::catalogue& known, const advice_terms& terms)
      : known_(known), terms_(terms), offers_(cheapest_prices(known, terms)) {
    auto present = terms;
    // What is rented now may be outside of what is looked for.
    present.limits.providers.clear();
    present.limits.regions.clear();
    present.limits.gpu_pattern.clear();
    present_ = cheapest_prices(known, present);
  }

  machine_advice advise(std::vector<device_summary> devices) {
    machine_advice result;
    result.host = devices.front().host;
    result.devices = std::move(devices);
    const auto* gpu = known_.find_gpu(result.devices.front().model);
    for (auto& each : result.devices) forget_other_memory(each, known_.find_gpu(each.model), result.missing);
    for (const auto& each : result.devices) result.bounds.push_back(find_bound(each, known_.find_gpu(each.model)));
    add_missing(result);
    find_present(result, gpu);
    find_unseen(result);
    decide(result);
    result.sentence = sentence_of(result);
    return result;
  }

 private:
  static void add_missing(machine_advice& result) {
    std::set<std::string> seen;
    for (const auto& bound : result.bounds)
      for (const auto& each : bound.missing)
        if (seen.insert(each).second) result.missing.push_back(each);
  }

  const priced_type* present_price(const profiles::instance* type) const {
    const auto found =
        std::find_if(present_.begin(), present_.end(), [&](const priced_type& each) { return each.instance == type; });
    return found == present_.end() ? nullptr : &*found;
  }

  const priced_type* cheapest_with(const std::vector<priced_type>& among, const profiles::gpu_spec* gpu,
                                   int count) const {
    const priced_type* best = nullptr;
    for (const auto& each : among) {
      if (known_.find_gpu(each.instance->gpu) != gpu || each.instance->gpu_fraction < 1 ||
          each.instance->gpu_count < count)
        continue;
      if (best == nullptr || each.usd_per_hour < best->usd_per_hour) best = &each;
    }
    return best;
  }

  /// What the user says of a machine against what was seen of it. It may have more GPUs than were seen.
  void require_same_gpus(const machine_advice& of) const {
    const auto& said = *of.instance;
    const auto refuse = [&](const std::string& seen) {
      throw error(error_kind::usage,
                  fmt::format("--instance {}: it has {} x {}, but {}{}", terms_.instance, said.gpu_count,
                              said.gpu.empty() ? "no GPU" : said.gpu, seen, of.host.empty() ? "" : " on " + of.host),
                  "name the type that was observed, or leave --instance out: the GPUs then say what it is");
    };
    for (const auto& each : of.devices) {
      const auto* seen = known_.find_gpu(each.model);
      if (seen != nullptr && seen != known_.find_gpu(said.gpu))
        refuse(fmt::format("{} was observed", printable(each.model)));
    }
    const int gpus = count_gpus(of.devices);
    if (gpus > std::max(said.gpu_count, 0)) refuse(fmt::format("{} GPUs were observed", gpus));
  }

  void find_present(machine_advice& result, const profiles::gpu_spec* gpu) const {
    const std::string& name = terms_.instance.empty() ? result.devices.front().instance_type : terms_.instance;
    if (!name.empty()) {
      const auto found = known_.find_instances(name);
      if (found.empty() && !terms_.instance.empty()) known_.require_instance(terms_.instance);
      if (!found.empty()) result.instance = found.front();
      if (result.instance != nullptr && !terms_.instance.empty()) require_same_gpus(result);
    }
    if (result.instance == nullptr && gpu != nullptr) {
      const int gpus = count_gpus(result.devices);
      // Where it is looked for is where it probably is.
      const priced_type* best = cheapest_with(offers_, gpu, gpus);
      if (best == nullptr) best = cheapest_with(present_, gpu, gpus);
      if (best != nullptr) result.instance = best->instance;
      result.instance_assumed = true;
    }
    if (const auto* price = present_price(result.instance)) {
      result.price = price->price;
      result.usd_per_month = price->usd_per_hour * hours_a_month;
    }
  }

  /// A log of one GPU, or a container that was given one, tells nothing of the rest of the machine.
  static void find_unseen(machine_advice& result) {
    if (result.instance == nullptr || result.instance_assumed) return;
    result.unseen_gpus = std::max(0, result.instance->gpu_count - count_gpus(result.devices));
    if (result.unseen_gpus > 0)
      result.missing.push_back(
          fmt::format("{} of {} GPUs of {}", result.unseen_gpus, result.instance->gpu_count, result.instance->name()));
  }

  option make_option(const weighed_machine& machine, const priced_type& offer, const predictor::device& device,
                     const fitting& fits) const {
    option made;
    made.instance = offer.instance;
    made.price = offer.price;
    made.instances = fits.instances;
    made.usd_per_month = offer.usd_per_hour * fits.instances * hours_a_month;
    made.used = fits.used;
    made.speed = fits.speed;
    made.may_wait = machine.may_wait;
    const auto precision = predictor::supported_precision(device, terms_.precision, models::precision::fp32);
    if (precision && *precision != terms_.precision) made.other_precision = precision;
    // Where it does not fit at an end of what is not known, the GPUs would be full.
    const auto busy_at = [&](demand_at end) {
      const auto found = fit(machine, *offer.instance, device, terms_.precision, end);
      return found ? found->used.fullest : 1.0;
    };
    made.busy = {busy_at(demand_at::low), busy_at(demand_at::expected), busy_at(demand_at::high)};
    made.busy.high = std::max({made.busy.high, made.busy.low, fits.used.fullest});
    made.busy.low = std::min(made.busy.low, made.busy.high);
    made.busy.expected = std::clamp(made.busy.expected, made.busy.low, made.busy.high);
    return made;
  }

  /// The best offer by `cost`, which may refuse one by giving nothing.
  template <class Cost>
  std::optional<option> best_offer(const weighed_machine& machine, demand_at end, const Cost& cost) const {
    std::optional<option> best;
    double least = 0;
    for (const auto& offer : offers_) {
      const auto device = predictor::device_of(*offer.instance, known_);
      if (!device.found || !runs_on(*machine.device.gpu, *device.found->gpu)) continue;
      const auto fits = fit(machine, *offer.instance, *device.found, terms_.precision, end);
      if (!fits) continue;
      const std::optional<double> usd = cost(offer, *fits);
      if (!usd || (best && *usd >= least)) continue;
      least = *usd;
      best = make_option(machine, offer, *device.found, *fits);
    }
    return best;
  }

  void decide(machine_advice& result) const {
    const bool observed =
        std::all_of(result.devices.begin(), result.devices.end(), [](const auto& each) { return each.activity; });
    const bool idle = std::all_of(result.bounds.begin(), result.bounds.end(),
                                  [](const auto& each) { return each.by == work_bound::idle; });
    const bool enough = std::all_of(result.devices.begin(), result.devices.end(), is_enough);
    if (observed && idle) {
      if (!enough || result.unseen_gpus > 0) return;
      const bool works = std::any_of(result.devices.begin(), result.devices.end(),
                                     [](const auto& each) { return each.busy_time.value_or(1) > stray_busy_time; });
      if (works) {
        result.answer = verdict::seldom;
        if (result.usd_per_month) {
          const double off = idle_hours_of(result.devices) * *result.usd_per_month;
          result.saving = range{off, off, off};
        }
        return;
      }
      result.answer = verdict::stop;
      if (result.usd_per_month)
        result.saving = range{*result.usd_per_month, *result.usd_per_month, *result.usd_per_month};
      return;
    }
    if (!observed || result.instance == nullptr || !result.usd_per_month) return;
    auto device = predictor::device_of(*result.instance, known_);
    if (!device.found || device.found->gpu == nullptr) return;
    const auto machine = weigh(result.devices, result.bounds, *result.instance, *device.found, terms_.may_wait);
    choose(result, machine);
    // Work that its host holds up is not done by a lesser GPU.
    if (!terms_.may_wait && result.answer != verdict::feed)
      cheaper_if_it_waits(result, weigh(result.devices, result.bounds, *result.instance, *device.found, true));
    if (!enough)
      result.missing.push_back(fmt::format("more time: {} were seen; a day is wanted, and half of the window",
                                           observed_time_of(result.devices)));
    if (!enough || result.unseen_gpus > 0) hedge(result);
  }

  /// What so little shows may be another hour's work, or leave out another GPU's.
  static void hedge(machine_advice& result) {
    result.if_less_was_needed.reset();
    result.if_work_may_wait.reset();
    if (result.answer == verdict::replace || result.answer == verdict::perhaps) {
      result.answer = verdict::perhaps;
      result.saving = range{0, 0, *result.usd_per_month - result.choice->usd_per_month};
    } else if (result.answer == verdict::faster) {
      result.answer = verdict::perhaps;
      result.is_sooner = true;
      result.saving = range{0, 0, result.saving->high};
    } else if (result.answer != verdict::keep) {
      result.answer = verdict::unknown;
      result.choice.reset();
      result.saving.reset();
    }
  }

  void choose(machine_advice& result, const weighed_machine& machine) const {
    if (held_up_by_host(result)) {
      if (result.instance_assumed)
        result.missing.emplace_back(
            "the instance's type (--instance): without it, how many CPUs there are now and whether more would help is "
            "not known");
      else
        feed(result, machine);
      if (result.choice) return;
    }
    cheaper(result, machine);
    if (result.answer == verdict::replace) return;
    const auto perhaps = std::exchange(result.choice, std::nullopt);
    const auto saving = std::exchange(result.saving, std::nullopt);
    if (is_full(result)) faster(result, machine);
    if (result.choice) return;
    result.choice = perhaps;
    result.saving = saving;
    result.answer = perhaps ? verdict::perhaps : verdict::keep;
  }

  static bool held_up_by_host(const machine_advice& result) {
    return std::any_of(result.bounds.begin(), result.bounds.end(),
                       [](const auto& each) { return each.by == work_bound::host; });
  }

  static bool is_full(const machine_advice& result) {
    return std::any_of(result.devices.begin(), result.devices.end(),
                       [](const auto& each) { return demand_of(each, false) >= full; });
  }

  /// What is cheaper than anything that keeps up at the busiest steps, and still gets all of the work done.
  void cheaper_if_it_waits(machine_advice& result, const weighed_machine& patient) const {
    // `perhaps` and `faster` promise nothing of the monthly price of the machine as it is rented now.
    const double now = result.answer == verdict::replace ? result.choice->usd_per_month : *result.usd_per_month;
    result.if_work_may_wait = best_offer(patient, demand_at::high,
                                         [&](const priced_type& offer, const fitting& fits) -> std::optional<double> {
                                           const double usd = offer.usd_per_hour * fits.instances * hours_a_month;
                                           return usd < (1 - worth_changing) * now ? std::optional(usd) : std::nullopt;
                                         });
  }

  void cheaper(machine_advice& result, const weighed_machine& machine) const {
    const double now = *result.usd_per_month;
    const auto price = [&](const priced_type& offer, const fitting& fits) -> std::optional<double> {
      const double usd = offer.usd_per_hour * fits.instances * hours_a_month;
      return usd < (1 - worth_changing) * now ? std::optional(usd) : std::nullopt;
    };
    const auto certain = best_offer(machine, demand_at::high, price);
    const auto possible = best_offer(machine, demand_at::low, price);
    if (certain) {
      result.answer = verdict::replace;
      result.choice = certain;
      result.saving = range{now - certain->usd_per_month, now - certain->usd_per_month, now - certain->usd_per_month};
      if (possible && possible->usd_per_month < certain->usd_per_month) {
        result.if_less_was_needed = possible;
        result.saving->high = now - possible->usd_per_month;
      }
    } else if (possible) {
      result.answer = verdict::perhaps;
      result.choice = possible;
      result.saving = range{0, 0, now - possible->usd_per_month};
    }
  }

  /// For a full machine: the month's work for the least money, done sooner, whatever was not observed. Both the present
  /// and the other instance count for the time with work alone; off hours are saved on either.
  void faster(machine_advice& result, const weighed_machine& machine) const {
    const double now = *result.usd_per_month;
    // Where a GPU waits, another one waits as long. The one that waits the most bounds the whole.
    double active = 1;
    for (std::size_t i = 0; i < result.devices.size(); ++i)
      if (result.bounds[i].by != work_bound::idle) active = std::min(active, active_share(result.devices[i]));
    const auto speed_of_work = [&](double speed_of_gpu) { return 1 / (1 - active + active / speed_of_gpu); };
    const auto price_of_work = [&](const priced_type& offer, const fitting& fits) -> std::optional<double> {
      const double speed = speed_of_work(fits.speed.low);
      if (speed < worth_moving) return std::nullopt;
      const double usd = offer.usd_per_hour * fits.instances * hours_a_month / speed;
      return usd <= now ? std::optional(usd) : std::nullopt;
    };
    const auto best = best_offer(machine, demand_at::high, price_of_work);
    if (!best) return;
    result.answer = verdict::faster;
    result.choice = best;
    auto& speed = result.choice->speed;
    speed = {speed_of_work(speed.low), speed_of_work(speed.expected), speed_of_work(speed.high)};
    const double working = working_time(result.devices);
    const auto saved = [&](double by) { return working * (now - best->usd_per_month / by); };
    result.saving = range{saved(speed.low), saved(speed.expected), saved(speed.high)};
  }

  /// The same GPUs with more CPUs, for at most what the GPUs' waiting costs.
  void feed(machine_advice& result, const weighed_machine& machine) const {
    if (!result.instance->vcpus) return;
    const double now = *result.usd_per_month;
    double waiting = 0;
    for (std::size_t i = 0; i < result.devices.size(); ++i)
      if (result.bounds[i].by == work_bound::host) waiting = std::max(waiting, 1 - active_share(result.devices[i]));
    const auto price = [&](const priced_type& offer, const fitting& fits) -> std::optional<double> {
      const double usd = offer.usd_per_hour * fits.instances * hours_a_month;
      const double cpus = offer.instance->vcpus.value_or(0) * fits.instances;
      if (known_.find_gpu(offer.instance->gpu) != machine.device.gpu || offer.instance->gpu_fraction < 1 ||
          offer.instance->gpu_count * fits.instances < static_cast<int>(machine.active) ||
          cpus < more_cpus * *result.instance->vcpus || usd * (1 - waiting) > now)
        return std::nullopt;
      return usd;
    };
    const auto best = best_offer(machine, demand_at::high, price);
    if (!best) return;
    result.answer = verdict::feed;
    result.choice = best;
    // More CPUs make it faster by their number at the most, and by no more than the GPU waits now.
    const double most =
        std::min(1 / std::max(1 - waiting, 0.01), *best->instance->vcpus * best->instances / *result.instance->vcpus);
    result.choice->speed = {1, std::max(1.0, (1 + most) / 2), most};
  }

  const profiles::catalogue& known_;
  const advice_terms& terms_;
  std::vector<priced_type> offers_, present_;
};

}  // namespace

std::string_view to_string(verdict of) {
  switch (of) {
    case verdict::stop:
      return "stop";
    case verdict::seldom:
      return "off between";
    case verdict::replace:
      return "replace";
    case verdict::perhaps:
      return "perhaps";
    case verdict::faster:
      return "faster";
    case verdict::feed:
      return "more CPUs";
    case verdict::keep:
      return "keep";
    case verdict::unknown:
      return "unknown";
  }
  return "";
}

advice advise(const std::vector<device_summary>& devices, const profiles::catalogue& known, const advice_terms& terms) {
  std::map<std::string, std::vector<device_summary>> by_host;
  for (const auto& each : devices) by_host[each.host].push_back(each);
  require_offers(known, terms);
  adviser one(known, terms);
  advice result;
  for (auto& [host, of_host] : by_host) result.machines.push_back(one.advise(std::move(of_host)));
  std::stable_sort(result.machines.begin(), result.machines.end(),
                   [](const machine_advice& a, const machine_advice& b) {
                     const auto low = [](const machine_advice& each) { return each.saving ? each.saving->low : 0; };
                     return low(a) > low(b);
                   });
  result.notes.emplace_back(
      "Prices are those of the catalogue for whole hours, 730 a month, without storage, transfer and discounts.");
  result.notes.emplace_back(
      "Host memory, disks and the speed of single CPU cores were not weighed; a trial of an hour shows whether they "
      "do.");
  return result;
}

}  // namespace gpubench::rightsizing
