#include "kernels/arithmetic.cuh"

#include "bench/cuda/module/benchmark.hpp"
#include "bench/cuda/module/peak_case.hpp"
#include "bench/cuda/module/peak_rates.hpp"
#include "kernels/arithmetic_check.hpp"

namespace gpubench::cuda {

namespace {

using kernels::arithmetic_type;

struct arithmetic_description {
  arithmetic_type type;
  const char* name;
  const char* precision;
  gpubench_module_peak peak;
  int capability;
  const char* instruction;
  const char* text;
};

// Only fp32 has its rate of the ordinary cores as the dense peak of a data sheet. That of fp16 and bf16 is the tensor
// cores' wherever there are any, and so is that of fp64 on the devices that are rented for it: a fraction of it would
// mislead. Integers of 32 bits have no peak, and then the precision names nothing.
constexpr arithmetic_description descriptions[] = {
    {arithmetic_type::fp64, "arithmetic_fp64", "fp64", GPUBENCH_MODULE_PEAK_NONE, 0, "DFMA",
     "Rate of fused multiply-adds in double precision on the ordinary cores, without memory"},
    {arithmetic_type::fp32, "arithmetic_fp32", "fp32", GPUBENCH_MODULE_PEAK_DENSE, 0, "FFMA",
     "Rate of fused multiply-adds in single precision on the ordinary cores, without memory"},
    {arithmetic_type::fp16, "arithmetic_fp16", "fp16", GPUBENCH_MODULE_PEAK_NONE, 700, "HFMA2",
     "Rate of fused multiply-adds on pairs of fp16 on the ordinary cores, without memory"},
    {arithmetic_type::bf16, "arithmetic_bf16", "bf16", GPUBENCH_MODULE_PEAK_NONE, 800, "HFMA2.BF16",
     "Rate of fused multiply-adds on pairs of bf16 on the ordinary cores, without memory"},
    {arithmetic_type::int32, "arithmetic_int32", "fp32", GPUBENCH_MODULE_PEAK_NONE, 0, "IMAD",
     "Rate of 32-bit integer multiply-adds, two operations each, on the ordinary cores, without memory"},
};

class arithmetic_benchmark final : public benchmark {
 public:
  explicit arithmetic_benchmark(const arithmetic_description& described) : described_(described) {}

  gpubench_module_benchmark description() const override {
    return {described_.name, described_.text, described_.precision, described_.peak, GPUBENCH_MODULE_ONE_DEVICE, 1.0};
  }

  gpubench_module_work work(const parameters& values) const override {
    gpubench_module_work result{};
    result.has_flop = 1;
    result.flop = peak_flop(work_of(values));
    return result;
  }

  std::vector<parameters> cases(gpubench_module_suite, const device_properties& device) const override {
    const double per_cycle = arithmetic_fma_per_cycle(described_.type, device.major, device.minor);
    return {make_parameters(
        {{"multiprocessors", device.multiprocessors}, {"iterations", peak_iterations(block_fma(), per_cycle)}})};
  }

  std::optional<std::string> unavailable(const parameters& values, const device_properties& device) const override {
    if (auto reason = peak_parameters_refused(values, device)) return reason;
    if (!device.at_least(described_.capability / 100, 0)) {
      return std::string("pairs of ") + described_.precision + " come with compute capability " +
             std::to_string(described_.capability / 100) + ".0; this device has " + device.compute_capability;
    }
    if (auto reason = no_code_for(device)) return reason;
    return peak_kernels_missing(kernels(), device);
  }

  std::unique_ptr<prepared_case> prepare(const parameters& values, const device_properties& device) const override {
    const char* operands = described_.type == arithmetic_type::int32
                               ? "linear congruences modulo 2^32 with full period"
                               : "quadratic map x = x x + c, c uniform in [-1.93, -1.87), started uniform in [-1, 1)";
    return make_peak_case(work_of(values), kernels(), device,
                          {{"operands", operands}, {"chains_per_thread", std::to_string(kernels::arithmetic_chains)}});
  }

 private:
  double block_fma() const { return kernels::arithmetic_block_fma(described_.type); }
  peak_work work_of(const parameters& values) const { return peak_work_of(values, block_fma()); }

  std::vector<peak_kernel> kernels() const {
    const arithmetic_type type = described_.type;
    return {{described_.instruction, kernels::arithmetic_kernel_of(type), kernels::arithmetic_threads,
             described_.capability, block_fma(),
             [type](std::uint64_t* digests, std::uint32_t blocks, std::uint32_t rounds, cudaStream_t stream) {
               kernels::launch_arithmetic(type, digests, blocks, rounds, stream);
             },
             [type](std::uint64_t rounds) { return kernels::expected_arithmetic_digests(type, rounds); }}};
  }

  arithmetic_description described_;
};

const registration<arithmetic_benchmark> unused(descriptions);

}  // namespace

}  // namespace gpubench::cuda
