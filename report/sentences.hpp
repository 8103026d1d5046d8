#pragma once

#include "planner/recommend.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gpubench::report {

/// What a recommendation says in words; the same sentences in every output form.
struct sentences {
  std::string rent;  ///< "aws g6.12xlarge spot (4 × L4), eu-west-1: 19.8 h (17.9–22.4), $61 ($54–$70), ..."
  std::string because;
  std::vector<std::string> otherwise;  ///< flip points
  std::string cpu;                     ///< the best CPU-only offer, or why there is none
  std::string cost;                    ///< what rank 1's expected cost goes into
  std::string spot;                    ///< what interruptions do to rank 1; empty where it is no spot offer
  std::string next_best;               ///< and what choosing rank 1 before it risks; empty without one
  std::string not_separable;           ///< empty when rank 1 stands apart
  std::string measure;                 ///< what would settle it, and what that costs; empty likewise
  std::vector<std::string> rules;      ///< what rules of thumb would have chosen, and what following them costs
  std::string rejected;                ///< "197: 96 over deadline, ..."; empty when nothing was
  std::string prices;                  ///< dates of the prices behind the ranking
  std::vector<std::string> notes;
  bool feasible = false;  ///< false: `rent` says that nothing fits
};
sentences sentences_of(const planner::recommendation& answer);

/// "work $58, checkpoints $0.31, storage $2.0": the parts of an expected cost that are not nothing.
std::string cost_parts_of(const planner::candidate& c, bool has_startup);

/// A name of the interfaces as people read it: "data_sheet" is "data sheet".
std::string spaced(std::string_view name);

std::string offer_name(const planner::candidate& c);  ///< "aws g6.12xlarge spot", "2 × aws p5.48xlarge on-demand"
/// With what is rented beside it: "aws g6.12xlarge spot + 3 x c7i.4xlarge".
std::string system_name(const planner::candidate& c);
std::string gpus_of(const planner::candidate& c);  ///< "4 × L4", "1/2 of 1 × A10"; a dash for CPU only
std::string region_of(const planner::candidate& c);
std::string price_date_of(const planner::candidate& c);
/// "on-demand" (as --price-model takes it and the planner writes it), "spot", or the commitment's term.
std::string price_model_name(const profiles::price& p);
std::string bound_name(predictor::bound b);  ///< as a reader knows it: "memory bandwidth"
std::string basis_name(predictor::basis b);  ///< "data sheet"
/// As it reads after "time": "from a roofline calibrated on public measurements".
std::string basis_phrase(predictor::basis b);
/// "CPU-only" or the GPU's name; of a rejected one too.
std::string rejected_offer_name(const planner::rejection& r);

/// Number of rejected offers by reason, in the order of the enumeration.
std::map<planner::rejection_reason, std::size_t> count_by_reason(const std::vector<planner::rejection>& rejected);

/// The reason as it reads after a number: "over deadline", "out of memory".
std::string reason_name(planner::rejection_reason r);

/// Fraction of step time of what binds the candidate; nothing without shares.
std::optional<double> main_share(const planner::candidate& c);

}  // namespace gpubench::report
