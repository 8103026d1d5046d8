#include "imports/collective_names.hpp"

#include "core/units.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <utility>

namespace gpubench::imports {
namespace {

using bus = collective_name::factor;

struct known_collective {
  std::string_view program, benchmark;
  bool is_reduction;
  bus factor;
};

constexpr known_collective collectives[] = {
    {"all_reduce_perf", "all_reduce", true, bus::twice_all_but_one},
    {"all_gather_perf", "all_gather", false, bus::all_but_one},
    {"reduce_scatter_perf", "reduce_scatter", true, bus::all_but_one},
    {"alltoall_perf", "all_to_all", false, bus::all_but_one},
    {"broadcast_perf", "broadcast", false, bus::one},
    {"reduce_perf", "reduce", true, bus::one},
    {"sendrecv_perf", "send_recv", false, bus::one},
    // Not among our benchmarks.
    {"gather_perf", "nccl_gather", false, bus::all_but_one},
    {"scatter_perf", "nccl_scatter", false, bus::all_but_one},
    {"hypercube_perf", "nccl_hypercube", false, bus::all_but_one},
    {"alltoallv_perf", "nccl_all_to_all_v", false, bus::all_but_one},
};

// nccl-tests prints three significant digits or two decimals: what may lie between a printed rate and its source.
bool agree(double printed_gb, double derived_gb) {
  return std::abs(printed_gb - derived_gb) <= 0.006 + 0.02 * std::abs(derived_gb);
}

// A rate that was rounded to 0.00 is unknown, not 0.
std::optional<double> rate(const std::optional<double>& gb_per_second) {
  if (!gb_per_second || !(*gb_per_second > 0)) return std::nullopt;
  return *gb_per_second * giga;
}

}  // namespace

std::optional<collective_name> find_collective(std::string_view program) {
  const auto name = program.substr(program.rfind('/') + 1);  // npos + 1 is 0
  for (const auto& known : collectives)
    if (name == known.program || name == known.benchmark)
      return collective_name{std::string(known.benchmark), known.is_reduction, known.factor};
  return std::nullopt;
}

double bus_factor(const collective_name& what, std::int64_t ranks) {
  const auto n = static_cast<double>(ranks);
  switch (what.bus) {
    case bus::one:
      return 1;
    case bus::all_but_one:
      return (n - 1) / n;
    case bus::twice_all_but_one:
      return 2 * (n - 1) / n;
  }
  return 1;
}

std::string element_type_name(std::string_view nccl) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> names{{{"float", "fp32"},
                                                                                       {"double", "fp64"},
                                                                                       {"half", "fp16"},
                                                                                       {"bfloat16", "bf16"},
                                                                                       {"f8e4m3", "fp8_e4m3"},
                                                                                       {"f8e5m2", "fp8_e5m2"}}};
  for (const auto& [theirs, ours] : names)
    if (nccl == theirs) return std::string(ours);
  return std::string(nccl);
}

std::string nccl_version(std::int64_t code) {
  if (code < 10000) return fmt::format("{}.{}.{}", code / 1000, code / 100 % 10, code % 100);
  return fmt::format("{}.{}.{}", code / 10000, code / 100 % 100, code % 100);
}

results::measurement measurement_of(const collective_name& what, const collective_row& row, std::int64_t ranks,
                                    const collective_figures& figures, std::optional<std::size_t> iterations) {
  results::measurement m;
  m.benchmark = what.benchmark;
  m.params.emplace_back("bytes", row.bytes);
  if (ranks > 0) m.params.emplace_back("ranks", ranks);
  if (row.groups > 1) m.params.emplace_back("groups", row.groups);
  m.params.emplace_back("type", element_type_name(row.type));
  if (what.is_reduction) m.params.emplace_back("operation", row.operation);
  m.params.emplace_back("placement", std::string(row.in_place ? "in_place" : "out_of_place"));
  if (row.root > 0) m.params.emplace_back("root", row.root);
  m.backend = "cuda";
  m.work.bytes = static_cast<double>(row.bytes);
  if (ranks > 0) m.work.bus_bytes = *m.work.bytes * bus_factor(what, ranks);
  auto& reported = m.reported.emplace();
  if (figures.time_us) {
    reported.time_ns.mean = *figures.time_us * 1e3;
    reported.time_ns.n = iterations;
  }
  if (figures.wrong)
    m.verification =
        results::verification{"elements that differ from the expected ones, counted by nccl-tests", *figures.wrong, 0};
  if (figures.wrong.value_or(0) > 0) {
    m.status = results::measurement_status::failed;
    m.reason = fmt::format("nccl-tests counted {} wrong elements", *figures.wrong);
    return m;
  }
  if (!figures.time_us && !rate(figures.busbw_gb_per_second)) {
    m.status = results::measurement_status::skipped;
    m.reason = "nccl-tests states no time and no bandwidth";
    return m;
  }
  m.rate.bytes_per_second = rate(figures.algbw_gb_per_second);
  m.rate.busbw_bytes_per_second = rate(figures.busbw_gb_per_second);
  const auto& time = reported.time_ns.mean;
  if (m.work.bus_bytes && figures.busbw_gb_per_second && time && *time > 0) {
    const double derived = *m.work.bus_bytes / *time;  // bytes a nanosecond are GB/s
    if (!agree(*figures.busbw_gb_per_second, derived))
      m.warnings.push_back(fmt::format("the file states {} GB/s busbw, but size, ranks and time give {:.2f}",
                                       *figures.busbw_gb_per_second, derived));
  }
  return m;
}

}  // namespace gpubench::imports
