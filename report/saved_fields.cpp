#include "report/saved_fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace gpubench::report::saved {
namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

// The names stand in one place, the enumeration's to_string().
template <class Enum, std::size_t size>
std::optional<Enum> find_named(const std::string& name, const Enum (&all)[size]) {
  const auto* const found =
      std::find_if(std::begin(all), std::end(all), [&](Enum one) { return to_string(one) == name; });
  return found == std::end(all) ? std::nullopt : std::optional(*found);
}

template <class Enum, std::size_t size>
Enum named(const json_field& field, const Enum (&all)[size]) {
  const auto found = find_named(field.text(), all);
  if (!found) field.refuse(fmt::format("is '{}', which this program does not know", field.text()), "update gpubench");
  return *found;
}

constexpr predictor::basis bases[] = {predictor::basis::measured,     predictor::basis::interpolated,
                                      predictor::basis::scaled,       predictor::basis::calibrated,
                                      predictor::basis::architecture, predictor::basis::data_sheet};
constexpr predictor::bound bounds[] = {predictor::bound::compute,      predictor::bound::memory,
                                       predictor::bound::interconnect, predictor::bound::network,
                                       predictor::bound::host,         predictor::bound::overhead};
constexpr profiles::price_model price_models[] = {profiles::price_model::on_demand, profiles::price_model::spot,
                                                  profiles::price_model::commitment};
using because = planner::rejection_reason;
constexpr because reasons[] = {because::memory,  because::latency,     because::rate,         because::deadline,
                               because::budget,  because::no_price,    because::old_price,    because::later_price,
                               because::no_data, because::unsupported, because::interruptions};

}  // namespace

double number(const std::optional<json_field>& field) {
  return field ? field->number() : unknown;
}

double amount(const std::optional<json_field>& field) {
  return field ? field->number_from(0) : unknown;
}

double positive(const std::optional<json_field>& field) {
  return field ? field->positive_number() : unknown;
}

double share(const std::optional<json_field>& field) {
  const double value = amount(field);
  // A mean of shares can exceed 1 by its rounding, and is written so.
  if (value > 1 + 1e-9) field->refuse(fmt::format("is {}, above 1", value));
  return value;
}

std::optional<double> optional_amount(const std::optional<json_field>& field) {
  return field ? std::optional(amount(field)) : std::nullopt;
}

std::optional<double> optional_positive(const std::optional<json_field>& field) {
  return field ? std::optional(positive(field)) : std::nullopt;
}

std::string text_or_empty(const std::optional<json_field>& field) {
  return field ? field->text() : std::string();
}

int count(const json_field& field, int lowest) {
  return static_cast<int>(field.integer(lowest, std::numeric_limits<int>::max()));
}

void require_order(const json_field& object, const char* low, const char* high) {
  const auto from = object.find(low), to = object.find(high);
  if (from && to && from->number() > to->number())
    from->refuse(fmt::format("is {}, above {}, which is {}", from->number(), high, to->number()));
}

predictor::bound bound(const json_field& field) {
  return named(field, bounds);
}

std::optional<predictor::bound> find_bound(const std::string& name) {
  return find_named(name, bounds);
}

profiles::price_model price_model(const json_field& field) {
  return named(field, price_models);
}

planner::rejection_reason reason(const json_field& field) {
  return named(field, reasons);
}

predictor::estimate estimate(const json_field& field) {
  require_order(field, "low_seconds", "high_seconds");
  return {amount(field.find("seconds")), amount(field.find("low_seconds")), amount(field.find("high_seconds")),
          named(field.at("basis"), bases), bound(field.at("bound_by"))};
}

}  // namespace gpubench::report::saved
