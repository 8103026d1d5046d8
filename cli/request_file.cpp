#include "cli/request_file.hpp"

#include "core/text.hpp"
#include "core/toml.hpp"
#include "core/units.hpp"
#include "profiles/detail/toml_reader.hpp"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

namespace gpubench::cli {
namespace {

using profiles::detail::toml_reader;

/// A text through the parser of its option, with the file's place in what it refuses.
template <class Target, class Parse>
void take(const toml_reader& from, std::string_view key, Target& into, Parse parse) {
  if (!from.has(key)) return;
  const std::string text = from.text(key);
  try {
    into = parse(text);
  } catch (const error& refused) {
    from.refuse(key, refused.what(), refused.hint());
  }
}

/// One text, or a list of them.
template <class Target, class Parse>
void take_all(const toml::table& table, const toml_reader& from, std::string_view key, std::vector<Target>& into,
              Parse parse) {
  const auto add = [&](const toml::node& node) {
    const auto text = node.value<std::string>();
    if (!text)
      from.refuse(key, fmt::format("{} is neither a text nor a list of texts", key), "put it in double quotes");
    try {
      into.push_back(parse(*text));
    } catch (const error& refused) {
      from.refuse(key, refused.what(), refused.hint());
    }
  };
  const auto* node = table.get(key);
  if (!node) return;
  if (const auto* list = node->as_array()) {
    for (const auto& one : *list) add(one);
  } else {
    add(*node);
  }
}

double seconds_in(const std::string& text) {
  return parse_duration(text).count();
}

std::string as_is(const std::string& text) {
  return text;
}

void read_discounts(const toml::table& table, const toml_reader& from, std::vector<cost::discount>& into) {
  for (auto&& [key, value] : table) {
    const std::string name(std::string_view{key});
    const auto fraction = value.template value<double>();
    if (!fraction || !(*fraction > 0 && *fraction < 1))
      from.refuse(name, fmt::format("discount.{} is not a share between 0 and 1", name), "0.12 is 12 %");
    into.push_back(cost::parse_discount(fmt::format("{}={}", name, *fraction)));
  }
}

void read_billing(const toml::table& table, const toml_reader& from,
                  std::map<std::string, profiles::billing_rule>& into) {
  for (auto&& [key, value] : table) {
    const std::string name(std::string_view{key});
    const toml_reader rule = from.table(name);
    rule.allow_only({"granularity", "minimum"});
    profiles::billing_rule& own = into[name];
    own.provider = name;
    own.origin.position = from.position(name);
    take(rule, "granularity", own.granularity_seconds, seconds_in);
    take(rule, "minimum", own.minimum_seconds, seconds_in);
    static_cast<void>(value);
  }
}

void read_spot(const toml_reader& from, payment_options& into) {
  from.allow_only({"trace", "independent", "monthly_interruption", "restart", "checkpoint_rate", "fallback"});
  cost::spot_terms& spot = into.terms.spot;
  if (from.has("trace") && from.has("monthly_interruption"))
    from.refuse("monthly_interruption", "interruptions are stated twice, by a trace and by a share lost in a month",
                "leave one of them out");
  into.spot_trace = from.text_or("trace", into.spot_trace);
  if (from.flag_or("independent", false)) spot.correlation = cost::trace_correlation::independent;
  if (from.has("monthly_interruption"))
    spot.monthly_interruption_fraction = from.number("monthly_interruption", 1e-6, 0.999999);
  take(from, "restart", spot.restart_seconds, seconds_in);
  take(from, "checkpoint_rate", spot.checkpoint_bytes_per_second, parse_bytes);
  take(from, "fallback", spot.fallback, parse_fallback);
}

void read_payment(const toml::table& table, const toml_reader& from, payment_options& into) {
  cost::terms& terms = into.terms;
  take(from, "startup", terms.startup_seconds, seconds_in);
  terms.spot.runs = static_cast<int>(from.integer_or("simulations", 100, most_simulations, terms.spot.runs));
  terms.spot.seed =
      static_cast<std::uint64_t>(from.integer_or("seed", 0, 2'000'000'000, static_cast<std::int64_t>(terms.spot.seed)));
  if (from.has("discount"))
    read_discounts(*table.get_as<toml::table>("discount"), from.table("discount"), into.discounts);
  if (from.has("billing")) read_billing(*table.get_as<toml::table>("billing"), from.table("billing"), terms.billing);
  if (from.has("spot")) read_spot(from.table("spot"), into);
  if (from.has("commitment")) {
    const toml_reader commitment = from.table("commitment");
    commitment.allow_only({"utilisation"});
    terms.commitment_utilisation = commitment.number("utilisation", 1e-3, 1);
  }
  if (from.has("storage")) {
    const toml_reader storage = from.table("storage");
    storage.allow_only({"stored", "service", "snapshots"});
    take(storage, "stored", terms.stored_bytes, parse_bytes);
    take(storage, "snapshots", terms.snapshot_bytes, parse_bytes);
    if (storage.has("service")) {
      terms.storage_service = storage.text("service");
      into.storage_service_at = storage.position("service");
    }
  }
  if (from.has("transfer")) {
    const toml_reader transfer = from.table("transfer");
    transfer.allow_only({"egress", "inter_zone"});
    take(transfer, "egress", terms.egress_bytes, parse_bytes);
    take(transfer, "inter_zone", terms.inter_zone_bytes, parse_bytes);
  }
}

}  // namespace

void read_request(const std::filesystem::path& file, ranking_options& into) {
  const toml::table table = load_toml(file);
  const toml_reader from(table, file.string());
  from.allow_only({"workload",           "deadline",    "budget",  "throughput",  "confidence",
                   "provider",           "region",      "gpu",     "max_nodes",   "price_model",
                   "max_price_age_days", "as_of",       "startup", "simulations", "seed",
                   "discount",           "billing",     "spot",    "commitment",  "storage",
                   "transfer",           "own_hardware"});
  for (const char* name : {"discount", "billing", "spot", "commitment", "storage", "transfer", "own_hardware"})
    if (from.has(name)) static_cast<void>(from.table(name));
  take_all(table, from, "workload", into.workloads, as_is);
  take(from, "deadline", into.deadline, parse_duration);
  take(from, "budget", into.budget, parse_money);
  take(from, "throughput", into.throughput, parse_throughput);
  if (from.has("confidence")) into.confidence = from.number("confidence", 1e-6, 1 - 1e-6);
  take_all(table, from, "provider", into.providers, as_is);
  take_all(table, from, "region", into.regions, as_is);
  take(from, "gpu", into.gpu_pattern, parse_pattern);
  into.max_nodes = static_cast<int>(from.integer_or("max_nodes", 1, 1024, into.max_nodes));
  take_all(table, from, "price_model", into.price_models, parse_price_model_option);
  if (from.has("max_price_age_days"))
    into.max_price_age_days = static_cast<int>(from.integer("max_price_age_days", 1, 100'000));
  if (from.has("as_of")) into.as_of = parse_day(from.date("as_of"));
  read_payment(table, from, into.payment);
  if (from.has("own_hardware"))
    into.payment.machine =
        read_machine(from.table("own_hardware"), position_of(*table.get("own_hardware"), file.string()));
}

}  // namespace gpubench::cli
