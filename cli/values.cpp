#include "cli/values.hpp"

#include "core/fraction.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <regex>

namespace gpubench::cli {
namespace {

bool is_currency(std::string_view text) {
  return text.size() == 3 && std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isupper(c); });
}

bool is_duration(std::string_view text) {
  try {
    parse_duration(text);
    return true;
  } catch (const error&) {
    return false;
  }
}

std::string to_upper(std::string_view text) {
  std::string upper(text);
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return upper;
}

}  // namespace

money parse_money(std::string_view text) {
  std::string_view rest = trim(text);
  money value;
  if (!rest.empty() && rest.front() == '$') {
    rest.remove_prefix(1);
  } else if (rest.size() > 3 && std::isalpha(static_cast<unsigned char>(rest.back()))) {
    value.currency = to_upper(rest.substr(rest.size() - 3));
    rest = trim(rest.substr(0, rest.size() - 3));
  }
  const auto amount = parse_number(rest);
  if (!amount || !is_currency(value.currency))
    throw error(error_kind::usage, fmt::format("'{}' is not an amount of money", text),
                std::string("write 500, $500, or 420EUR with a currency that has an exchange rate") +
                    (is_duration(text) ? "; time to measure is gpubench evaluate's --time-budget" : ""));
  if (*amount <= 0 || *amount > 1e12)
    throw error(error_kind::usage, fmt::format("'{}' is not above zero and at most 1e12", text),
                "write 500, $500, or 420EUR");
  value.amount = *amount;
  return value;
}

int parse_count(std::string_view text, int low, int high) {
  const auto value = parse_integer(trim(text));
  if (!value || *value < low || *value > high)
    throw error(error_kind::usage, fmt::format("'{}' is not a whole number from {} to {}", text, low, high),
                "leave the option out for its default: see --help");
  return static_cast<int>(*value);
}

double parse_probability(std::string_view text) {
  const auto value = parse_fraction(text);
  if (!value || !(*value > 0 && *value < 1))
    throw error(error_kind::usage, fmt::format("'{}' is not a probability between 0 and 1", text), "write 0.95 or 95%");
  return *value;
}

double parse_throughput(std::string_view text) {
  std::string_view rest = trim(text);
  if (rest.ends_with("/s")) rest.remove_suffix(2);
  const auto value = parse_number(trim(rest));
  if (!value || !(*value >= 1e-9 && *value <= 1e15))
    throw error(error_kind::usage, fmt::format("'{}' is not a throughput from 1e-9 to 1e15 a second", text),
                "write 50/s: units of work a second");
  return *value;
}

profiles::price_model parse_price_model_option(std::string_view text) {
  static const std::vector<std::string> names{"on-demand", "spot", "commitment"};
  const std::string name = to_lower(trim(text));
  if (name == "on-demand" || name == "on_demand") return profiles::price_model::on_demand;
  if (name == "spot") return profiles::price_model::spot;
  if (name == "commitment") return profiles::price_model::commitment;
  throw error(error_kind::usage, fmt::format("price model '{}' is not known", text),
              fmt::format("known are {}", join(names, ", ")));
}

std::pair<std::string, double> parse_rate(std::string_view text) {
  const auto equals = text.find('=');
  const std::string currency = equals == std::string_view::npos ? "" : to_upper(trim(text.substr(0, equals)));
  const auto units = equals == std::string_view::npos ? std::nullopt : parse_number(trim(text.substr(equals + 1)));
  if (!is_currency(currency) || !units)
    throw error(error_kind::usage, fmt::format("'{}' is not an exchange rate", text),
                "write CUR=UNITS, the units of that currency for one USD: --rate CNY=7.1");
  if (*units < 1e-9 || *units > 1e9)
    throw error(error_kind::usage, fmt::format("exchange rate '{}' is not above zero: from 1e-9 to at most 1e9", text),
                "write the units of that currency for one USD: --rate CNY=7.1");
  if (currency == "USD" && *units != 1) throw error(error_kind::usage, "one USD is one USD");
  return {currency, *units};
}

std::chrono::system_clock::time_point parse_day(std::string_view text) {
  const auto days = trim(text).size() == 10 ? parse_date(trim(text)) : std::nullopt;
  if (!days) throw error(error_kind::usage, fmt::format("'{}' is not a day", text), "write 2026-11-22");
  // The clock's nanoseconds end in 2262.
  if (*days < 0 || *days > 80'000)
    throw error(error_kind::usage, fmt::format("'{}' is not a day from 1970 to 2188", text), "write 2026-11-22");
  return std::chrono::system_clock::time_point(std::chrono::hours(24 * *days));
}

std::string parse_date_text(std::string_view text) {
  if (!parse_date(text))
    throw error(error_kind::usage, fmt::format("'{}' is not a date", text), "write YYYY-MM-DD, YYYY-MM or YYYY");
  return std::string(text);
}

std::string parse_backend(std::string_view text) {
  if (text == "host" || text == "cuda") return std::string(text);
  throw error(error_kind::usage, fmt::format("back-end '{}' is not known", text), "known are host and cuda");
}

std::string parse_pattern(std::string_view text) {
  try {
    static_cast<void>(std::regex(std::string(text)));
  } catch (const std::regex_error&) {
    throw error(error_kind::usage, fmt::format("'{}' is not a regular expression", text),
                "name one as H100, several as 'H100|A100'; a \\ before . [ ( * + ? takes it literally");
  }
  return std::string(text);
}

void refuse_option(const std::string& option, const error& cause) {
  throw error(cause.kind(), cause.where(), option + ": " + cause.what(), cause.hint());
}

}  // namespace gpubench::cli
