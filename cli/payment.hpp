#pragma once

#include "cli/owned_machine.hpp"
#include "planner/recommend.hpp"
#include "profiles/catalogue.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cost/discount.hpp"
#include "cost/terms.hpp"

namespace gpubench::cli {

inline constexpr int most_simulations = 1'000'000;  ///< runs of one spot offer

/// How the user pays, beside the catalogue's prices.
struct payment_options {
  std::vector<cost::discount> discounts;
  std::optional<owned_machine> machine;
  std::string spot_trace;  ///< file
  cost::terms terms;
  file_position storage_service_at;  ///< where the request file names one
};

void add_payment_options(CLI::App& app, payment_options& options);

/// Lowers prices by the user's discounts and adds the machine of one's own, priced as of `now`.
/// @throws error: usage for a discount that matches no price; input for a GPU, CPU, currency or storage service that is
///         not known.
void apply(const payment_options& options, profiles::catalogue& known, std::chrono::system_clock::time_point now);

/// The terms with their trace read, the machine of one's own, and the catalogue's billing rules where the user states
/// none.
/// @throws error: io or input as the trace's reader; input for billing of an unknown provider; usage where
///         interruptions are stated twice.
cost::terms agreed_terms(const payment_options& options, const std::map<std::string, profiles::billing_rule>& billing,
                         const profiles::catalogue& known);

/// @throws error: usage where spot is among the price models and its simulated runs are too few to tell the confidence
///         from certainty: less than one run in all would miss.
void require_enough_runs(const planner::constraints& limits);

/// "none", "on-demand" or "before-deadline".   @throws error: usage
cost::spot_fallback parse_fallback(std::string_view text);

/// A share above 0 and at most 1: "0.7", "70%".   @throws error: usage
double parse_share(std::string_view text);

}  // namespace gpubench::cli
