#include "cli/service_options.hpp"

#include "cli/values.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace gpubench::cli {
namespace {

double parse_within(std::string_view text, double low, double high, const char* what) {
  const auto value = parse_number(trim(text));
  if (!value || *value < low || *value > high)
    throw error(error_kind::usage,
                fmt::format("'{}' is not {} from {} to {}", text, what, format_number(low), format_number(high)),
                "leave the option out for its default: see --help");
  return *value;
}

// "50" or "50/s"
double parse_request_rate(const std::string& text) {
  std::string_view rest = trim(text);
  if (rest.ends_with("/s")) rest.remove_suffix(2);
  return parse_within(rest, 1e-4, 1e6, "a number of requests a second");
}

double parse_cv(const std::string& text) {
  return parse_within(text, 0, 20, "a coefficient of variation");
}

}  // namespace

bool service_options::any() const {
  return requests_per_second || arrival_cv || prompt_cv || output_cv || prefix_share || tokens_per_step || ttft_p95 ||
         ttft_p99 || tpot_p95 || tpot_p99 || e2e_p95 || e2e_p99 || availability || instance_availability ||
         !trace.empty() || trace_gap || simulated_requests;
}

void add_service_options(CLI::App& app, service_options& options) {
  const auto group = [](CLI::Option* option) { option->group("Service levels of llm-serve workloads"); };
  group(add_value(app, "--request-rate", options.requests_per_second, parse_request_rate, "R",
                  "requests that arrive a second; with --trace the rate at which it is replayed"));
  const auto limit = [&](const char* name, std::optional<service_options::duration>& target, const char* help) {
    group(add_value(app, name, target, parse_duration, "DURATION", help));
  };
  limit("--ttft-p95", options.ttft_p95, "time to first token that 95 % of requests keep, as 500ms");
  limit("--ttft-p99", options.ttft_p99, "the same of 99 %");
  limit("--tpot-p95", options.tpot_p95, "time per further output token that 95 % of requests keep, as 30ms");
  limit("--tpot-p99", options.tpot_p99, "the same of 99 %");
  limit("--e2e-p95", options.e2e_p95, "time to the last token that 95 % of requests keep, as 10s");
  limit("--e2e-p99", options.e2e_p99, "the same of 99 %");
  group(add_value(app, "--availability", options.availability, parse_probability, "P",
                  "share of time with enough instances up, as 99.9%; adds spare instances"));
  group(add_value(app, "--instance-availability", options.instance_availability, parse_probability, "P",
                  "share of time that one instance is up (default 99.5%, assumed)"));
  group(add_value(app, "--arrival-cv", options.arrival_cv, parse_cv, "CV",
                  "variation of the times between requests: 1 Poisson (default), 2 to 4 bursty"));
  group(add_value(app, "--prompt-cv", options.prompt_cv, parse_cv, "CV",
                  "variation of the prompts' lengths around the workload's, log-normal (default 0)"));
  group(add_value(app, "--output-cv", options.output_cv, parse_cv, "CV", "the same of the outputs'"));
  group(add_value(app, "--prefix-share", options.prefix_share, parse_probability, "P",
                  "share of prompt tokens that are in the cache already, as 30%"));
  group(add_value(
      app, "--tokens-per-step", options.tokens_per_step,
      [](const std::string& text) { return parse_within(text, 1, 16, "a number of tokens"); }, "N",
      "tokens that a sequence gains a step with speculative decoding, net of its cost (default 1)"));
  group(app.add_option("--trace", options.trace, "requests to replay: CSV with time, prompt and output tokens")
            ->type_name("FILE"));
  group(add_value(app, "--trace-gap", options.trace_gap, parse_duration, "DURATION",
                  "longest time without a request that a trace may have (default 1h)"));
  group(add_value(
      app, "--simulated-requests", options.simulated_requests,
      [](const std::string& text) { return parse_count(text, 1000, 10'000'000); }, "N",
      "of each simulation, at least, and of a trace at most (default 20000)"));
}

bool is_service(const service_options& options, const profiles::workload& what) {
  return options.any() || what.service.requests_per_second.has_value();
}

planner::serving_goal to_goal(const service_options& options, const profiles::workload& what, std::uint64_t seed) {
  if (what.kind != profiles::workload_kind::llm_serve)
    throw error(
        error_kind::usage,
        fmt::format("{} serves no requests: --request-rate, --ttft-p95 and their like are for llm-serve workloads",
                    what.name),
        "gpubench list workloads");
  planner::serving_goal goal;
  goal.level = what.service;
  const auto take = [](auto& target, const auto& typed) {
    if (typed) target = *typed;
  };
  take(goal.level.requests_per_second, options.requests_per_second);
  take(goal.level.arrival_cv, options.arrival_cv);
  take(goal.level.prompt_tokens_cv, options.prompt_cv);
  take(goal.level.output_tokens_cv, options.output_cv);
  take(goal.level.prefix_cache_share, options.prefix_share);
  take(goal.level.tokens_per_step, options.tokens_per_step);
  const auto take_limit = [](std::optional<double>& target, const std::optional<service_options::duration>& typed) {
    if (typed) target = typed->count();
  };
  take_limit(goal.level.ttft_p95_seconds, options.ttft_p95);
  take_limit(goal.level.ttft_p99_seconds, options.ttft_p99);
  take_limit(goal.level.tpot_p95_seconds, options.tpot_p95);
  take_limit(goal.level.tpot_p99_seconds, options.tpot_p99);
  take_limit(goal.level.e2e_p95_seconds, options.e2e_p95);
  take_limit(goal.level.e2e_p99_seconds, options.e2e_p99);
  take(goal.level.availability, options.availability);
  take(goal.instance_availability, options.instance_availability);
  goal.seed = seed;
  take(goal.simulated_requests, options.simulated_requests);
  if (!options.trace.empty()) {
    if (options.arrival_cv || options.prompt_cv || options.output_cv)
      throw error(error_kind::usage,
                  "--trace brings arrivals and lengths of its own: --arrival-cv, --prompt-cv and "
                  "--output-cv do not go with it");
    const double gap = options.trace_gap ? options.trace_gap->count() : 3600;
    goal.recorded = std::make_shared<serving::trace>(
        serving::load_trace(options.trace, gap, static_cast<std::size_t>(goal.simulated_requests)));
  } else if (options.trace_gap) {
    throw error(error_kind::usage, "--trace-gap without --trace");
  } else if (!goal.level.requests_per_second) {
    throw error(error_kind::usage, fmt::format("{} needs to know what arrives", what.name),
                "state --request-rate R, requests a second, or --trace FILE");
  }
  // The trace's own rate, unless one was typed.
  if (goal.recorded) goal.level.requests_per_second = options.requests_per_second;
  return goal;
}

}  // namespace gpubench::cli
