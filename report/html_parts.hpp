#pragma once

#include "core/json.hpp"
#include "report/document.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gpubench::report {

/// The parts of the HTML report: each gives HTML that reads without a script.
/// @param heading  of the section; the workload's title stands in the page's heading when it is the only one
std::string html_recommendation(const planner::recommendation& answer, std::size_t number, std::string_view heading);
std::string html_capacity(const planned_workload& planned, std::size_t number);
std::string html_service(const planner::serving_answer& answer, std::size_t number);
std::string html_measurements(const document& content);  ///< of its one run
std::string html_provenance(const document& content);

// Of several runs. html_costs() and html_collectives() serve one run as well; what has nothing to show is empty.
std::string html_side_by_side(const document& content);
std::string html_costs(const document& content);
std::string html_collectives(const document& content);
std::string html_overlay(const document& content);
std::string html_run_details(const shown_run& shown);
std::string html_nodes(const document& content);  ///< empty unless the runs are of nodes that are peers

/// What the scripts draw, as JSON: {"tradeoff": {"1": ...}, "roofline": {"1": ...}, "latency": {...}, ...}.
json chart_data(const document& content);
json roofline_data(const results::run& run, const std::string& device);
json overlay_data(const document& content);
json collective_data(const document& content);

/// Text description of each chart, for a reader who does not see it.
std::string describe_tradeoff(const planner::recommendation& answer);
std::string describe_roofline(const results::run& run, const std::string& device);
std::string describe_latency(const results::run& run);

/// Whether there is anything to draw: a chart without points is left out, with a sentence in its place.
std::vector<std::string> roofline_devices(const results::run& run);  ///< one plot each, in this order
bool has_latency(const results::run& run);

/// Operator of the roofline plot: a successful measurement, of the normal phase, that counts both FLOP and bytes.
bool is_roofline_point(const results::measurement& m);

/// A page stays usable on a phone with so many rows; JSON and CSV have all.
inline constexpr std::size_t most_html_rows = 200;

}  // namespace gpubench::report
