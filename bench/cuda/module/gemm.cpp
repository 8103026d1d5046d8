// Matrix products by cuBLASLt: the algorithms that its heuristics propose are timed, the fastest is measured.
#include "bench/cuda/module/benchmark.hpp"
#include "bench/cuda/module/failure.hpp"
#include "bench/cuda/module/gemm_cases.hpp"
#include "bench/cuda/module/gemm_choice.hpp"
#include "bench/cuda/module/gemm_operands.hpp"
#include "bench/cuda/module/timer.hpp"

#include <optional>
#include <string_view>

namespace gpubench::cuda {

namespace {

using kernels::gemm_shape;
using kernels::storage;

struct gemm_description {
  storage type;
  const char* name;
  const char* precision;
  const char* text;
};

constexpr gemm_description descriptions[] = {
    {storage::fp64, "gemm_fp64", "fp64", "Matrix product in double precision by cuBLASLt"},
    {storage::fp32, "gemm_fp32", "fp32", "Matrix product in single precision by cuBLASLt, without TF32"},
    {storage::tf32, "gemm_tf32", "tf32", "Matrix product of fp32 matrices on TF32 tensor cores by cuBLASLt"},
    {storage::fp16, "gemm_fp16", "fp16", "Matrix product in fp16 with fp32 accumulation by cuBLASLt"},
    {storage::bf16, "gemm_bf16", "bf16", "Matrix product in bf16 with fp32 accumulation by cuBLASLt"},
    {storage::int8, "gemm_int8", "int8", "Matrix product of int8 matrices into int32 by cuBLASLt"},
    {storage::fp8_e4m3, "gemm_fp8", "fp8",
     "Matrix product of e4m3 matrices into bf16 with fast accumulation by cuBLASLt, as in inference"},
    {storage::fp8_e5m2, "gemm_fp8_e5m2", "fp8",
     "Matrix product of an e5m2 and an e4m3 matrix into bf16 by cuBLASLt, as in the backward pass"},
    {storage::fp4, "gemm_fp4", "fp4",
     "Matrix product of e2m1 matrices with e4m3 scales for blocks of 16 (NVFP4) into bf16 by cuBLASLt"},
};

/// Layouts of B by the letters that BLAS has for them: nn is torch.matmul(a, b), nt is a linear layer.
constexpr const char* layout_parameter = "layout";
constexpr std::string_view b_plain = "nn", b_as_weights = "nt";

gemm_shape shape_of(storage type, const parameters& values) {
  gemm_shape shape{type, positive_parameter(values, "m"), positive_parameter(values, "n"),
                   positive_parameter(values, "k")};
  if (integer_parameter(values, "batch")) shape.batch = positive_parameter(values, "batch");
  shape.b_transposed = only_b_transposed(type) || text_parameter(values, layout_parameter) == b_as_weights;
  return shape;
}

/// Every layout that the parameters leave open.
std::vector<gemm_shape> layouts_of(storage type, const parameters& values) {
  const gemm_shape shape = shape_of(type, values);
  if (text_parameter(values, layout_parameter)) return {shape};
  return both_layouts(shape);
}

parameters parameters_of(const gemm_shape& shape) {
  if (shape.batch == 1) return make_parameters({{"m", shape.m}, {"n", shape.n}, {"k", shape.k}});
  return make_parameters({{"batch", shape.batch}, {"m", shape.m}, {"n", shape.n}, {"k", shape.k}});
}

class gemm_case final : public prepared_case {
 public:
  gemm_case(const std::string& name, const std::vector<gemm_shape>& layouts, const device_properties& device)
      : timer_(device, name + " " + text_of(layouts.front())),
        context_(device, timer_.stream()),
        operands_(layouts.front().type, layouts, timer_.stream()),
        chosen_(choose(layouts)) {
    operands_.ready(chosen_.shape);
  }

  sample_times sample() override {
    const auto buffers = operands_.buffers();
    return timer_.cold([&] { chosen_.product.enqueue(buffers.a, buffers.b, buffers.c); });
  }

  verification verify() override { return operands_.verify(chosen_.shape); }

  std::optional<double> clock_hertz() const override { return timer_.clock_hertz(); }

  method_notes notes() const override {
    auto result = timer_.notes();
    for (const auto& note : operands_.notes()) result.push_back(note);
    for (const auto& note : chosen_.notes()) result.push_back(note);
    return result;
  }

 private:
  chosen_gemm choose(const std::vector<gemm_shape>& layouts) {
    for (const auto& layout : layouts) {
      auto first = unless_unsupported([&] { return matmul(context_, operands_.problem(layout), 1); });
      if (first) {
        wake_up(timer_, *first, operands_.buffers());
        break;
      }
    }
    return choose_gemm(timer_, context_, operands_, layouts);
  }

  timer timer_;
  matmul_context context_;
  gemm_operands operands_;
  chosen_gemm chosen_;
};

class gemm_benchmark final : public benchmark {
 public:
  explicit gemm_benchmark(const gemm_description& described) : described_(described) {}

  gpubench_module_benchmark description() const override {
    return {described_.name,
            described_.text,
            described_.precision,
            GPUBENCH_MODULE_PEAK_DENSE,
            GPUBENCH_MODULE_ONE_DEVICE,
            1.5};
  }

  /// 2 m n k FLOP a product (a multiply-add is two); each matrix moved once.
  gpubench_module_work work(const parameters& values) const override {
    const gemm_shape shape = shape_of(described_.type, values);
    gpubench_module_work result{};
    result.has_flop = result.has_bytes = 1;
    result.flop = gemm_flop(shape);
    result.bytes = gemm_bytes(shape);
    return result;
  }

  std::vector<parameters> cases(gpubench_module_suite suite, const device_properties& device) const override {
    std::vector<parameters> result;
    for (const auto& shape : gemm_shapes(described_.type, suite, device)) result.push_back(parameters_of(shape));
    if (suite != GPUBENCH_MODULE_FULL || only_b_transposed(described_.type) || result.empty()) return result;
    // What the choice of the layout is worth.
    for (const auto layout : {b_plain, b_as_weights}) {
      parameters fixed = result.front();
      add_text_parameter(fixed, layout_parameter, layout.data());
      result.push_back(fixed);
    }
    return result;
  }

  std::optional<std::string> unavailable(const parameters& values, const device_properties& device) const override {
    const auto layout = text_parameter(values, layout_parameter);
    if (layout && *layout != b_plain && *layout != b_as_weights) return "layout must be nn or nt";
    if (layout && *layout == b_plain && only_b_transposed(described_.type))
      return "this precision takes only layout nt";
    return gemm_unavailable(shape_of(described_.type, values), device);
  }

  std::unique_ptr<prepared_case> prepare(const parameters& values, const device_properties& device) const override {
    return std::make_unique<gemm_case>(described_.name, layouts_of(described_.type, values), device);
  }

 private:
  gemm_description described_;
};

const registration<gemm_benchmark> unused(descriptions);

}  // namespace

}  // namespace gpubench::cuda
