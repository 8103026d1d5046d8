#include "cli/payment.hpp"

#include "cli/values.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <chrono>

namespace gpubench::cli {
namespace {

double seconds_in(const std::string& text) {
  return parse_duration(text).count();
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
  std::string_view rest = trim(text);
  const bool percent = !rest.empty() && rest.back() == '%';
  if (percent) rest.remove_suffix(1);
  const auto value = parse_number(trim(rest));
  const double share = value.value_or(0) / (percent ? 100 : 1);
  if (!value || !(share > 0 && share <= 1))
    throw error(error_kind::usage, fmt::format("'{}' is not a share above 0 and at most 1", text), "write 0.7 or 70%");
  return share;
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
      app, "--simulations", terms.spot.runs, [](const std::string& text) { return parse_count(text, 100, 1'000'000); },
      "N", "runs simulated for each spot offer (default 1000)");
  add_value(
      app, "--seed", terms.spot.seed,
      [](const std::string& text) { return static_cast<std::uint64_t>(parse_count(text, 0, 2'000'000'000)); }, "N",
      "of all that is simulated: losses of spot instances, arrivals of requests (default 1)");
}

void apply(const payment_options& options, profiles::catalogue& known) {
  cost::apply_discounts(options.discounts, known);
  if (!options.machine) return;
  const owned_machine& own = *options.machine;
  const auto require = [&](bool is_known, const std::string& what, const std::string& hint) {
    if (!is_known) throw error(error_kind::input, own.position, what, hint);
  };
  require(own.type.gpu.empty() || known.find_gpu(own.type.gpu), fmt::format("GPU '{}' is not known", own.type.gpu),
          "gpubench list gpus");
  require(own.type.cpu.empty() || known.find_cpu(own.type.cpu), fmt::format("CPU '{}' is not known", own.type.cpu),
          "a name in cpus.csv, or leave it out");
  require(own.currency == "USD" || known.rates.knows(own.currency),
          fmt::format("currency '{}' has no exchange rate", own.currency), "--rate " + own.currency + "=UNITS");
  const std::string today = format_utc(std::chrono::system_clock::now()).substr(0, 10);
  profiles::instance type = own.type;
  if (!type.gpu.empty()) type.gpu = known.find_gpu(type.gpu)->name;
  type.origin = {own.position.file, today, "", own.position};
  profiles::price hour;
  hour.provider = type.provider;
  hour.instance_type = type.type;
  hour.region = "own";
  hour.amount_per_hour = cost::hour_of(own.bill).total();
  hour.currency = own.currency;
  hour.origin = type.origin;
  if (!(hour.amount_per_hour > 0))
    throw error(error_kind::input, own.position, "a machine of one's own that costs nothing cannot be ranked",
                "state purchase, power_watts with energy_price_per_kwh, or staff_per_year");
  known.instances.push_back(std::move(type));
  known.prices.push_back(std::move(hour));
  known.index();
}

cost::terms agreed_terms(const payment_options& options, const std::map<std::string, profiles::billing_rule>& billing) {
  cost::terms terms = options.terms;
  terms.billing.insert(billing.begin(), billing.end());
  if (!options.spot_trace.empty())
    terms.spot.trace =
        std::make_shared<const cost::availability_trace>(cost::load_availability_trace(options.spot_trace));
  return terms;
}

}  // namespace gpubench::cli
