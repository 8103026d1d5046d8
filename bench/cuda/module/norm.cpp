#include "bench/cuda/module/benchmark.hpp"
#include "bench/cuda/module/cudnn_case.hpp"
#include "bench/cuda/module/memory_fit.hpp"
#include "bench/cuda/module/sampled_place.hpp"
#include "kernels/norm_check.hpp"

#include <cmath>

namespace gpubench::cuda {

namespace {

using kernels::norm_problem;
using kernels::storage;

struct norm_description {
  storage type;
  dnn::norm kind;
  bool backward;
  const char* name;
  const char* precision;
  const char* text;
};

constexpr auto batch = dnn::norm::batch;
constexpr auto layer = dnn::norm::layer;
constexpr auto rms = dnn::norm::rms;

constexpr const char* batch_text = "Batch normalisation in training, by cuDNN";
constexpr const char* batch_gradient_text = "Gradients of batch normalisation by cuDNN";
constexpr const char* layer_text = "Layer normalisation in training, by cuDNN";
constexpr const char* layer_gradient_text = "Gradients of layer normalisation by cuDNN";
constexpr const char* rms_text = "RMS normalisation in training, by cuDNN";
constexpr const char* rms_gradient_text = "Gradients of RMS normalisation by cuDNN";

constexpr norm_description descriptions[] = {
    {storage::fp32, batch, false, "batch_norm_forward_fp32", "fp32", batch_text},
    {storage::fp16, batch, false, "batch_norm_forward_fp16", "fp16", batch_text},
    {storage::bf16, batch, false, "batch_norm_forward_bf16", "bf16", batch_text},
    {storage::fp32, batch, true, "batch_norm_backward_fp32", "fp32", batch_gradient_text},
    {storage::fp16, batch, true, "batch_norm_backward_fp16", "fp16", batch_gradient_text},
    {storage::bf16, batch, true, "batch_norm_backward_bf16", "bf16", batch_gradient_text},
    {storage::fp32, layer, false, "layer_norm_forward_fp32", "fp32", layer_text},
    {storage::fp16, layer, false, "layer_norm_forward_fp16", "fp16", layer_text},
    {storage::bf16, layer, false, "layer_norm_forward_bf16", "bf16", layer_text},
    {storage::fp32, layer, true, "layer_norm_backward_fp32", "fp32", layer_gradient_text},
    {storage::fp16, layer, true, "layer_norm_backward_fp16", "fp16", layer_gradient_text},
    {storage::bf16, layer, true, "layer_norm_backward_bf16", "bf16", layer_gradient_text},
    {storage::fp32, rms, false, "rms_norm_forward_fp32", "fp32", rms_text},
    {storage::fp16, rms, false, "rms_norm_forward_fp16", "fp16", rms_text},
    {storage::bf16, rms, false, "rms_norm_forward_bf16", "bf16", rms_text},
    {storage::fp32, rms, true, "rms_norm_backward_fp32", "fp32", rms_gradient_text},
    {storage::fp16, rms, true, "rms_norm_backward_fp16", "fp16", rms_gradient_text},
    {storage::bf16, rms, true, "rms_norm_backward_bf16", "bf16", rms_gradient_text},
};

norm_problem problem_of(const norm_description& described, const dnn::norm_sizes& s) {
  const bool by_column = described.kind == batch;
  return {described.type, by_column, described.kind != rms, s.n * s.height * s.width, s.c};
}

constexpr std::int64_t sets_checked = 16, values_checked = 16;

class norm_forward_case final : public cudnn_case {
 public:
  norm_forward_case(const norm_description& described, const dnn::norm_sizes& sizes, const device_properties& device)
      : cudnn_case(device, "a normalisation"),
        problem_(problem_of(described, sizes)),
        graph_(dnn::norm_forward_of(described.kind, dnn::element_of(described.type), sizes)) {
    allocate(graph_.operations);
    fill(graph_.x, described.type, kernels::norm_x);
    const storage parameters = problem_.by_column ? storage::fp32 : described.type;
    fill(graph_.scale, parameters, kernels::norm_scale);
    std::vector<dnn::tensor> results = {graph_.y, graph_.inverse_deviation};
    if (graph_.bias) fill(*graph_.bias, parameters, kernels::norm_bias);
    if (graph_.mean) results.push_back(*graph_.mean);
    choose({}, results);
  }

  verification verify() override {
    worst_error worst;
    const double arithmetic = kernels::norm_arithmetic(problem_.count());
    for (std::int64_t k = 0; k < sets_checked; ++k) {
      const std::int64_t set = sampled(k, 1, problem_.sets());
      const auto at = static_cast<std::uint64_t>(set);
      const auto statistics = kernels::reference_statistics(problem_, set);
      worst.add(std::abs(value(graph_.inverse_deviation, at) / statistics.inverse_deviation - 1) / arithmetic);
      if (graph_.mean) worst.add(std::abs(value(*graph_.mean, at) - statistics.mean) / arithmetic);
      for (std::int64_t j = 0; j < values_checked; ++j) {
        const std::int64_t i = sampled(j, 2, problem_.count());
        const auto expected = kernels::reference_normalized(problem_, statistics, set, i);
        worst.add(expected.error_of(value(graph_.y, problem_.index(set, i))));
      }
    }
    return {
        "16 values of each of 16 sets and their statistics against double precision, in units of their rounding "
        "bound",
        worst.get(), 1};
  }

 private:
  norm_problem problem_;
  dnn::norm_graph graph_;
};

class norm_backward_case final : public cudnn_case {
 public:
  norm_backward_case(const norm_description& described, const dnn::norm_sizes& sizes, const device_properties& device)
      : cudnn_case(device, "a normalisation's gradients"),
        problem_(problem_of(described, sizes)),
        graph_(dnn::norm_backward_of(described.kind, dnn::element_of(described.type), sizes)) {
    allocate(graph_.operations);
    fill(graph_.x, described.type, kernels::norm_x);
    fill(graph_.dy, described.type, kernels::norm_dy);
    fill(graph_.scale, storage::fp32, kernels::norm_scale);
    fill(graph_.inverse_deviation, storage::fp32, kernels::norm_inverse_deviation);
    if (graph_.mean) fill(*graph_.mean, storage::fp32, kernels::norm_mean);
    std::vector<dnn::tensor> results = {graph_.dx, graph_.dscale};
    if (graph_.dbias) results.push_back(*graph_.dbias);
    choose({}, results);
  }

  verification verify() override {
    worst_error worst;
    for (std::int64_t k = 0; k < sets_checked; ++k) {
      const std::int64_t set = sampled(k, 1, problem_.sets());
      const auto means = kernels::reference_gradient_means(problem_, set);
      for (std::int64_t j = 0; j < values_checked; ++j) {
        const std::int64_t i = sampled(j, 2, problem_.count());
        const auto expected = kernels::reference_input_gradient(problem_, means, set, i);
        worst.add(expected.error_of(value(graph_.dx, problem_.index(set, i))));
      }
      const std::int64_t column = sampled(k, 3, problem_.columns);
      const auto at = static_cast<std::uint64_t>(column);
      const auto expected = kernels::reference_parameter_gradients(problem_, column);
      worst.add(expected.dscale.error_of(value(graph_.dscale, at)));
      if (graph_.dbias) worst.add(expected.dbias.error_of(value(*graph_.dbias, at)));
    }
    return {
        "16 values of each of 16 sets and the gradients of 16 columns' parameters against double precision, in "
        "units of their rounding bound",
        worst.get(), 1};
  }

 private:
  norm_problem problem_;
  dnn::norm_backward_graph graph_;
};

class norm_benchmark final : public benchmark {
 public:
  explicit norm_benchmark(const norm_description& described) : described_(described) {}

  gpubench_module_benchmark description() const override {
    return {described_.name,
            described_.text,
            described_.precision,
            GPUBENCH_MODULE_PEAK_MEMORY_BANDWIDTH,
            GPUBENCH_MODULE_ONE_DEVICE,
            2.0};
  }

  /// Reads and writes of the activation, as models/resnet50 and models/transformer count them: batch norm needs the
  /// whole batch's statistics before it can normalise (3), and two sums before its gradient (5); a token's row stays on
  /// the chip (2 and 3). FLOP an element: 5 forward, backward 8 (batch) and 10.
  gpubench_module_work work(const parameters& values) const override {
    const auto s = sizes_of(values);
    const double elements = static_cast<double>(s.n * s.height * s.width) * static_cast<double>(s.c);
    gpubench_module_work result{};
    result.has_flop = result.has_bytes = 1;
    result.bytes = accesses() * elements * kernels::bytes_of(described_.type);
    result.flop = (described_.backward ? (described_.kind == batch ? 8 : 10) : 5) * elements;
    return result;
  }

  /// Batch norm: ResNet-50's at 64 images, largest first. Others: 16,384 tokens of models of several sizes. A quick
  /// look takes RMS norm in bf16; the standard suite bf16.
  std::vector<parameters> cases(gpubench_module_suite suite, const device_properties& device) const override {
    std::vector<parameters> result;
    const bool first = described_.type == storage::bf16;
    if (suite == GPUBENCH_MODULE_QUICK && !(first && described_.kind == rms && !described_.backward)) return result;
    if (suite == GPUBENCH_MODULE_STANDARD && !first) return result;
    const auto add = [&](const parameters& values) {
      if (fits(values, device)) result.push_back(values);
    };
    const auto images = [&](std::int64_t c, std::int64_t size) {
      add(make_parameters({{"n", 64}, {"c", c}, {"height", size}, {"width", size}}));
    };
    const auto tokens = [&](std::int64_t hidden) { add(make_parameters({{"tokens", 16384}, {"hidden", hidden}})); };
    described_.kind == batch ? images(256, 56) : tokens(4096);
    if (suite != GPUBENCH_MODULE_FULL) return result;
    if (described_.kind == batch) {
      images(64, 112);
      images(512, 28);
      images(2048, 7);
    } else {
      tokens(1024);
      tokens(8192);
    }
    return result;
  }

  std::optional<std::string> unavailable(const parameters& values, const device_properties& device) const override {
    if (!fits(values, device)) return "the tensors do not fit the device's memory";
    return cudnn_cannot(described_.type, false, device);
  }

  std::unique_ptr<prepared_case> prepare(const parameters& values, const device_properties& device) const override {
    const auto sizes = sizes_of(values);
    if (described_.backward) return std::make_unique<norm_backward_case>(described_, sizes, device);
    return std::make_unique<norm_forward_case>(described_, sizes, device);
  }

 private:
  dnn::norm_sizes sizes_of(const parameters& values) const {
    if (described_.kind != batch) {
      return {positive_parameter(values, "tokens"), positive_parameter(values, "hidden"), 1, 1};
    }
    return {positive_parameter(values, "n"), positive_parameter(values, "c"), positive_parameter(values, "height"),
            positive_parameter(values, "width")};
  }

  double accesses() const {
    if (described_.kind == batch) return described_.backward ? 5 : 3;
    return described_.backward ? 3 : 2;
  }

  bool fits(const parameters& values, const device_properties& device) const {
    const auto s = sizes_of(values);
    const double elements = static_cast<double>(s.n * s.height * s.width) * static_cast<double>(s.c);
    const double workspace = static_cast<double>(dnn::plan_rules{}.workspace_limit_bytes);
    return fits_device(3 * elements * kernels::bytes_of(described_.type) + workspace, device);
  }

  norm_description described_;
};

const registration<norm_benchmark> unused(descriptions);

}  // namespace

}  // namespace gpubench::cuda
