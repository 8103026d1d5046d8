#include "comparison/sides.hpp"

#include "core/error.hpp"
#include "core/median.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <string_view>

namespace gpubench::comparison {
namespace {

using results::measurement;
using results::measurement_status;

/// What the noise of a device depends on most; libraries and variables seldom make it another one.
constexpr std::string_view noise_keys[] = {
    "cpu",         "microarchitecture", "cpu_family",       "usable_cpus", "instance_type", "gpu",
    "power_limit", "max_sm_clock",      "max_memory_clock", "ecc",         "mig",           "driver"};

bool has_times(const measurement& m) {
  return m.status == measurement_status::ok && !m.samples_ns.empty() &&
         std::all_of(m.samples_ns.begin(), m.samples_ns.end(), [](double sample) { return sample > 0; });
}

std::optional<double> known_median(const std::vector<double>& values) {
  return values.empty() ? std::nullopt : std::optional(median_of(values));
}

}  // namespace

bool has_failed(const measurement* m) {
  return m->status == measurement_status::failed;
}

bool is_wrong(const measurement* m) {
  return has_failed(m) && m->verification && !m->verification->passed();
}

bool holds_summary(const measurements& all) {
  return std::any_of(all.begin(), all.end(),
                     [](const measurement* m) { return m->status == measurement_status::ok && m->samples_ns.empty(); });
}

void require_distinct_runs(const side& s) {
  if (s.runs.empty()) throw error(error_kind::usage, fmt::format("{} holds no run", s.name));
  std::set<std::string> ids;
  for (const auto& run : s.runs)
    if (!ids.insert(run.id).second)
      throw error(error_kind::usage, fmt::format("{}: run {} is given twice", s.name, run.id),
                  "one run counted twice is no second run: leave one out");
}

void require_apart(const side& base, const side& fresh) {
  std::set<std::string> of_base, of_fresh;
  for (const auto& run : base.runs) of_base.insert(run.id);
  for (const auto& run : fresh.runs) of_fresh.insert(run.id);
  if (of_base == of_fresh) return;  // held against itself, whose rows are the same
  for (const auto& id : of_fresh)
    if (of_base.count(id) != 0)
      throw error(error_kind::usage, fmt::format("run {} is on both sides, {} and {}", id, base.name, fresh.name),
                  "it says nothing about a change and hides one: leave it out of one side");
}

std::vector<std::pair<benchmark_key, pair_of_sides>> match(const side& base, const side& fresh) {
  std::vector<std::pair<benchmark_key, pair_of_sides>> found;
  std::map<benchmark_key, std::size_t> places;
  const auto gather = [&](const side& s, measurements pair_of_sides::*usable, measurements pair_of_sides::*all) {
    for (const auto& run : s.runs) {
      std::set<std::size_t> seen;
      for (const auto& m : run.measurements) {
        // What drives a GPU differs between vendors; the GPU's work does not.
        auto key = key_of(m);
        if (m.device != "cpu") key.backend.clear();
        const auto [place, is_new] = places.emplace(std::move(key), found.size());
        if (is_new) found.push_back({key_of(m), {}});
        auto& sides = found[place->second].second;
        if (!seen.insert(place->second).second) sides.repeated_in = run.id;
        (sides.*all).push_back(&m);
        if (has_times(m)) (sides.*usable).push_back(&m);
      }
    }
  };
  gather(base, &pair_of_sides::base, &pair_of_sides::all_base);
  gather(fresh, &pair_of_sides::fresh, &pair_of_sides::all_fresh);
  return found;
}

side_facts facts_of(const measurements& usable, const measurements& all) {
  side_facts facts;
  facts.runs = usable.size();
  const auto with_status = [&](measurement_status status) {
    return static_cast<std::size_t>(
        std::count_if(all.begin(), all.end(), [&](const measurement* m) { return m->status == status; }));
  };
  facts.failed = with_status(measurement_status::failed);
  facts.skipped = with_status(measurement_status::skipped);
  std::vector<double> medians, clocks;
  for (const auto* m : usable) {
    facts.samples += m->samples_ns.size();
    medians.push_back(summarize(m->samples_ns).median);
    if (const auto clock = clock_of(*m)) clocks.push_back(*clock);
  }
  facts.time_ns = known_median(medians);
  if (clocks.size() == usable.size()) facts.clock_hertz = known_median(clocks);
  if (!usable.empty()) return facts;
  if (all.empty()) {
    facts.reason = "not measured";
  } else if (all.front()->status == measurement_status::ok) {
    facts.reason = all.front()->samples_ns.empty() ? "stated by another tool without samples"
                                                   : "a time of 0, below the clock's resolution";
  } else {
    facts.reason = fmt::format("{}: {}", results::to_string(all.front()->status), all.front()->reason);
  }
  return facts;
}

void add_missing(std::vector<difference>& known, const std::vector<difference>& more) {
  for (const auto& d : more)
    if (std::find(known.begin(), known.end(), d) == known.end()) known.push_back(d);
}

std::string keys_in(const std::vector<difference>& differences, const std::set<std::string>& allowed) {
  std::vector<std::string> keys;
  for (const auto& d : differences)
    if (d.forbids && allowed.count(d.key) == 0 && std::find(keys.begin(), keys.end(), d.key) == keys.end())
      keys.push_back(d.key);
  return join(keys, ", ");
}

bool are_identical(const pair_of_sides& sides) {
  return std::equal(sides.base.begin(), sides.base.end(), sides.fresh.begin(), sides.fresh.end(),
                    [](const measurement* base, const measurement* fresh) { return *base == *fresh; });
}

void require_noise_of(const side& fresh, const std::string& device, const noise_profile& profile,
                      const std::set<std::string>& allowed) {
  results::run then;
  then.tool_version = profile.tool_version;
  then.environment = profile.environment;
  for (const auto& d : machine_differences({then}, fresh.runs, device)) {
    if (std::find(std::begin(noise_keys), std::end(noise_keys), d.key) == std::end(noise_keys) ||
        !forbids({d}, allowed))
      continue;
    throw error(error_kind::input,
                fmt::format("the noise profile is of another machine: {} was {}, and is {}", d.key, d.base, d.fresh),
                "measure the noise of this one: gpubench selftest; or --allow " + d.key);
  }
}

}  // namespace gpubench::comparison
