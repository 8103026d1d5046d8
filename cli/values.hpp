#pragma once

#include "core/error.hpp"
#include "profiles/price.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gpubench::cli {

/// An amount of money as typed; converted once the exchange rates are known.
struct money {
  double amount = 0;
  std::string currency = "USD";
};

/// "500", "$500", "500 USD", "420EUR".   @throws error: usage for anything else, zero, negative or above 1e12.
money parse_money(std::string_view text);

/// A whole number within [low, high].   @throws error: usage
int parse_count(std::string_view text, int low, int high);

/// "0.95" or "95%", strictly between 0 and 1.   @throws error: usage
double parse_probability(std::string_view text);
/// "50/s" or "50": units a second.   @throws error: usage for what is not positive.
double parse_throughput(std::string_view text);

/// "on-demand", "spot" or "commitment".   @throws error: usage with the nearest names.
profiles::price_model parse_price_model_option(std::string_view text);

/// "CNY=7.1": currency and its units for one USD.   @throws error: usage
std::pair<std::string, double> parse_rate(std::string_view text);

/// The start of a day, "2026-11-22", UTC.   @throws error: usage for anything else.
std::chrono::system_clock::time_point parse_day(std::string_view text);

/// "2026-11-22", "2026-11" or "2026", unchanged.   @throws error: usage for anything else.
std::string parse_date_text(std::string_view text);

/// "host" or "cuda".   @throws error: usage
std::string parse_backend(std::string_view text);

/// A regular expression, unchanged; refuses a malformed one.   @throws error: usage
std::string parse_pattern(std::string_view text);

/// Gives an error of a value the name of the option that it came from.
[[noreturn]] void refuse_option(const std::string& option, const error& cause);

/// Declares an option whose text goes through `parse`, so that every refusal names the option and reads alike. `target`
/// must outlive the parsing.
template <class Target, class Parse>
CLI::Option* add_value(CLI::App& app, const std::string& name, Target& target, Parse parse, const std::string& type,
                       const std::string& help) {
  const auto take = [&target, parse, name](const std::string& text) {
    try {
      target = parse(text);
    } catch (const error& e) {
      refuse_option(name, e);
    }
  };
  return app.add_option_function<std::string>(name, take, help)->type_name(type);
}

/// A value that may be given several times, or once with commas between.
template <class Target, class Parse>
CLI::Option* add_values(CLI::App& app, const std::string& name, std::vector<Target>& target, Parse parse,
                        const std::string& type, const std::string& help) {
  const auto take = [&target, parse, name](const std::vector<std::string>& texts) {
    try {
      for (const auto& text : texts) target.push_back(parse(text));
    } catch (const error& e) {
      refuse_option(name, e);
    }
  };
  return app.add_option_function<std::vector<std::string>>(name, take, help)
      ->type_name(type)
      ->delimiter(',')
      ->allow_extra_args(false);
}

}  // namespace gpubench::cli
