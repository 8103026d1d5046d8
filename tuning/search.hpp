#pragma once

#include "results/run.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "comparison/compare.hpp"

namespace gpubench::tuning {

/// Variables for a library, beside those that the user has set. Empty: the library's own choice.
using setting = std::map<std::string, std::string>;
/// "NCCL_ALGO=Ring NCCL_PROTO=LL"; "own choice" of none.
std::string to_string(const setting& variables);

/// Something that can be chosen, and the choices beside the library's own.
struct dimension {
  std::string name;  ///< "interface", "algorithm", "protocol", "channels"
  std::vector<setting> choices;
  /// Variables of which each must have one of these values, or the choices have no effect. Empty: they always have.
  std::map<std::string, std::set<std::string>> on_top_of = {};

  bool has_effect_on_top_of(const setting& variables) const;
};

/// One launch under a setting: a process of its own, as libraries read their variables once.
struct trial {
  std::optional<results::run> run;  ///< absent: it failed
  std::string problem;              ///< why
  double seconds = 0;               ///< how long the launch took, with its start
};

/// What launches and measures.
class measurer {
 public:
  virtual ~measurer() = default;
  /// @param limit_seconds  a launch that takes longer hangs, and is ended
  virtual trial measure(const setting& variables, double limit_seconds) = 0;
};

struct search_options {
  double budget_seconds = 600;
  double launch_limit_seconds = 300;    ///< of the library's own choice, and the most that any launch is given
  double threshold = 0.02;              ///< the smallest gain of time that counts, a fraction
  double false_discovery_rate = 0.01;   ///< of the confirmation, over all its cases
  std::size_t first_launches = 3;       ///< of the library's own choice
  std::size_t screening_launches = 2;   ///< of each choice; one where the first looks no faster
  std::size_t confirming_launches = 6;  ///< of each of the two that are confirmed
  std::function<bool()> interrupted = [] { return false; };
};

/// One choice that was tried.
struct tried_choice {
  std::string dimension;
  setting variables;
  std::optional<double> change;  ///< of time against the library's own choice, mean over all cases; absent: it failed
  std::size_t launches = 0;
  std::string problem;
};

enum class search_end { all_tried, out_of_budget, interrupted };

struct search_result {
  std::vector<tried_choice> tried;
  std::vector<std::string> left_out;                          ///< dimensions without effect on top of the best so far
  setting candidate;                                          ///< what looked fastest; empty: nothing looked faster
  std::optional<comparison::comparison_result> confirmation;  ///< own choice against the candidate, fresh launches only
  bool keeps = false;                                         ///< the candidate is better beyond doubt
  std::string reason;  ///< why the candidate is not kept; empty: it is, or there is none
  search_end end = search_end::all_tried;
  std::size_t launches = 0;
  double seconds = 0;
};

/// Looks for a setting under which all cases together take less time than under the library's own choice.
/// Dimension by dimension, each choice is launched on top of what looked best so far (coordinate descent); the best of
/// a dimension is taken over where it looks faster by half of the threshold. A dimension that would have no effect
/// there is left out. Of many choices the best always looks better than it is, so what was found this way is only a
/// candidate: it and the library's own choice are launched anew, in turn, and compared by these launches alone
/// (comparison::compare()). It is kept only where a case is faster, significantly and by at least the threshold, and
/// none is wrong, missing, slower, or may be slower by the threshold (comparison::could_be_slower()). A setting's
/// launch is given a few times what the own choice took: what is that slow is no gain, and what hangs must not use up
/// the time of the other choices.
/// @throws error: the measurer's; environment where the library's own choice cannot be measured, with the reason.
search_result search(measurer& launches, const std::vector<dimension>& dimensions, const search_options& options);

}  // namespace gpubench::tuning
