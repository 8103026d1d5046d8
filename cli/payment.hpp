#pragma once

#include "profiles/catalogue.hpp"

#include <CLI/CLI.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cost/discount.hpp"
#include "cost/own_hardware.hpp"
#include "cost/terms.hpp"

namespace gpubench::cli {

/// A machine of the user's own, as the request file describes it.
struct owned_machine {
  profiles::instance type;
  cost::own_hardware bill;
  std::string currency = "USD";
  file_position position;
};

/// How the user pays, beside the catalogue's prices.
struct payment_options {
  std::vector<cost::discount> discounts;
  std::optional<owned_machine> machine;
  std::string spot_trace;  ///< file
  cost::terms terms;
};

void add_payment_options(CLI::App& app, payment_options& options);

/// Lowers prices by the user's discounts and adds the machine of one's own as an offer of provider "own".
/// @throws error: usage for a discount that matches no price; input for a GPU, CPU or currency that is not known.
void apply(const payment_options& options, profiles::catalogue& known);

/// The terms with their trace read, and the catalogue's billing rules where the user states none.
/// @throws error: io or input as the trace's reader.
cost::terms agreed_terms(const payment_options& options, const std::map<std::string, profiles::billing_rule>& billing);

/// "none", "on-demand" or "before-deadline".   @throws error: usage
cost::spot_fallback parse_fallback(std::string_view text);

/// A share above 0 and at most 1: "0.7", "70%".   @throws error: usage
double parse_share(std::string_view text);

}  // namespace gpubench::cli
