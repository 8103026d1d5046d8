#pragma once

#include "planner/serving_plan.hpp"
#include "report/document.hpp"
#include "report/grid.hpp"

#include <string>
#include <vector>

namespace gpubench::report {

/// What a plan of a service says in words; the same sentences in every output form.
struct service_sentences {
  std::string service;  ///< what arrives and what must be kept
  std::string rent;
  std::string because;
  std::string at_least;  ///< what a request alone takes: the floor of each limit
  std::string rejected;  ///< empty when nothing was
  std::vector<std::string> notes;
};
service_sentences sentences_of(const planner::serving_answer& answer);

/// Places in `ranked` that a form for people shows, as places_to_show().
std::vector<std::size_t> service_places(const planner::serving_answer& answer, const style& look);

grid service_grid(const planner::serving_answer& answer, const std::vector<std::size_t>& places);

/// The same offer as one of a job, for what both say alike: all its instances, without time and cost of a job.
planner::candidate as_candidate(const planner::serving_candidate& c);

/// "TTFT P95 within 500 ms"
std::string describe(const serving::latency_limit& limit);

}  // namespace gpubench::report
