#include "kernels/tensor.hpp"

#include "bench/cuda/module/benchmark.hpp"
#include "bench/cuda/module/failure.hpp"
#include "bench/cuda/module/peak_case.hpp"
#include "bench/cuda/module/peak_rates.hpp"
#include "kernels/mma.cuh"
#include "kernels/wgmma.cuh"

#include <algorithm>
#include <iterator>

namespace gpubench::cuda {

namespace {

using kernels::tensor_type;

struct tensor_description {
  const char* name;
  const char* precision;
  const char* text;
  tensor_type type;
  /// A second variant, chosen by a text parameter; its name and what it says for either. nullptr: none.
  const char* choice;
  const char* usual;
  const char* other;
  tensor_type other_type;
};

constexpr tensor_description descriptions[] = {
    {"tensor_fp64", "fp64", "Rate of the fp64 tensor cores, without memory", tensor_type::fp64, nullptr, nullptr,
     nullptr, tensor_type::fp64},
    {"tensor_tf32", "tf32", "Rate of the TF32 tensor cores with fp32 sums, without memory", tensor_type::tf32, nullptr,
     nullptr, nullptr, tensor_type::tf32},
    {"tensor_fp16", "fp16", "Rate of the fp16 tensor cores, without memory", tensor_type::fp16, "accumulator", "fp32",
     "fp16", tensor_type::fp16_sum_fp16},
    {"tensor_bf16", "bf16", "Rate of the bf16 tensor cores with fp32 sums, without memory", tensor_type::bf16, nullptr,
     nullptr, nullptr, tensor_type::bf16},
    {"tensor_int8", "int8", "Rate of the int8 tensor cores with int32 sums, without memory", tensor_type::int8, nullptr,
     nullptr, nullptr, tensor_type::int8},
    {"tensor_fp8", "fp8", "Rate of the fp8 tensor cores with fp32 sums, without memory", tensor_type::e4m3, "format",
     "e4m3", "e5m2", tensor_type::e5m2},
};

bool is_fp8(tensor_type type) {
  return type == tensor_type::e4m3 || type == tensor_type::e5m2;
}

bool wgmma_has(tensor_type type) {
  return std::find(std::begin(kernels::wgmma_types), std::end(kernels::wgmma_types), type) !=
         std::end(kernels::wgmma_types);
}

/// The case that parameters ask for.
struct tensor_choice {
  tensor_type type = tensor_type::fp16;
  bool wgmma = false;
};

std::vector<kernels::mma_description> mma_of(tensor_type type) {
  std::vector<kernels::mma_description> result;
  for (const auto& one : kernels::mma_descriptions) {
    if (one.type == type) result.push_back(one);
  }
  return result;
}

/// Of the largest instruction.
double block_fma(const tensor_choice& choice) {
  if (choice.wgmma) return kernels::wgmma_block_fma(choice.type);
  double most = 0;
  for (const auto& one : mma_of(choice.type)) most = std::max(most, kernels::mma_block_fma(one.shape));
  return most;
}

std::vector<peak_kernel> kernels_of(const tensor_choice& choice) {
  const tensor_type type = choice.type;
  if (choice.wgmma) {
    return {{"wgmma.m64n256k" + std::to_string(kernels::wgmma_shape(type).k), kernels::wgmma_kernel_of(type),
             kernels::wgmma_threads, 900, kernels::wgmma_block_fma(type),
             [type](std::uint64_t* digests, std::uint32_t blocks, std::uint32_t rounds, cudaStream_t stream) {
               kernels::launch_wgmma(type, digests, blocks, rounds, stream);
             },
             [type](std::uint64_t rounds) { return kernels::expected_wgmma_digests(type, rounds); }}};
  }
  std::vector<peak_kernel> result;
  for (const auto& one : mma_of(type)) {
    const auto instruction = one.instruction;
    result.push_back(
        {one.name, kernels::mma_kernel_of(instruction), kernels::mma_threads, one.capability,
         kernels::mma_block_fma(one.shape),
         [instruction](std::uint64_t* digests, std::uint32_t blocks, std::uint32_t rounds, cudaStream_t stream) {
           kernels::launch_mma(instruction, digests, blocks, rounds, stream);
         },
         [instruction](std::uint64_t rounds) { return kernels::expected_mma_digests(instruction, rounds); }});
  }
  return result;
}

/// Whether the device has tensor cores for a type that mma.sync or wgmma reach at full speed; the reason if not.
std::optional<std::string> lacks_tensor_cores(const tensor_choice& choice, const char* precision,
                                              const device_properties& device) {
  const auto needs = [&](const char* capability) {
    return std::string(precision) + " tensor cores come with compute capability " + capability + "; this device has " +
           device.compute_capability;
  };
  if (choice.type == tensor_type::fp64) {
    // Elsewhere the instruction exists for compatibility, at the rate of the few ordinary fp64 cores.
    const bool has = (device.minor == 0 && (device.major == 8 || device.major == 9 || device.major == 10));
    if (has) return std::nullopt;
    return "fp64 tensor cores are on compute capability 8.0, 9.0 and 10.0 only; this device has " +
           device.compute_capability;
  }
  if (device.major == 10 || device.major == 11) {
    return "the full rate needs tcgen05 instructions, which this build does not have; mma.sync runs at a fraction of "
           "it";
  }
  if (is_fp8(choice.type) && !device.at_least(8, 9)) return needs("8.9");
  if ((choice.type == tensor_type::tf32 || choice.type == tensor_type::bf16) && !device.at_least(8, 0)) {
    return needs("8.0");
  }
  if (!device.at_least(7, 5)) {
    if (choice.type == tensor_type::int8) return needs("7.5");
    return "the tensor cores of compute capability 7.0 need an instruction that this build does not have; this device "
           "has " +
           device.compute_capability;
  }
  return std::nullopt;
}

std::optional<std::string> lacks_instruction(const tensor_choice& choice, const device_properties& device) {
  if (choice.wgmma) {
    if (!wgmma_has(choice.type)) return "wgmma is not measured for this type; use instruction mma";
    if (device.major != 9 || device.minor != 0) {
      return "wgmma is an instruction of compute capability 9.0 alone; this device has " + device.compute_capability;
    }
    if (const char* absent = kernels::wgmma_absent()) return std::string("no wgmma: ") + absent;
    return std::nullopt;
  }
  if (is_fp8(choice.type) && device.major == 9) {
    return "mma.sync converts fp8 to fp16 on compute capability 9.0; use instruction wgmma";
  }
  return std::nullopt;
}

class tensor_benchmark final : public benchmark {
 public:
  explicit tensor_benchmark(const tensor_description& described) : described_(described) {}

  gpubench_module_benchmark description() const override {
    return {described_.name,
            described_.text,
            described_.precision,
            GPUBENCH_MODULE_PEAK_DENSE,
            GPUBENCH_MODULE_ONE_DEVICE,
            1.0};
  }

  gpubench_module_work work(const parameters& values) const override {
    gpubench_module_work result{};
    result.has_flop = 1;
    result.flop = peak_flop(work_of(values));
    return result;
  }

  /// The device's own instruction first; mma.sync where there is a better one, and the other variant, for comparison.
  std::vector<parameters> cases(gpubench_module_suite suite, const device_properties& device) const override {
    const bool hopper = device.major == 9 && wgmma_has(described_.type);
    std::vector<parameters> result{parameters_of({described_.type, hopper}, device)};
    if (suite == GPUBENCH_MODULE_QUICK) return result;
    if (hopper && !is_fp8(described_.type)) result.push_back(parameters_of({described_.type, false}, device));
    if (suite == GPUBENCH_MODULE_STANDARD || described_.choice == nullptr) return result;
    result.push_back(parameters_of({described_.other_type, hopper && wgmma_has(described_.other_type)}, device));
    return result;
  }

  std::optional<std::string> unavailable(const parameters& values, const device_properties& device) const override {
    if (auto reason = peak_parameters_refused(values, device)) return reason;
    const tensor_choice choice = choice_of(values);
    if (auto reason = lacks_tensor_cores(choice, described_.precision, device)) return reason;
    if (auto reason = lacks_instruction(choice, device)) return reason;
    if (auto reason = no_code_for(device)) return reason;
    return peak_kernels_missing(kernels_of(choice), device);
  }

  std::unique_ptr<prepared_case> prepare(const parameters& values, const device_properties& device) const override {
    const tensor_choice choice = choice_of(values);
    const int limit = kernels::factor_limit(choice.type);
    const std::string scale =
        choice.type == tensor_type::int8 ? "" : " times 2^-" + std::to_string(kernels::fraction_bits(choice.type));
    return make_peak_case(
        work_of(values), kernels_of(choice), device,
        {{"operands", "uniform integers in [" + std::to_string(-limit) + ", " + std::to_string(limit) + "]" + scale}});
  }

 private:
  tensor_choice choice_of(const parameters& values) const {
    tensor_choice result{described_.type, false};
    const auto instruction = text_parameter(values, "instruction");
    if (instruction == "wgmma") {
      result.wgmma = true;
    } else if (instruction != "mma") {
      throw failure(GPUBENCH_MODULE_INTERNAL_ERROR, "parameter instruction must be mma or wgmma");
    }
    if (described_.choice == nullptr) return result;
    const auto variant = text_parameter(values, described_.choice);
    if (variant == described_.other) {
      result.type = described_.other_type;
    } else if (variant != described_.usual) {
      throw failure(GPUBENCH_MODULE_INTERNAL_ERROR, std::string("parameter ") + described_.choice + " must be " +
                                                        described_.usual + " or " + described_.other);
    }
    return result;
  }

  peak_work work_of(const parameters& values) const { return peak_work_of(values, block_fma(choice_of(values))); }

  parameters parameters_of(const tensor_choice& choice, const device_properties& device) const {
    const double per_cycle = tensor_fma_per_cycle(choice.type, device.major, device.minor);
    parameters result = make_parameters(
        {{"multiprocessors", device.multiprocessors}, {"iterations", peak_iterations(block_fma(choice), per_cycle)}});
    if (described_.choice != nullptr) {
      add_text_parameter(result, described_.choice,
                         choice.type == described_.type ? described_.usual : described_.other);
    }
    add_text_parameter(result, "instruction", choice.wgmma ? "wgmma" : "mma");
    return result;
  }

  tensor_description described_;
};

const registration<tensor_benchmark> unused(descriptions);

}  // namespace

}  // namespace gpubench::cuda
