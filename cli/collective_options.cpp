#include "cli/collective_options.hpp"

#include "bench/collective/algorithms.hpp"
#include "bench/collective/sweep.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gpubench::cli {
namespace {

using namespace collective;

/// Each chosen value once, in the order in which they were chosen.
template <class Value>
std::vector<Value> or_default(const std::vector<Value>& chosen, std::vector<Value> usual) {
  if (chosen.empty()) return usual;
  std::vector<Value> once;
  for (const Value& value : chosen) {
    if (std::find(once.begin(), once.end(), value) == once.end()) once.push_back(value);
  }
  return once;
}

std::string title_of(const collective_case& what) {
  std::string title = name_of(kinds, what.kind);
  title += std::string(" ") + name_of(types, what.type);
  if (kernels::reduces(what.kind)) title += std::string(" ") + name_of(reductions, what.operation);
  title += std::string(" ") + name_of(placements, what.where);
  if (!what.algorithm.empty()) title += " " + what.algorithm;
  if (!what.protocol.empty()) title += " " + what.protocol;
  return title;
}

collective_sweep sweep_of(collective_case what, const std::vector<std::uint64_t>& sizes) {
  collective_sweep sweep{title_of(what), {}};
  for (const std::uint64_t size : sizes) {
    what.bytes = rounded_size(what.kind, what.type, what.ranks, size);
    // Small sizes of many ranks round up to the same.
    if (sweep.cases.empty() || sweep.cases.back().bytes != what.bytes) sweep.cases.push_back(what);
  }
  return sweep;
}

std::vector<placement> placements_of(const collective_options& options, collective_kind kind, bool on_gpus) {
  const bool all = options.in_place == options.out_of_place;
  std::vector<placement> result;
  // MPI has no other broadcast than in place.
  const bool only_in_place = kind == collective_kind::broadcast && !on_gpus;
  if ((all || options.out_of_place) && !only_in_place) result.push_back(placement::out_of_place);
  if ((all || options.in_place || only_in_place) && can_be_in_place(kind)) result.push_back(placement::in_place);
  return result;
}

constexpr const char* not_said = "not said";

template <class Value, std::size_t count>
std::string names_of(const named<Value> (&table)[count], const std::vector<Value>& chosen) {
  std::vector<std::string> names;
  for (const Value value : or_default(chosen, {})) names.emplace_back(name_of(table, value));
  return names.empty() ? not_said : join(names, ", ");
}

}  // namespace

std::vector<std::pair<std::string, std::string>> options_of_all_ranks(const collective_options& options) {
  const auto bytes = [](double value) { return fmt::format("{:.0f} bytes", value); };
  const auto flag = [](bool said) { return said ? "said" : not_said; };
  return {
      {"--backend", options.backend.empty() ? not_said : options.backend},
      {"--collective", names_of(kinds, options.kinds)},
      {"--type", names_of(types, options.types)},
      {"--operation", names_of(reductions, options.operations)},
      {"--in-place", flag(options.in_place)},
      {"--out-of-place", flag(options.out_of_place)},
      {"--min-bytes", bytes(options.min_bytes)},
      {"--max-bytes", options.max_bytes ? bytes(*options.max_bytes) : not_said},
      {"--factor", std::to_string(options.factor)},
      {"--sweep-algos", flag(options.sweep_algorithms)},
      {"--no-pairs", flag(options.no_pairs)},
      {"--nic-rate",
       options.nic_bytes_per_second ? fmt::format("{:g} Gbit/s", *options.nic_bytes_per_second * 8 / giga) : not_said},
      {"--case-time", fmt::format("{:g} s", options.case_time.count())}};
}

std::vector<collective_sweep> plan_sweeps(const collective_options& options, int ranks, bool on_gpus) {
  const double usual_largest = on_gpus ? gib : 16 * mib;
  const auto first = static_cast<std::uint64_t>(options.min_bytes);
  const auto last = static_cast<std::uint64_t>(options.max_bytes.value_or(std::max(usual_largest, options.min_bytes)));
  const auto sizes = size_sweep(first, last, static_cast<std::uint64_t>(options.factor));
  const auto chosen =
      or_default(options.kinds, {collective_kind::all_reduce, collective_kind::all_gather,
                                 collective_kind::reduce_scatter, collective_kind::broadcast, collective_kind::reduce,
                                 collective_kind::all_to_all, collective_kind::send_recv});
  std::vector<collective_sweep> sweeps;
  for (const auto kind : chosen) {
    const auto operations = kernels::reduces(kind) ? or_default(options.operations, {reduction::sum})
                                                   : std::vector<reduction>{reduction::sum};
    for (const auto type : or_default(options.types, {element_type::fp32})) {
      for (const auto operation : operations) {
        if (kernels::reduces(kind) && operation == reduction::avg && !kernels::is_floating(type)) continue;
        for (const auto where : placements_of(options, kind, on_gpus)) {
          collective_case what{kind, type, operation, where, 0, ranks, 0, {}, {}};
          sweeps.push_back(sweep_of(what, sizes));
          if (!options.sweep_algorithms || !on_gpus) continue;
          for (const auto& forced : algorithms_of(kind)) {
            what.algorithm = forced.algorithm;
            what.protocol = forced.protocol;
            sweeps.push_back(sweep_of(what, sizes));
          }
        }
      }
    }
  }
  return sweeps;
}

std::vector<collective_case> plan_pairs(int ranks, bool on_gpus) {
  std::vector<collective_case> rounds;
  if (ranks < 3) return rounds;
  for (int round = 0; round < kernels::pair_rounds(ranks); ++round) {
    rounds.push_back({collective_kind::pair_exchange,
                      element_type::fp32,
                      reduction::sum,
                      placement::out_of_place,
                      static_cast<std::uint64_t>(on_gpus ? 64 * mib : mib),
                      ranks,
                      round,
                      {},
                      {}});
  }
  return rounds;
}

}  // namespace gpubench::cli
