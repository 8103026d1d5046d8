#include "bench/cuda/module/benchmark.hpp"
#include "bench/cuda/module/liquid_on_device.hpp"
#include "bench/cuda/module/memory_fit.hpp"
#include "bench/cuda/module/timer.hpp"
#include "bench/cuda/module/watchdog.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace gpubench::cuda {

namespace {

/// As on the host.
constexpr std::int64_t melting_steps = 50, steps_of_sample = kernels::liquid::rebuild_every;

struct liquid_description {
  bool fp64;
  const char* name;
  const char* text;
};

constexpr liquid_description descriptions[] = {
    {false, "md_lennard_jones_fp32",
     "Molecular dynamics of a Lennard-Jones liquid, velocity Verlet over neighbour lists, in single precision"},
    {true, "md_lennard_jones_fp64",
     "Molecular dynamics of a Lennard-Jones liquid, velocity Verlet over neighbour lists, in double precision"},
};

template <class T>
class liquid_case final : public prepared_case {
 public:
  liquid_case(std::int64_t atoms, const device_properties& device)
      : timer_(device, "ten steps of molecular dynamics"), liquid_(atoms, timer_.stream()) {
    run(liquid_, melting_steps);
  }

  sample_times sample() override {
    return timer_.cold([this] { liquid_.enqueue(steps_of_sample); });
  }

  verification verify() override {
    liquid_on_device<T> watched(kernels::watched_atoms, timer_.stream());
    const auto before = watched.state();
    run(watched, kernels::watched_steps);
    const auto verdict = kernels::judge_liquid(liquid_.state(), liquid_.steps(), before, watched.state(),
                                               std::max(liquid_.longest_list(), watched.longest_list()));
    return {verdict.compared, verdict.error, 1};
  }

  std::optional<double> clock_hertz() const override { return timer_.clock_hertz(); }

  method_notes notes() const override {
    auto result = timer_.notes();
    result.emplace_back("steps_per_sample", std::to_string(steps_of_sample));
    result.emplace_back("neighbour_lists", "built again every " + std::to_string(kernels::liquid::rebuild_every) +
                                               " steps, cutoff 2.5 and skin 0.3; the longest had " +
                                               std::to_string(liquid_.longest_list()) + " entries");
    return result;
  }

 private:
  /// Waits now and then: the queue of launches is short.
  void run(liquid_on_device<T>& liquid, std::int64_t steps) {
    constexpr std::int64_t at_a_time = 50;
    for (std::int64_t done = 0; done < steps; done += at_a_time) {
      liquid.enqueue(std::min(at_a_time, steps - done));
      GPUBENCH_CUDA(cudaGetLastError());
      wait_for(timer_.stream(), "molecular dynamics");
    }
  }

  timer timer_;
  liquid_on_device<T> liquid_;
};

class liquid_benchmark final : public benchmark {
 public:
  explicit liquid_benchmark(const liquid_description& described) : described_(described) {}

  gpubench_module_benchmark description() const override {
    return {described_.name,
            described_.text,
            described_.fp64 ? "fp64" : "fp32",
            GPUBENCH_MODULE_PEAK_DENSE,
            GPUBENCH_MODULE_ONE_DEVICE,
            1.5};
  }

  bool is_application() const override { return true; }

  gpubench_module_work work(const parameters& values) const override {
    gpubench_module_work result{};
    result.has_flop = result.has_bytes = result.has_items = 1;
    result.items = static_cast<double>(positive_parameter(values, "atoms") * steps_of_sample);
    result.item = "atom-step";
    result.flop = result.items * kernels::liquid_flop_per_atom_step();
    result.bytes = result.items * kernels::liquid_bytes_per_atom_step(value_bytes());
    return result;
  }

  /// The size of the workload md-lennard-jones first, then that of the host's case; from 32,000 atoms to 16 million in
  /// the full suite.
  std::vector<parameters> cases(gpubench_module_suite suite, const device_properties&) const override {
    if (suite == GPUBENCH_MODULE_QUICK) return {};
    std::vector<parameters> result;
    for (const std::int64_t atoms : {2'048'000, 256'000}) result.push_back(make_parameters({{"atoms", atoms}}));
    if (suite == GPUBENCH_MODULE_FULL) {
      for (const std::int64_t atoms : {32'000, 16'384'000}) result.push_back(make_parameters({{"atoms", atoms}}));
    }
    return result;
  }

  std::optional<std::string> unavailable(const parameters& values, const device_properties& device) const override {
    const std::int64_t atoms = positive_parameter(values, "atoms");
    if (auto reason = kernels::liquid_refusal(atoms)) return reason;
    if (!fits_device(liquid_device_bytes(atoms, value_bytes()), device)) {
      return "the atoms and their lists do not fit the device's memory";
    }
    return no_code_for(device);
  }

  std::unique_ptr<prepared_case> prepare(const parameters& values, const device_properties& device) const override {
    const std::int64_t atoms = positive_parameter(values, "atoms");
    if (described_.fp64) return std::make_unique<liquid_case<double>>(atoms, device);
    return std::make_unique<liquid_case<float>>(atoms, device);
  }

 private:
  double value_bytes() const { return described_.fp64 ? 8 : 4; }

  liquid_description described_;
};

const registration<liquid_benchmark> unused(descriptions);

}  // namespace

}  // namespace gpubench::cuda
