#pragma once

#include "planner/serving_plan.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>

namespace gpubench::cli {

/// What a service must keep, as typed; what is absent is as the workload's [service] says.
struct service_options {
  using duration = std::chrono::duration<double>;
  std::optional<double> requests_per_second, arrival_cv, prompt_cv, output_cv, prefix_share, tokens_per_step;
  std::optional<duration> ttft_p95, ttft_p99, tpot_p95, tpot_p99, e2e_p95, e2e_p99;
  std::optional<double> availability, instance_availability;
  std::filesystem::path trace;
  std::optional<duration> trace_gap;
  std::optional<int> simulated_requests;

  /// Whether anything was typed.
  bool any() const;
};

void add_service_options(CLI::App& app, service_options& options);

/// Whether a workload is to be planned as a service: something was typed, or its file states what arrives.
bool is_service(const service_options& options, const profiles::workload& what);

/// @param seed  of the simulated arrivals and lengths
/// @throws error: usage for a workload that serves no requests, or one of which no rate and no trace is known; io or
/// input for the trace.
planner::serving_goal to_goal(const service_options& options, const profiles::workload& what, std::uint64_t seed);

}  // namespace gpubench::cli
