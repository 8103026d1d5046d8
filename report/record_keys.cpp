#include "report/records.hpp"

namespace gpubench::report {

const std::vector<std::string>& record_keys() {
  static const std::vector<std::string> keys{
      // clang-format off
      "record", "workload", "rank", "provider", "instance_type", "region", "price_model", "price_date", "price_source",
      "price_is_old", "nodes", "gpu", "gpus", "split", "helpers", "job_seconds", "job_low_seconds", "job_high_seconds",
      "usd_per_hour", "cost_usd", "cost_low_usd", "cost_high_usd", "expected_cost_usd", "regret_usd", "unit",
      "usd_per_million_units", "units_per_second", "probability_in_deadline", "violation_risk", "bound_by", "basis",
      "on_pareto_front",
      // measurements
      "benchmark", "parameters", "device", "phase", "status", "reason", "samples", "median_ns", "median_low_ns",
      "median_high_ns", "flop_per_second", "bytes_per_second", "items_per_second", "busbw_bytes_per_second",
      "fraction_of_peak", "peak_kind", "verified", "stopped_by", "throttled_samples", "power_watts", "energy_joules",
      "method", "flags", "imported_from",
      // plans over time
      "broken_limit", "policy", "committed_instances", "commitment_term", "mean_instances", "peak_instances",
      "spot_hours", "on_demand_hours", "late_fraction", "longest_wait_seconds", "peak_backlog_units",
      "oracle_bound_usd", "quota_month", "budget_month",
      // services
      "requests_per_second", "instances", "spares", "replicas", "tensor_parallel", "usd_per_month", "probability_kept",
      "headroom", "utilisation", "availability", "ttft_p50_seconds", "ttft_p95_seconds", "ttft_p99_seconds",
      "tpot_p50_seconds", "tpot_p95_seconds", "tpot_p99_seconds", "e2e_p50_seconds", "e2e_p95_seconds",
      "e2e_p99_seconds",
      // measurements again: which of several runs, and the mean where a tool states one
      "run", "mean_ns"};
  // clang-format on
  return keys;
}

}  // namespace gpubench::report
