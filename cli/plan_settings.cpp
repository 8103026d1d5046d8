#include "cli/plan_settings.hpp"

#include "core/fraction.hpp"
#include "core/text.hpp"
#include "core/toml.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace gpubench::cli {
namespace {

double number_in(const std::string& text, double low, double high) {
  const auto value = parse_number(trim(text));
  if (!value || *value < low || *value > high)
    throw error(error_kind::usage, fmt::format("'{}' is not a number from {:g} to {:g}", text, low, high));
  return *value;
}

double fraction_in(const std::string& text, double low, double high) {
  const auto value = parse_fraction(text);
  if (!value || *value < low || *value > high)
    throw error(error_kind::usage, fmt::format("'{}' is not a share from {:g} to {:g}", text, low, high),
                "write 0.05 or 5%");
  return *value;
}

double seconds_in(const std::string& text) {
  // A delay may be nothing; parse_duration() wants more than that.
  const auto bare = trim(text);
  if (bare == "0" || bare == "0s") return 0;
  return parse_duration(text).count();
}

/// "1y", "18mo", or a duration; whole minutes.
std::size_t horizon_steps(const std::string& text) {
  std::string_view rest = trim(text);
  const auto months = [&](std::string_view unit, double each) -> std::optional<double> {
    if (rest.size() <= unit.size() || rest.substr(rest.size() - unit.size()) != unit) return std::nullopt;
    const auto count = parse_number(trim(rest.substr(0, rest.size() - unit.size())));
    if (!count) return std::nullopt;
    return *count * each * static_cast<double>(capacity::steps_per_month);
  };
  auto steps = months("mo", 1);
  if (!steps) steps = months("y", 12);
  if (!steps) steps = parse_duration(text).count() / capacity::step_seconds;
  constexpr double most = 10.0 * capacity::steps_per_year;
  if (!(*steps >= capacity::steps_per_hour && *steps <= most))
    throw error(error_kind::usage, fmt::format("'{}' is not from an hour to ten years", text),
                "write a horizon as 1y, 18mo, 90d or 24h");
  return static_cast<std::size_t>(std::llround(*steps));
}

void add_quota(plan_options& options, const std::string& text) {
  const auto equals = text.rfind('=');
  if (equals == std::string::npos) {
    options.quota = parse_count(text, 0, 1'000'000);
    return;
  }
  const std::string type(trim(std::string_view(text).substr(0, equals)));
  if (type.empty())
    throw error(error_kind::usage, fmt::format("'{}' names no instance type", text), "write 64, or p5.48xlarge=8");
  options.quota_of_type[type] = parse_count(text.substr(equals + 1), 0, 1'000'000);
}

std::vector<plan_setting> make_settings() {
  using o = plan_options;
  using text = const std::string&;
  std::vector<plan_setting> all;
  const auto add = [&](const char* name, const char* type, const char* help, auto apply, bool is_list = false) {
    all.push_back({name, type, help, is_list, apply});
  };
  const auto duration = [&](const char* name, const char* help, auto member) {
    add(name, "DURATION", help, [member](o& x, text t) { x.scaling.*member = seconds_in(t); });
  };
  using scaling = capacity::autoscaler_settings;
  add("demand", "FILE", "a CSV trace of demand (docs/capacity.md); without it demand is made up",
      [](o& x, text t) { x.trace = t; });
  add("fill", "RULE", "what stands in the trace's gaps: refuse (default), hold, zero or linear",
      [](o& x, text t) { x.fill = capacity::parse_gap_fill(t); });
  add("units-per-request", "N", "units of a request (default: output tokens of a served model)",
      [](o& x, text t) { x.units_per_request = number_in(t, 1e-9, 1e12); });
  add("mean", "RATE", "made-up demand on average over the first week, units a second",
      [](o& x, text t) { x.mean_units_per_second = number_in(t, 1e-9, 1e15); });
  add("mean-requests", "RATE", "the same in requests a second",
      [](o& x, text t) { x.mean_requests_per_second = number_in(t, 1e-9, 1e15); });
  add("swing", "SHARE", "half of peak less trough over the day's mean (default 0.5)",
      [](o& x, text t) { x.pattern.daily_swing = fraction_in(t, 0, 1); });
  add("peak-hour", "HOUR", "hour of the day's peak (default 15)",
      [](o& x, text t) { x.pattern.peak_hour = number_in(t, 0, 24); });
  add("weekend", "FACTOR", "a weekend day's demand over a weekday's (default 0.6)",
      [](o& x, text t) { x.pattern.weekend_factor = number_in(t, 0, 10); });
  add("growth", "SHARE", "growth a month, compounded (default 0); of a trace after its end",
      [](o& x, text t) { x.pattern.growth_per_month = fraction_in(t, -0.99, 10); });
  add("bursts", "N", "bursts a day on average (default 0)",
      [](o& x, text t) { x.pattern.bursts_per_day = number_in(t, 0, 1440); });
  add("burst-factor", "FACTOR", "demand within a burst over that without (default 3)",
      [](o& x, text t) { x.pattern.burst_factor = number_in(t, 1, 1000); });
  add("burst-duration", "DURATION", "mean duration of a burst (default 10m)",
      [](o& x, text t) { x.pattern.burst_seconds = parse_duration(t).count(); });
  add("noise", "SHARE", "coefficient of variation from minute to minute (default 0)",
      [](o& x, text t) { x.pattern.noise = fraction_in(t, 0, 10); });
  add("seed", "N", "of bursts and noise (default 1)",
      [](o& x, text t) { x.pattern.seed = static_cast<std::uint64_t>(parse_count(t, 0, 2'000'000'000)); });
  add("horizon", "DURATION", "how long to plan for: 1y (default), 18mo, 90d, 24h",
      [](o& x, text t) { x.horizon_steps = horizon_steps(t); });
  add("wait", "DURATION", "how long work may wait before it is begun (default 10s)",
      [](o& x, text t) { x.wanted.wait_seconds = seconds_in(t); });
  add("max-late", "SHARE", "share of the work that may wait longer (default 1%)",
      [](o& x, text t) { x.wanted.max_late_fraction = fraction_in(t, 0, 0.99); });
  add("target-utilisation", "SHARE", "of an instance's rate, at which the autoscaler aims (default 0.7)",
      [](o& x, text t) { x.scaling.target_utilisation = fraction_in(t, 0.01, 1); });
  duration("interval", "between the autoscaler's decisions (default 60s)", &scaling::interval_seconds);
  duration("window", "over which it averages demand (default 60s)", &scaling::window_seconds);
  duration("up-delay", "for how long more must be wanted (default 300s)", &scaling::up_delay_seconds);
  duration("down-delay", "for how long fewer must be wanted (default 1200s)", &scaling::down_delay_seconds);
  duration("boot", "boot of an instance (default 60s)", &scaling::boot_seconds);
  duration("image-load", "loading of the container image (default 120s)", &scaling::image_seconds);
  duration("weights-load", "loading of the weights (default 60s)", &scaling::weights_seconds);
  add("min-instances", "N", "never fewer (default 1)",
      [](o& x, text t) { x.scaling.min_instances = parse_count(t, 0, 1'000'000); });
  add("quota", "[TYPE=]N", "instances that may be held at a time, of each type or of TYPE; repeatable", add_quota,
      true);
  add("max-spot-share", "SHARE", "of the hours that are not committed (default 1)",
      [](o& x, text t) { x.max_spot_share = fraction_in(t, 0, 1); });
  add("spot-availability", "SHARE",
      "share of time that a spot instance runs when asked for (default: the trace's, else 0.95, assumed)",
      [](o& x, text t) { x.spot_availability = fraction_in(t, 0.01, 1); });
  add("spot-overhead", "SHARE",
      "work lost to interruptions over useful work (default: a launch over the time between two interruptions)",
      [](o& x, text t) { x.spot_overhead = fraction_in(t, 0, 10); });
  add("interruption", "P", "share of spot instances lost in a month, in place of the catalogue's",
      [](o& x, text t) { x.payment.terms.spot.monthly_interruption_fraction = parse_probability(t); });
  add("spot-trace", "FILE", "availability and interruptions of spot as in this trace (time_seconds,available)",
      [](o& x, text t) { x.payment.spot_trace = t; });
  add(
      "discount", "PROVIDER=SHARE", "pay this much less than the list price, as aws=0.12 or aws:spot=0.05; repeatable",
      [](o& x, text t) { x.payment.discounts.push_back(cost::parse_discount(t)); }, true);
  add("budget", "MONEY", "spend at most this over the horizon", [](o& x, text t) { x.budget = parse_money(t); });
  add("confidence", "P", "with which an instance does what is planned on (default 0.95)",
      [](o& x, text t) { x.confidence = parse_probability(t); });
  add(
      "provider", "NAME", "only this provider; repeatable", [](o& x, text t) { x.providers.push_back(t); }, true);
  add(
      "region", "NAME", "only this region; repeatable", [](o& x, text t) { x.regions.push_back(t); }, true);
  add("gpu", "REGEX", "only GPUs whose name matches", [](o& x, text t) { x.gpu_pattern = parse_pattern(t); });
  add(
      "price-model", "MODEL", "on-demand, spot or commitment; repeatable (default all)",
      [](o& x, text t) { x.price_models.push_back(parse_price_model_option(t)); }, true);
  add("max-price-age", "DAYS", "plan on prices up to this old (default 365 for spot, 1096 for others)",
      [](o& x, text t) { x.max_price_age_days = parse_count(t, 1, 100'000); });
  add("offers", "N",
      "plan with so many instance types, the cheapest per unit first (default 20, and all where none of them does)",
      [](o& x, text t) { x.offers = parse_count(t, 1, 10'000); });
  add("as-of", "DATE", "day for which prices are aged and the report is dated (default now)",
      [](o& x, text t) { x.as_of = parse_day(t); });
  add(
      "results", "FILE", "a run file whose measurements are used where they fit; repeatable",
      [](o& x, text t) { x.results.push_back(t); }, true);
  return all;
}

/// A value of the file as a flag would give it.
std::vector<std::string> texts_of(const toml::node& node, const std::string& file, const std::string& key,
                                  bool is_list) {
  if (const auto* array = node.as_array(); array && is_list) {
    std::vector<std::string> all;
    for (const auto& one : *array) {
      auto texts = texts_of(one, file, key, false);
      all.insert(all.end(), texts.begin(), texts.end());
    }
    return all;
  }
  if (const auto* date = node.as_date()) {
    const auto& day = date->get();
    return {fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year), static_cast<int>(day.month),
                        static_cast<int>(day.day))};
  }
  if (node.is_string()) return {*node.value<std::string>()};
  if (node.is_integer()) return {std::to_string(*node.value<std::int64_t>())};
  if (node.is_floating_point()) return {fmt::format("{}", *node.value<double>())};
  throw error(error_kind::input, position_of(node, file), key + " is neither a text nor a number",
              is_list ? "several are written as [\"a\", \"b\"]" : "write it as --help shows it, in double quotes");
}

void apply_file(const std::filesystem::path& path, const plan_texts& flags, plan_options& options) {
  const toml::table file = load_toml(path);
  std::vector<std::string> known{"workload", "own_hardware"};
  for (const auto& setting : plan_settings()) known.push_back(setting.key());
  for (auto&& [name, node] : file) {
    const std::string_view key = name;
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      const auto near = suggestion(key, known);
      throw error(error_kind::input, position_of(node, path.string()), fmt::format("key '{}' is not known here", key),
                  near.empty() ? "known keys: " + join(known, ", ") : near);
    }
  }
  if (const auto* node = file.get("workload"); node && options.workload.empty())
    options.workload = texts_of(*node, path.string(), "workload", false).front();
  if (file.contains("own_hardware")) {
    const profiles::detail::toml_reader top(file, path.string());
    options.payment.machine = read_machine(top.table("own_hardware"), top.position("own_hardware"));
  }
  for (const auto& setting : plan_settings()) {
    const auto* node = file.get(setting.key());
    if (!node || flags.count(setting.name) > 0) continue;
    try {
      for (const auto& text : texts_of(*node, path.string(), setting.key(), setting.is_list))
        setting.apply(options, text);
    } catch (const error& e) {
      if (e.kind() == error_kind::input) throw;
      throw error(error_kind::input, position_of(*node, path.string()), setting.key() + ": " + e.what(), e.hint());
    }
  }
}

}  // namespace

std::string plan_setting::key() const {
  std::string text = name;
  std::replace(text.begin(), text.end(), '-', '_');
  return text;
}

const std::vector<plan_setting>& plan_settings() {
  static const std::vector<plan_setting> all = make_settings();
  return all;
}

plan_options read_plan_options(const std::filesystem::path& config, const plan_texts& flags,
                               const std::string& workload) {
  plan_options options;
  options.workload = workload;
  if (!config.empty()) apply_file(config, flags, options);
  for (const auto& setting : plan_settings()) {
    const auto given = flags.find(setting.name);
    if (given == flags.end()) continue;
    try {
      for (const auto& text : given->second) setting.apply(options, text);
    } catch (const error& e) {
      refuse_option("--" + setting.name, e);
    }
  }
  return options;
}

}  // namespace gpubench::cli
