#include "cli/payment.hpp"

#include "cli/values.hpp"
#include "core/fraction.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <set>
#include <vector>

namespace gpubench::cli {
namespace {

double seconds_in(const std::string& text) {
  return parse_duration(text).count();
}

void require_service(const payment_options& options, const profiles::catalogue& known) {
  const std::string& wanted = options.terms.storage_service;
  if (wanted.empty()) return;
  std::set<std::string> services;
  for (const auto& offer : known.storage)
    if (offer.price_per_gib_month) services.insert(offer.service);
  if (services.count(wanted) > 0) return;
  const std::vector<std::string> all(services.begin(), services.end());
  const std::string near = suggestion(wanted, all);
  throw error(error_kind::input, options.storage_service_at,
              fmt::format("storage service '{}' is not in the catalogue", wanted),
              near.empty() ? "known: " + join(all, ", ") : near);
}

void require_providers(const std::map<std::string, profiles::billing_rule>& billing, const profiles::catalogue& known) {
  std::set<std::string> providers;
  for (const auto& type : known.instances) providers.insert(type.provider);
  for (const auto& [provider, rule] : billing) {
    if (providers.count(provider) > 0) continue;
    const std::vector<std::string> all(providers.begin(), providers.end());
    const std::string near = suggestion(provider, all);
    throw error(error_kind::input, rule.origin.position,
                fmt::format("billing of '{}', which is no provider in the catalogue", provider),
                near.empty() ? "known: " + join(all, ", ") : near);
  }
}

}  // namespace

cost::spot_fallback parse_fallback(std::string_view text) {
  const std::string name = to_lower(trim(text));
  if (name == "none") return cost::spot_fallback::none;
  if (name == "on-demand") return cost::spot_fallback::when_unavailable;
  if (name == "before-deadline") return cost::spot_fallback::before_deadline;
  throw error(error_kind::usage, fmt::format("fallback '{}' is not known", text),
              "known are none, on-demand and before-deadline");
}

double parse_share(std::string_view text) {
  const auto share = parse_fraction(text);
  if (!share || !(*share > 0 && *share <= 1))
    throw error(error_kind::usage, fmt::format("'{}' is not a share above 0 and at most 1", text), "write 0.7 or 70%");
  return *share;
}

void add_payment_options(CLI::App& app, payment_options& options) {
  cost::terms& terms = options.terms;
  const auto as_is = [](const std::string& text) { return text; };
  add_values(app, "--discount", options.discounts, cost::parse_discount, "PROVIDER=SHARE",
             "pay this much less than the list price, as aws=0.12 or aws:spot=0.05; repeatable");
  add_value(app, "--utilisation", terms.commitment_utilisation, parse_share, "SHARE",
            "share of a commitment's hours that you use (default 1)");
  add_value(app, "--spot-trace", options.spot_trace, as_is, "FILE",
            "interruptions as in this trace (time_seconds,available), in place of the catalogue's");
  add_value(app, "--interruption", terms.spot.monthly_interruption_fraction, parse_probability, "P",
            "share of spot instances lost in a month, in place of the catalogue's");
  add_value(app, "--fallback", terms.spot.fallback, parse_fallback, "WHEN",
            "when a spot job goes on on demand: none (default), on-demand (while there is no spot), before-deadline");
  add_value(app, "--restart", terms.spot.restart_seconds, seconds_in, "DURATION",
            "time to a new spot instance after a loss, without loading the state (default 5m)");
  add_value(app, "--checkpoint-rate", terms.spot.checkpoint_bytes_per_second, parse_bytes, "SIZE",
            "bytes a second that a checkpoint is written with, as 1GB (default: the storage's stated rate)");
  add_value(app, "--startup", terms.startup_seconds, seconds_in, "DURATION", "billed before the work begins");
  add_value(app, "--storage", terms.stored_bytes, parse_bytes, "SIZE", "kept on disk while the job runs, as 150GiB");
  add_value(app, "--egress", terms.egress_bytes, parse_bytes, "SIZE", "sent out to the internet");
  add_value(app, "--inter-zone", terms.inter_zone_bytes, parse_bytes, "SIZE", "sent between zones of the region");
  add_value(
      app, "--simulations", terms.spot.runs,
      [](const std::string& text) { return parse_count(text, 100, most_simulations); }, "N",
      "runs simulated for each spot offer (default 1000)");
  add_value(
      app, "--seed", terms.spot.seed,
      [](const std::string& text) { return static_cast<std::uint64_t>(parse_count(text, 0, 2'000'000'000)); }, "N",
      "of all that is simulated: losses of spot instances, arrivals of requests (default 1)");
}

void apply(const payment_options& options, profiles::catalogue& known, std::chrono::system_clock::time_point now) {
  cost::apply_discounts(options.discounts, known);
  require_service(options, known);
  if (options.machine) add_machine(*options.machine, known, now);
}

cost::terms agreed_terms(const payment_options& options, const std::map<std::string, profiles::billing_rule>& billing,
                         const profiles::catalogue& known) {
  cost::terms terms = options.terms;
  require_providers(terms.billing, known);
  terms.billing.insert(billing.begin(), billing.end());
  if (options.machine) terms.own = bill_of(*options.machine, known);
  if (!options.spot_trace.empty() && terms.spot.monthly_interruption_fraction)
    throw error(
        error_kind::usage, "interruptions are stated twice, by a trace and by a share lost in a month",
        "leave out --spot-trace or --interruption (in a request file, spot.trace or spot.monthly_interruption)");
  if (!options.spot_trace.empty())
    terms.spot.trace =
        std::make_shared<const cost::availability_trace>(cost::load_availability_trace(options.spot_trace));
  return terms;
}

void require_enough_runs(const planner::constraints& limits) {
  const auto& models = limits.price_models;
  const bool has_spot = std::find(models.begin(), models.end(), profiles::price_model::spot) != models.end();
  const int runs = limits.terms.spot.runs;
  const double needed = std::ceil(1 / (1 - limits.confidence) - 1e-6);
  if (!has_spot || runs >= needed) return;
  throw error(error_kind::usage,
              fmt::format("a confidence of {:g} % cannot be told from certainty by {} simulated runs of a spot job",
                          100 * limits.confidence, runs),
              needed <= most_simulations
                  ? fmt::format("--simulations {:.0f} or more, or leave spot out: --price-model on-demand", needed)
                  : "a confidence of at most 0.999999, or leave spot out: --price-model on-demand");
}

}  // namespace gpubench::cli
