#include "bench/apps/liquid_simulation.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gpubench::bench::apps {
namespace {

/// Enough for the lattice to melt: the time of a step depends on how far atoms move between two lists.
constexpr std::int64_t melting_steps = 50;

/// Steps of one sample: from one building of the lists to the next.
constexpr std::int64_t steps_of_sample = kernels::liquid::rebuild_every;

template <class T>
class liquid_case : public prepared_case {
 public:
  liquid_case(std::int64_t atoms, int threads) : simulation_(atoms, threads) { simulation_.run(melting_steps); }

  std::chrono::duration<double, std::nano> sample() override {
    return host::time_of([this] { simulation_.run(steps_of_sample); });
  }

  results::verification verify() override {
    // On one thread: so small a system would mostly wait for the others.
    liquid_simulation<T> watched(kernels::watched_atoms, 1);
    const auto before = watched.state();
    watched.run(kernels::watched_steps);
    const auto verdict = kernels::judge_liquid(simulation_.state(), simulation_.steps(), before, watched.state(),
                                               std::max(simulation_.longest_list(), watched.longest_list()));
    return {verdict.compared, verdict.error, 1};
  }

  std::map<std::string, std::string> method() override {
    return {
        {"steps_per_sample", std::to_string(steps_of_sample)},
        {"neighbour_lists", fmt::format("built again every {} steps, cutoff {} and skin {}; the longest had {} entries",
                                        kernels::liquid::rebuild_every, kernels::liquid::cutoff, kernels::liquid::skin,
                                        simulation_.longest_list())}};
  }

 private:
  liquid_simulation<T> simulation_;
};

benchmark_definition definition_of(bool fp64) {
  const double value_bytes = fp64 ? 8 : 4;
  benchmark_definition definition;
  definition.name = fp64 ? "md_lennard_jones_fp64" : "md_lennard_jones_fp32";
  definition.description =
      fmt::format("Molecular dynamics of a Lennard-Jones liquid, velocity Verlet over neighbour lists, in {} precision",
                  fp64 ? "double" : "single");
  definition.backend = "host";
  definition.application = true;
  definition.cases = [](suite s, const machine&) {
    std::vector<results::parameters> cases;
    const auto sizes = s == suite::full ? std::vector<std::int64_t>{256'000, 32'000, 2'048'000, 16'384'000}
                                        : std::vector<std::int64_t>{256'000};
    for (const std::int64_t atoms : sizes) cases.push_back({{"atoms", atoms}});
    return cases;
  };
  // Sources stand at the functions.
  definition.work = [value_bytes](const results::parameters& values) {
    const double atom_steps = static_cast<double>(host::size_of(values, "atoms") * steps_of_sample);
    return results::work_done{atom_steps * kernels::liquid_flop_per_atom_step(),
                              atom_steps * kernels::liquid_bytes_per_atom_step(value_bytes), atom_steps, "atom-step"};
  };
  definition.unavailable = [value_bytes](const results::parameters& values,
                                         const machine& where) -> std::optional<std::string> {
    const std::int64_t atoms = host::size_of(values, "atoms");
    if (auto reason = kernels::liquid_refusal(atoms)) return reason;
    return host::lacks_memory(where, liquid_memory_bytes(atoms, value_bytes));
  };
  definition.prepare = [fp64](const results::parameters& values,
                              const machine& where) -> std::unique_ptr<prepared_case> {
    const std::int64_t atoms = host::size_of(values, "atoms");
    if (fp64) return std::make_unique<liquid_case<double>>(atoms, where.threads);
    return std::make_unique<liquid_case<float>>(atoms, where.threads);
  };
  definition.overhead = [](const results::parameters& values, const machine& where) {
    // Melting, and the small system of the check.
    const double atom_steps = static_cast<double>(host::size_of(values, "atoms") * melting_steps) +
                              static_cast<double>(kernels::watched_atoms * kernels::watched_steps);
    return std::chrono::duration<double>(0.3e-6 * atom_steps / std::max(1, where.threads));
  };
  definition.peak = benchmark_definition::peak_kind::dense;
  definition.precision = fp64 ? models::precision::fp64 : models::precision::fp32;
  return definition;
}

const registration fp32_registered{definition_of(false)};
const registration fp64_registered{definition_of(true)};

}  // namespace
}  // namespace gpubench::bench::apps
