#include "bench/cuda/module/peak_case.hpp"

#include "bench/cuda/module/failure.hpp"
#include "bench/cuda/module/owners.hpp"
#include "bench/cuda/module/timer.hpp"
#include "bench/cuda/module/watchdog.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

namespace gpubench::cuda {

namespace {

/// Four blocks a multiprocessor are not needed by all kernels, and not possible for those with many registers.
constexpr int resident_counts[] = {1, 2, 4};
static_assert(peak_blocks % 4 == 0, "divided by each of them");

/// Never a digest, but by a chance of 2^-64.
constexpr int poison_byte = 0xff;

constexpr std::int64_t most_iterations = 10'000;

/// The architecture that a kernel's code on this device was written for, as __CUDA_ARCH__ writes it; nothing without
/// code. Code that the driver compiles from PTX of an older architecture lacks what that one lacked.
std::optional<int> code_of(const peak_kernel& kernel) {
  if (kernel.function == nullptr) return std::nullopt;
  cudaFuncAttributes attributes{};
  if (cudaFuncGetAttributes(&attributes, kernel.function) != cudaSuccess) {
    cudaGetLastError();
    return std::nullopt;
  }
  return 10 * attributes.ptxVersion;
}

/// Those of the kernels that the device and the build have.
std::vector<peak_kernel> usable(std::vector<peak_kernel> kernels, const device_properties& device) {
  const auto lacks = [&](const peak_kernel& kernel) {
    if (!device.at_least(kernel.capability / 100, kernel.capability / 10 % 10)) return true;
    const auto code = code_of(kernel);
    return !code || *code < kernel.capability;
  };
  kernels.erase(std::remove_if(kernels.begin(), kernels.end(), lacks), kernels.end());
  return kernels;
}

std::vector<int> most_resident(const std::vector<peak_kernel>& kernels) {
  std::vector<int> result;
  for (const auto& kernel : kernels) {
    int blocks = 0;
    GPUBENCH_CUDA(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, kernel.function, kernel.threads, 0));
    result.push_back(blocks);
  }
  return result;
}

class peak_case final : public prepared_case {
 public:
  peak_case(const peak_work& work, std::vector<peak_kernel> kernels, const device_properties& device,
            method_notes notes)
      : work_(work), kernels_(std::move(kernels)), notes_(std::move(notes)), timer_(device, "an arithmetic kernel") {
    const auto launches = peak_launches(work, kernels_, most_resident(kernels_));
    if (launches.empty()) throw failure(GPUBENCH_MODULE_UNSUPPORTED, "no arithmetic kernel fits a multiprocessor");
    std::size_t most_threads = 0;
    for (const auto& launch : launches) most_threads = std::max(most_threads, threads_of(launch));
    digests_ = device_buffer(most_threads * sizeof(std::uint64_t));
    choose_launch(launches);
    GPUBENCH_CUDA(cudaMemsetAsync(digests_.data(), poison_byte, digests_.bytes(), timer_.stream()));
    wait_for(timer_.stream(), "poisoning the digests");
  }

  sample_times sample() override {
    const sample_times times = run(launch_);
    if (times.clock_hertz && (!fastest_ || times.device_ns < fastest_->device_ns)) fastest_ = times;
    return times;
  }

  verification verify() override {
    std::vector<std::uint64_t> found(threads_of(launch_));
    GPUBENCH_CUDA(
        cudaMemcpy(found.data(), digests_.data(), found.size() * sizeof(std::uint64_t), cudaMemcpyDeviceToHost));
    const auto expected = kernel().expected_digests(launch_.rounds);
    double wrong = 0;
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (found[i] != expected[i % expected.size()]) ++wrong;
    }
    return {"threads whose digest of all results differs from the one computed on the host, bit for bit", wrong, 0};
  }

  std::optional<double> clock_hertz() const override { return timer_.clock_hertz(); }

  method_notes notes() const override {
    auto result = timer_.notes();
    result.insert(result.end(), notes_.begin(), notes_.end());
    result.emplace_back("instruction", kernel().name);
    result.emplace_back("launch", launch_text());
    if (fastest_) result.emplace_back("fma_per_cycle_per_multiprocessor", rate_text());
    return result;
  }

 private:
  const peak_kernel& kernel() const { return kernels_[launch_.kernel]; }

  std::uint32_t blocks_of(const peak_launch& launch) const {
    return static_cast<std::uint32_t>(work_.multiprocessors * launch.resident);
  }
  std::size_t threads_of(const peak_launch& launch) const {
    return static_cast<std::size_t>(blocks_of(launch)) * static_cast<std::size_t>(kernels_[launch.kernel].threads);
  }

  sample_times run(const peak_launch& launch) {
    return timer_.cold([&] {
      kernels_[launch.kernel].launch(digests_.as<std::uint64_t>(), blocks_of(launch), launch.rounds, timer_.stream());
    });
  }

  /// The fastest of two samples decides: here noise only ever adds time. The first of all is not counted: a kernel that
  /// follows an idle device meets its low clock. Each kernel's code is loaded first, for that may wait for the device.
  void choose_launch(const std::vector<peak_launch>& launches) {
    for (const auto& one : kernels_) {
      one.launch(digests_.as<std::uint64_t>(), 1, 1, timer_.stream());
      GPUBENCH_CUDA(cudaGetLastError());
      wait_for(timer_.stream(), std::string("the first launch of ") + one.name);
    }
    run(launches.front());
    double best_ns = std::numeric_limits<double>::infinity();
    tried_ = launches.size();
    for (const auto& launch : launches) {
      const double first_ns = run(launch).device_ns;
      const double time_ns = std::min(first_ns, run(launch).device_ns);
      if (time_ns < best_ns) {
        best_ns = time_ns;
        launch_ = launch;
      }
    }
  }

  std::string launch_text() const {
    return std::to_string(launch_.resident) + " blocks of " + std::to_string(kernel().threads) +
           " threads on each of " + std::to_string(work_.multiprocessors) + " multiprocessors, the fastest of " +
           std::to_string(tried_) + " launches tried";
  }

  /// Independent of the clock: says how much of the time the units were busy.
  std::string rate_text() const {
    const double fma = kernel().block_fma * launch_.resident * launch_.rounds;
    const double cycles = fastest_->device_ns * 1e-9 * *fastest_->clock_hertz;
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", fma / cycles);
    return text;
  }

  peak_work work_;
  std::vector<peak_kernel> kernels_;
  method_notes notes_;
  timer timer_;
  device_buffer digests_;
  peak_launch launch_;
  std::size_t tried_ = 0;
  std::optional<sample_times> fastest_;
};

}  // namespace

peak_work peak_work_of(const parameters& values, double block_fma) {
  return {positive_parameter(values, "multiprocessors"), positive_parameter(values, "iterations"), block_fma};
}

double peak_flop(const peak_work& work) {
  return 2.0 * static_cast<double>(work.multiprocessors) * static_cast<double>(work.iterations) * peak_blocks *
         work.block_fma;
}

std::int64_t peak_iterations(double block_fma, double fma_per_cycle) {
  constexpr double wanted_cycles = 3e-3 * 1.7e9;
  const double iterations = wanted_cycles * fma_per_cycle / (peak_blocks * block_fma);
  return std::clamp(static_cast<std::int64_t>(std::llround(iterations)), std::int64_t{1}, most_iterations);
}

std::optional<std::string> peak_parameters_refused(const parameters& values, const device_properties& device) {
  const peak_work work = peak_work_of(values, 0);
  if (work.multiprocessors > device.multiprocessors) {
    return "this device has " + std::to_string(device.multiprocessors) + " multiprocessors";
  }
  if (work.iterations > most_iterations) return "iterations must be at most " + std::to_string(most_iterations);
  return std::nullopt;
}

std::optional<std::string> peak_kernels_missing(const std::vector<peak_kernel>& kernels,
                                                const device_properties& device) {
  const device_guard current(device.index);
  if (!usable(kernels, device).empty()) return std::nullopt;
  return "this build has no code of this instruction for compute capability " + device.compute_capability +
         "; build with CMAKE_CUDA_ARCHITECTURES=native on this machine";
}

std::vector<peak_launch> peak_launches(const peak_work& work, const std::vector<peak_kernel>& kernels,
                                       const std::vector<int>& most) {
  std::vector<peak_launch> result;
  for (std::size_t i = 0; i < kernels.size(); ++i) {
    for (const int resident : resident_counts) {
      if (resident > most[i]) continue;
      const double rounds =
          static_cast<double>(work.iterations) * peak_blocks / resident * (work.block_fma / kernels[i].block_fma);
      result.push_back({i, resident, static_cast<std::uint32_t>(rounds)});
    }
  }
  return result;
}

std::unique_ptr<prepared_case> make_peak_case(const peak_work& work, std::vector<peak_kernel> kernels,
                                              const device_properties& device, method_notes notes) {
  auto usable_kernels = usable(std::move(kernels), device);
  if (usable_kernels.empty()) {
    throw failure(GPUBENCH_MODULE_UNSUPPORTED, "this build has no code of this instruction for the device");
  }
  return std::make_unique<peak_case>(work, std::move(usable_kernels), device, std::move(notes));
}

}  // namespace gpubench::cuda
