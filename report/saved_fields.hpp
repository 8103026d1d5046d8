#pragma once

#include "planner/recommend.hpp"
#include "report/saved_report.hpp"
#include "results/json_field.hpp"

#include <optional>
#include <string>

#include "predictor/estimate.hpp"

/// How fields of a saved report are read. What is null comes back as what stands for unknown in the types of planner
/// and predictor. Every function throws error: input, naming the field, for another type and for a value out of range.
namespace gpubench::report::saved {

using results::json_field;

/// Any finite number, or NaN where there is none.
double number(const std::optional<json_field>& field);
/// Not negative, or NaN where there is none: times, amounts of money and of work.
double amount(const std::optional<json_field>& field);
/// The same, above zero.
double positive(const std::optional<json_field>& field);
/// From 0 to 1, or NaN where there is none.
double share(const std::optional<json_field>& field);
std::optional<double> optional_amount(const std::optional<json_field>& field);
std::optional<double> optional_positive(const std::optional<json_field>& field);
std::string text_or_empty(const std::optional<json_field>& field);
int count(const json_field& field, int lowest = 0);
/// Refuses an interval whose ends, where both are known, are the wrong way round.
void require_order(const json_field& object, const char* low, const char* high);

predictor::bound bound(const json_field& field);
/// @return nothing for a name that is no bound.
std::optional<predictor::bound> find_bound(const std::string& name);
profiles::price_model price_model(const json_field& field);
planner::rejection_reason reason(const json_field& field);
predictor::estimate estimate(const json_field& field);

/// Parts of an offer; what they point to goes into `owner`. Equal ones share it, as those of the catalogue do: what is
/// the same offer is told by the pointers.
const profiles::instance* instance(const std::optional<json_field>& field, saved_report& owner);
const profiles::price* price(const std::optional<json_field>& field, const profiles::instance* of, saved_report& owner);
const profiles::price* keep(profiles::price read, const profiles::instance* of, saved_report& owner);
/// How old the price of an offer was.
void read_price_age(const json_field& offer, planner::candidate& c);

planner::candidate candidate(const json_field& field, const planner::constraints& limits, saved_report& owner);

}  // namespace gpubench::report::saved
