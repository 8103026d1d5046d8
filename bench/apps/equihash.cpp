#include "kernels/equihash.hpp"

#include "bench/apps/equihash_solver.hpp"
#include "bench/clock.hpp"
#include "bench/host/operands.hpp"
#include "bench/host/stream_arrays.hpp"
#include "bench/registry.hpp"
#include "core/statistics.hpp"
#include "core/units.hpp"
#include "kernels/equihash_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <vector>

namespace gpubench::bench::apps {
namespace {

class equihash_case : public prepared_case {
 public:
  explicit equihash_case(const results::parameters& params)
      : n_(host::size_of(params, "n")), k_(host::size_of(params, "k")) {
    for (std::int64_t t = 0; t < host::size_of(params, "threads"); ++t)
      solvers_.push_back(make_equihash_solver(n_, k_));
  }

  std::chrono::duration<double, std::nano> sample() override {
    std::vector<equihash_run> runs(solvers_.size());
    const auto start = steady_now();
#pragma omp parallel for num_threads(static_cast <int>(solvers_.size())) schedule(static, 1)
    for (std::size_t t = 0; t < solvers_.size(); ++t) {
      runs[t] = solvers_[t]->solve(kernels::zcash_input(next_nonce_ + t));
    }
    const auto took = steady_now() - start;
    for (auto& run : runs) take(std::move(run));
    times_ns_.push_back(std::chrono::duration<double, std::nano>(took).count());
    return took;
  }

  /// Where no sample had a solution, as of few short ones can be, goes on until there is one.
  results::verification verify() override {
    constexpr int most_further_runs = 16;
    for (int i = 0; i < most_further_runs && solutions_.empty(); ++i) {
      take(solvers_.front()->solve(kernels::zcash_input(next_nonce_)));
    }
    const auto wrong = kernels::wrong_solutions(static_cast<unsigned>(n_), static_cast<unsigned>(k_), solutions_);
    return {fmt::format("invalid ones of the last {} solutions, by a verifier of its own; 1 more where none, or "
                        "improbably few, were found, and 1 where more than a thousandth of the entries was dropped",
                        solutions_.size()),
            kernels::equihash_errors(wrong, runs_, found_, dropped_share()), 0};
  }

  std::map<std::string, std::string> method() override {
    const double a_run = static_cast<double>(found_) / static_cast<double>(runs_);
    const double runs_per_second = static_cast<double>(solvers_.size()) / summarize(times_ns_).median * 1e9;
    return {{"solutions", fmt::format("{} in {} runs, {:.2f} a run", found_, runs_, a_run)},
            {"solutions_per_second", fmt::format("{:.4g} at the median", runs_per_second * a_run)},
            {"dropped_entries", fmt::format("{} in {} runs, for want of room in a bucket", dropped_, runs_)},
            {"memory", format_bytes(equihash_memory_bytes(n_, k_)) + " a thread"}};
  }

 private:
  static constexpr std::size_t most_kept = 32;

  void take(equihash_run&& run) {
    found_ += run.solutions.size();
    dropped_ += run.dropped;
    for (auto& indices : run.solutions) solutions_.push_back({next_nonce_, std::move(indices)});
    if (solutions_.size() > most_kept) solutions_.erase(solutions_.begin(), solutions_.end() - most_kept);
    ++next_nonce_;
    ++runs_;
  }

  double dropped_share() const {
    const double strings = std::exp2(static_cast<double>(n_ / (k_ + 1) + 1));
    return static_cast<double>(dropped_) / (strings * static_cast<double>(k_) * static_cast<double>(runs_));
  }

  std::int64_t n_, k_;
  std::vector<double> times_ns_;
  std::vector<std::unique_ptr<equihash_solver>> solvers_;
  std::uint64_t next_nonce_ = kernels::zcash_genesis_nonce;  // each run has a nonce of its own
  std::uint64_t runs_ = 0, found_ = 0, dropped_ = 0;
  std::vector<kernels::solved_nonce> solutions_;
};

double bytes_of_run(std::int64_t n, std::int64_t k) {
  double bytes = 0;
  kernels::with_equihash_shape(n, k, [&](auto shape) { bytes = kernels::equihash_bytes<decltype(shape)>(); });
  return bytes;
}

benchmark_definition equihash_definition() {
  benchmark_definition definition;
  definition.name = "equihash";
  definition.description =
      "Runs of a solver of Equihash with parameters n and k, a proof of work bound by memory, one nonce a thread";
  definition.backend = "host";
  definition.application = true;
  definition.cases = [](suite s, const machine& where) {
    const std::int64_t all = where.threads;
    const auto of = [](std::int64_t n, std::int64_t k, std::int64_t threads) {
      return results::parameters{{"n", n}, {"k", k}, {"threads", threads}};
    };
    std::vector<results::parameters> cases = {of(200, 9, all), of(96, 5, all)};
    if (all > 1) cases.push_back(of(200, 9, 1));
    if (s == suite::full) {
      cases.push_back(of(144, 5, all));
      if (all > 1) cases.insert(cases.end(), {of(96, 5, 1), of(144, 5, 1)});
    }
    return cases;
  };
  // A run and not a solution, whose number is chance (method.solutions): so do the planner's op=equihash count.
  definition.work = [](const results::parameters& params) {
    results::work_done work;
    work.items = static_cast<double>(host::size_of(params, "threads"));
    work.item = "run";
    const double bytes = bytes_of_run(host::size_of(params, "n"), host::size_of(params, "k"));
    if (bytes > 0) work.bytes = *work.items * bytes;
    return work;
  };
  definition.unavailable = [](const results::parameters& params, const machine&) -> std::optional<std::string> {
    const std::int64_t n = host::size_of(params, "n"), k = host::size_of(params, "k"),
                       threads = host::size_of(params, "threads");
    const double bytes = equihash_memory_bytes(n, k);
    if (!(bytes > 0)) return fmt::format("{}; not for ({},{})", kernels::equihash_shapes_text, n, k);
    if (threads < 1) return "threads must be at least 1";
    return memory_shortage(1.1 * bytes * static_cast<double>(threads));
  };
  definition.prepare = [](const results::parameters& params, const machine&) {
    return std::make_unique<equihash_case>(params);
  };
  definition.overhead = [](const results::parameters&, const machine&) { return std::chrono::duration<double>(1); };
  return definition;
}

const registration unused{equihash_definition()};

}  // namespace
}  // namespace gpubench::bench::apps
