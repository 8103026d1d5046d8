#include "cli/ranking.hpp"

#include "cli/request_file.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace gpubench::cli {
namespace {

std::string name_of(const planner::candidate& offer) {
  std::string name = offer.instance->name();
  if (offer.price) name += fmt::format(" {} {}", profiles::to_string(offer.price->model), offer.price->region);
  return offer.nodes > 1 ? fmt::format("{} x {}", offer.nodes, name) : name;
}

std::string describe(const planner::candidate& offer) {
  return fmt::format("{}: {} ({} to {}), ${}", name_of(offer), format_duration(offer.job.seconds),
                     format_duration(offer.job.low), format_duration(offer.job.high),
                     format_number(offer.expected_cost_usd));
}

// A duration as --deadline takes it, rounded up to minutes.
std::string duration_option(double seconds) {
  const auto minutes = static_cast<long long>(std::ceil(seconds / 60));
  return minutes % 60 == 0 ? fmt::format("{}h", minutes / 60)
         : minutes < 60    ? fmt::format("{}m", minutes)
                           : fmt::format("{}h{}m", minutes / 60, minutes % 60);
}

using by = bool (*)(const planner::candidate&, const planner::candidate&);

bool ends_sooner(const planner::candidate& a, const planner::candidate& b) {
  return a.seconds_at_confidence < b.seconds_at_confidence;
}
bool costs_less(const planner::candidate& a, const planner::candidate& b) {
  return a.cost_at_confidence_usd < b.cost_at_confidence_usd;
}

// What would be enough of each limit if the others stayed, and where that is not to be had, without any of them;
// nothing when other limits leave no offer.
std::string nearest_miss(const knowledge& known, const planner::recommendation& answer,
                         const std::vector<results::run>& runs, std::chrono::system_clock::time_point now,
                         double upload_seconds) {
  const auto best_without = [&](bool deadline, bool budget, by order) -> std::optional<planner::candidate> {
    auto limits = answer.limits;
    if (!deadline) limits.deadline_seconds.reset();
    if (!budget) limits.budget_usd.reset();
    const auto relaxed = planner::recommend(known.catalogue, known.efficiencies, answer.workload, limits, runs, now);
    if (relaxed.ranked.empty()) return std::nullopt;
    return *std::min_element(relaxed.ranked.begin(), relaxed.ranked.end(), order);
  };
  const std::string level = format_number(100 * answer.limits.confidence) + " %";
  std::vector<std::string> misses, relaxed;
  if (answer.limits.deadline_seconds) {
    if (const auto fastest = best_without(false, false, ends_sooner))
      misses.push_back("the fastest is " + describe(*fastest));
    if (const auto enough = best_without(false, true, ends_sooner))
      relaxed.push_back(fmt::format("--deadline {} would do ({} at {}: {})",
                                    duration_option(enough->seconds_at_confidence + upload_seconds),
                                    format_duration(enough->seconds_at_confidence), level, name_of(*enough)));
  }
  if (answer.limits.budget_usd) {
    if (const auto cheapest = best_without(false, false, costs_less))
      misses.push_back("the cheapest is " + describe(*cheapest));
    if (const auto enough = best_without(true, false, costs_less))
      relaxed.push_back(fmt::format("--budget {:.0f} would do (${} at {}: {})",
                                    std::ceil(enough->cost_at_confidence_usd),
                                    format_number(enough->cost_at_confidence_usd), level, name_of(*enough)));
  }
  if (!misses.empty() && relaxed.empty()) relaxed.emplace_back("no single limit is enough to loosen: loosen both");
  misses.insert(misses.end(), relaxed.begin(), relaxed.end());
  return join(misses, "; ");
}

std::string describe_limits(const planner::constraints& limits) {
  std::vector<std::string> parts;
  if (limits.deadline_seconds)
    parts.push_back(fmt::format("within {} with {} %", format_duration(*limits.deadline_seconds),
                                format_number(100 * limits.confidence)));
  if (limits.budget_usd) parts.push_back(fmt::format("for at most ${}", format_number(*limits.budget_usd)));
  if (limits.rate_units_per_second)
    parts.push_back(fmt::format("at {} a second", format_number(*limits.rate_units_per_second)));
  if (!limits.gpu_pattern.empty()) parts.push_back(fmt::format("on GPUs that match '{}'", limits.gpu_pattern));
  if (!limits.providers.empty()) parts.push_back("at " + join(limits.providers, ", "));
  if (!limits.regions.empty()) parts.push_back("in " + join(limits.regions, ", "));
  parts.push_back(limits.max_nodes == 1 ? "on one node" : fmt::format("on at most {} nodes", limits.max_nodes));
  return join(parts, ", ");
}

std::string count_rejections(const planner::recommendation& answer) {
  std::map<planner::rejection_reason, std::size_t> counts;
  for (const auto& rejected : answer.rejected) ++counts[rejected.reason];
  std::vector<std::string> parts;
  parts.reserve(counts.size());
  for (const auto& [reason, count] : counts) parts.push_back(fmt::format("{} {}", count, planner::to_string(reason)));
  return join(parts, ", ");
}

}  // namespace

void add_offer_filters(CLI::App& app, ranking_options& options) {
  const auto as_is = [](const std::string& text) { return text; };
  add_values(app, "--provider", options.providers, as_is, "NAME", "only this provider; repeatable");
  add_values(app, "--region", options.regions, as_is, "NAME", "only this region; repeatable");
  add_value(app, "--gpu", options.gpu_pattern, parse_pattern, "REGEX", "only GPUs whose name matches");
}

void add_price_filters(CLI::App& app, ranking_options& options) {
  add_values(app, "--price-model", options.price_models, parse_price_model_option, "MODEL",
             "on-demand, spot or commitment; repeatable (default on-demand and spot)");
  add_value(
      app, "--max-price-age", options.max_price_age_days,
      [](const std::string& text) { return parse_count(text, 1, 100'000); }, "DAYS",
      "plan on prices up to this old (default 365 for spot, 1096 for others)");
  add_value(app, "--as-of", options.as_of, parse_day, "DATE",
            "age prices against this day, and date the answer so (default today)");
}

void add_ranking_options(CLI::App& app, ranking_options& options) {
  // Declared first, and so read first: what the command line says besides wins.
  app.add_option_function<std::string>(
         "--request",
         [&options](const std::string& file) {
           read_request(file, options);
           options.request = file;
         },
         "read the question from this TOML file: docs/cost.md, \"One file\"")
      ->type_name("FILE");
  add_value(app, "--deadline", options.deadline, parse_duration, "DURATION", "finish within this time, as 24h or 90m");
  add_value(app, "--budget", options.budget, parse_money, "MONEY", "spend at most this, as 500 (USD) or 420EUR");
  add_value(app, "--throughput", options.throughput, parse_throughput, "N/s",
            "keep up with this many units of work a second, at the confidence asked for; more is worth nothing");
  add_value(app, "--confidence", options.confidence, parse_probability, "P",
            "probability of meeting all limits that an offer needs (default 0.95)");
  add_offer_filters(app, options);
  add_value(
      app, "--max-nodes", options.max_nodes, [](const std::string& text) { return parse_count(text, 1, 1024); }, "N",
      "use up to this many instances together (default 1)");
  add_price_filters(app, options);
  add_payment_options(app, options.payment);
  add_value(
      app, "--top", options.top, [](const std::string& text) { return parse_count(text, 1, 1'000'000); }, "N",
      "show this many offers (default 10); json and csv hold all");
  app.add_flag("--all", options.all, "show every offer");
  app.add_flag("--rejected", options.rejected, "show the rejected offers with their reasons");
  app.add_flag("--wide", options.wide, "show every column, and every region of an offer");
}

planner::constraints to_constraints(const ranking_options& options, const knowledge& known) {
  planner::constraints limits;
  if (options.deadline) limits.deadline_seconds = options.deadline->count();
  if (options.budget) {
    try {
      limits.budget_usd = known.catalogue.rates.to_usd(options.budget->amount, options.budget->currency);
    } catch (const error& e) {
      refuse_option("--budget", error(error_kind::usage, e.what(), e.hint()));
    }
  }
  limits.rate_units_per_second = options.throughput;
  limits.providers = options.providers;
  limits.regions = options.regions;
  // A machine of one's own is at no provider, so that no choice among them leaves it out.
  if (options.payment.machine) {
    if (!limits.providers.empty()) limits.providers.emplace_back(cost::own_provider);
    if (!limits.regions.empty()) limits.regions.emplace_back(cost::own_provider);
  }
  if (!options.price_models.empty()) limits.price_models = options.price_models;
  limits.gpu_pattern = options.gpu_pattern;
  limits.max_nodes = options.max_nodes;
  limits.confidence = options.confidence;
  limits.terms = agreed_terms(options.payment, known.billing, known.catalogue);
  if (options.max_price_age_days)
    limits.max_price_age_days = limits.max_spot_price_age_days = *options.max_price_age_days;
  return limits;
}

std::chrono::system_clock::time_point time_of(const ranking_options& options) {
  return options.as_of.value_or(std::chrono::system_clock::now());
}

std::vector<std::filesystem::path> files_of(const ranking_options& options, const std::vector<std::string>& named) {
  std::vector<std::filesystem::path> files{options.request, options.payment.spot_trace};
  files.insert(files.end(), options.workloads.begin(), options.workloads.end());
  files.insert(files.end(), named.begin(), named.end());
  return files;
}

void apply(const ranking_options& options, report::style& look) {
  look.max_rows = options.all ? 0 : static_cast<std::size_t>(options.top);
  look.show_rejected = options.rejected;
  look.wide = options.wide;
}

std::vector<planner::recommendation> rank(const knowledge& known, const std::vector<std::string>& workloads,
                                          const ranking_options& options, const std::vector<results::run>& runs) {
  std::vector<profiles::workload> wanted;
  wanted.reserve(workloads.size());
  for (const auto& name : workloads) wanted.push_back(profiles::find_workload(known.workloads, name));
  const auto limits = to_constraints(options, known);
  if (!wanted.empty()) require_enough_runs(limits);
  std::vector<planner::recommendation> answers;
  answers.reserve(wanted.size());
  for (const auto& what : wanted)
    answers.push_back(planner::recommend(known.catalogue, known.efficiencies, what, limits, runs, time_of(options)));
  return answers;
}

void require_feasible(const knowledge& known, const std::vector<planner::recommendation>& answers,
                      const std::vector<results::run>& runs, std::chrono::system_clock::time_point now,
                      double upload_seconds, const std::string& rejections) {
  for (const auto& answer : answers) {
    if (!answer.ranked.empty()) continue;
    if (answer.considered == 0)
      throw error(error_kind::infeasible, fmt::format("the catalogue has no offer {}", describe_limits(answer.limits)),
                  "gpubench list gpus, list instances and list prices show what there is");
    const std::string miss = nearest_miss(known, answer, runs, now, upload_seconds);
    throw error(error_kind::infeasible,
                fmt::format("no offer does {} {}", answer.workload.name, describe_limits(answer.limits)),
                miss.empty() ? fmt::format("all {} offers were rejected: {}; loosen a limit, or see {}",
                                           answer.considered, count_rejections(answer), rejections)
                             : miss);
  }
}

}  // namespace gpubench::cli
