#pragma once

#include "cli/knowledge.hpp"
#include "cli/payment.hpp"
#include "cli/values.hpp"
#include "planner/recommend.hpp"
#include "report/document.hpp"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace gpubench::cli {

/// The limits of a recommendation, and how much of it is shown; evaluate, recommend and report share them.
struct ranking_options {
  std::optional<std::chrono::duration<double>> deadline;
  double upload_seconds = 0;  ///< of the time to the deadline that is spent before the work: taken off it already
  std::optional<money> budget;
  std::optional<double> throughput;  ///< units a second to keep up with
  std::vector<std::string> providers, regions;
  std::vector<profiles::price_model> price_models;
  std::string gpu_pattern;
  int max_nodes = 1;
  double confidence = 0.95;
  payment_options payment;
  std::filesystem::path request;                               ///< the file; may be empty
  std::vector<std::string> workloads;                          ///< of the request file
  std::optional<std::chrono::system_clock::time_point> as_of;  ///< absent: now
  std::optional<int> max_price_age_days;  ///< for spot and other prices alike; absent: the planner's defaults

  int top = 10;
  bool all = false;
  bool rejected = false;
  bool wide = false;
};

void add_ranking_options(CLI::App& app, ranking_options& options);
/// Of these, for commands that take no others: which offers are looked at, and which of their prices.
void add_offer_filters(CLI::App& app, ranking_options& options);
void add_price_filters(CLI::App& app, ranking_options& options);

void apply(const ranking_options& options, report::style& look);

/// What these and the workloads name that may be a file to be read, for require_output().
/// @param named  workloads of the command line
std::vector<std::filesystem::path> files_of(const ranking_options& options, const std::vector<std::string>& named);

/// @throws error: usage for an unknown currency
planner::constraints to_constraints(const ranking_options& options, const knowledge& known);

/// When the answer is made: prices are aged against it.
std::chrono::system_clock::time_point time_of(const ranking_options& options);

/// One recommendation a workload.
/// @throws error: usage for an unknown workload (nearest names), currency or provider, or impossible limits.
std::vector<planner::recommendation> rank(const knowledge& known, const std::vector<std::string>& workloads,
                                          const ranking_options& options, const std::vector<results::run>& runs);

/// Refuses when a workload has no feasible offer; says what comes nearest.
/// @param rejections  where they are seen: of a command without the option, another's
/// @throws error: infeasible
void require_feasible(const knowledge& known, const std::vector<planner::recommendation>& answers,
                      const std::vector<results::run>& runs, std::chrono::system_clock::time_point now,
                      double upload_seconds = 0, const std::string& rejections = "--rejected");

}  // namespace gpubench::cli
