#include "bench/cuda/module/benchmark.hpp"
#include "bench/cuda/module/cudnn_case.hpp"
#include "bench/cuda/module/failure.hpp"
#include "bench/cuda/module/memory_fit.hpp"
#include "bench/cuda/module/peak_rates.hpp"
#include "kernels/convolution_check.hpp"
#include "models/resnet50.hpp"

#include <algorithm>

namespace gpubench::cuda {

namespace {

using kernels::convolution_product;
using kernels::convolution_shape;
using kernels::image_order;
using kernels::storage;

struct convolution_description {
  storage type;
  convolution_product product;
  const char* name;
  const char* precision;
  const char* text;
};

constexpr auto forward = convolution_product::forward;
constexpr auto backward_data = convolution_product::backward_data;
constexpr auto backward_weights = convolution_product::backward_weights;

constexpr convolution_description descriptions[] = {
    {storage::fp32, forward, "convolution_forward_fp32", "fp32", "Convolution in fp32 by cuDNN, without TF32"},
    {storage::tf32, forward, "convolution_forward_tf32", "tf32", "Convolution of fp32 images on TF32 tensor cores"},
    {storage::fp16, forward, "convolution_forward_fp16", "fp16", "Convolution in fp16 with fp32 sums by cuDNN"},
    {storage::bf16, forward, "convolution_forward_bf16", "bf16", "Convolution in bf16 with fp32 sums by cuDNN"},
    {storage::fp32, backward_data, "convolution_backward_data_fp32", "fp32",
     "Gradient of a convolution's input in fp32 by cuDNN, without TF32"},
    {storage::tf32, backward_data, "convolution_backward_data_tf32", "tf32",
     "Gradient of a convolution's input on TF32 tensor cores by cuDNN"},
    {storage::fp16, backward_data, "convolution_backward_data_fp16", "fp16",
     "Gradient of a convolution's input in fp16 by cuDNN"},
    {storage::bf16, backward_data, "convolution_backward_data_bf16", "bf16",
     "Gradient of a convolution's input in bf16 by cuDNN"},
    {storage::fp32, backward_weights, "convolution_backward_weights_fp32", "fp32",
     "Gradient of a convolution's filters in fp32 by cuDNN, without TF32"},
    {storage::tf32, backward_weights, "convolution_backward_weights_tf32", "tf32",
     "Gradient of a convolution's filters on TF32 tensor cores by cuDNN"},
    {storage::fp16, backward_weights, "convolution_backward_weights_fp16", "fp16",
     "Gradient of a convolution's filters in fp16 by cuDNN"},
    {storage::bf16, backward_weights, "convolution_backward_weights_bf16", "bf16",
     "Gradient of a convolution's filters in bf16 by cuDNN"},
};

/// The order that cuDNN's own kernels want: tensor cores channels last, plain fp32 channels first but for the filters'
/// gradient. In the other order cuDNN transposes the images within the call.
image_order order_of(storage type, convolution_product product) {
  return type == storage::fp32 && product != backward_weights ? image_order::channels_first
                                                              : image_order::channels_last;
}

models::convolution model_of(const convolution_shape& s) {
  return {s.n, s.c_in, s.height, s.width, s.c_out, s.kernel, s.stride, s.padding};
}

double plain_flop_per_second(const device_properties& device) {
  constexpr auto fp32 = kernels::arithmetic_type::fp32;
  return 2 * arithmetic_fma_per_cycle(fp32, device.major, device.minor) * device.multiprocessors *
         *device.max_clock_hertz;
}

class convolution_case final : public cudnn_case {
 public:
  convolution_case(const convolution_shape& shape, const device_properties& device)
      : cudnn_case(device, "a convolution"), shape_(shape) {
    const auto graph = dnn::convolution_of(shape);
    result_ = graph.result;
    allocate(graph.operations);
    if (!(graph.x == result_)) fill(graph.x, shape.type, kernels::convolution_x);
    if (!(graph.w == result_)) fill(graph.w, shape.type, kernels::convolution_w);
    if (!(graph.y == result_)) fill(graph.y, shape.type, kernels::convolution_y);
    dnn::plan_rules rules;
    rules.tensor_cores = dnn::tensor_cores::required;
    if (shape.type == storage::fp32) {
      rules.tensor_cores = dnn::tensor_cores::forbidden;
      rules.with_fallbacks = true;
      if (device.max_clock_hertz)
        rules.least_ns =
            models::work_of(model_of(shape), models::precision::fp32).flop / plain_flop_per_second(device) * 1e9;
    }
    choose(rules, {result_});
  }

  verification verify() override {
    // As many as take a fraction of a second: 256, fewer where each is a sum over all images.
    constexpr std::int64_t products_in_all = 1 << 25;
    const auto count = std::clamp<std::int64_t>(products_in_all / kernels::products_per_result(shape_), 16, 256);
    const auto elements = static_cast<std::uint64_t>(kernels::result_elements(shape_));
    worst_error worst;
    for (std::int64_t i = 0; i < count; ++i) {
      // The ends, where the padding is, and places all over.
      const std::uint64_t at = i == 0   ? 0
                               : i == 1 ? elements - 1
                                        : kernels::mix_bits(static_cast<std::uint64_t>(i)) % elements;
      worst.add(kernels::convolution_error(shape_, at, value(result_, at)));
    }
    return {std::to_string(count) + " values against extended-precision loops, in units of their rounding bound",
            worst.get(), 1};
  }

  method_notes notes() const override {
    auto result = cudnn_case::notes();
    result.emplace_back("layout", shape_.order == image_order::channels_last ? "nhwc" : "nchw");
    return result;
  }

 private:
  convolution_shape shape_;
  dnn::tensor result_;
};

class convolution_benchmark final : public benchmark {
 public:
  explicit convolution_benchmark(const convolution_description& described) : described_(described) {}

  gpubench_module_benchmark description() const override {
    return {described_.name,
            described_.text,
            described_.precision,
            GPUBENCH_MODULE_PEAK_DENSE,
            GPUBENCH_MODULE_ONE_DEVICE,
            1.5};
  }

  /// As models::work_of counts it: each pass does the same multiply-adds and touches the same three tensors.
  gpubench_module_work work(const parameters& values) const override {
    const auto counted = models::work_of(model_of(shape_of(values)), *models::parse_precision(described_.precision));
    gpubench_module_work result{};
    result.has_flop = result.has_bytes = 1;
    result.flop = counted.flop;
    result.bytes = counted.bytes;
    return result;
  }

  /// ResNet-50's distinct convolutions, those first that a whole network spends most FLOP in: a quick look takes one,
  /// in bf16. No network needs the gradient of its images, so backward_data leaves the first layer out.
  std::vector<parameters> cases(gpubench_module_suite suite, const device_properties& device) const override {
    auto result = layers(64, device);
    const bool first = described_.type == storage::bf16;
    std::size_t most = result.size();
    if (suite == GPUBENCH_MODULE_QUICK) most = first && described_.product == forward ? 1 : 0;
    if (suite == GPUBENCH_MODULE_STANDARD) most = first ? 3 : 1;
    result.resize(std::min(result.size(), most));
    if (suite == GPUBENCH_MODULE_FULL) {
      for (const auto& one : layers(256, device)) result.push_back(one);
    }
    return result;
  }

  std::optional<std::string> unavailable(const parameters& values, const device_properties& device) const override {
    const auto shape = shape_of(values);
    if (shape.height + 2 * shape.padding < shape.kernel || shape.width + 2 * shape.padding < shape.kernel) {
      return "the kernel is larger than the padded image";
    }
    if (!fits(shape, device)) return "the tensors and a workspace do not fit the device's memory";
    return cudnn_cannot(described_.type, true, device);
  }

  std::unique_ptr<prepared_case> prepare(const parameters& values, const device_properties& device) const override {
    return std::make_unique<convolution_case>(shape_of(values), device);
  }

 private:
  convolution_shape shape_of(const parameters& values) const {
    convolution_shape s;
    s.type = described_.type;
    s.product = described_.product;
    s.order = order_of(s.type, s.product);
    s.n = positive_parameter(values, "n");
    s.c_in = positive_parameter(values, "c_in");
    s.height = positive_parameter(values, "height");
    s.width = positive_parameter(values, "width");
    s.c_out = positive_parameter(values, "c_out");
    s.kernel = positive_parameter(values, "kernel");
    s.stride = positive_parameter(values, "stride");
    s.padding = index_parameter(values, "padding");
    return s;
  }

  std::vector<parameters> layers(std::int64_t n, const device_properties& device) const {
    auto distinct = models::resnet50_distinct_convolutions(n);
    const auto flop_of = [](const models::counted_convolution& c) {
      return c.count * models::work_of(c.shape, models::precision::fp32).flop;
    };
    std::stable_sort(distinct.begin(), distinct.end(),
                     [&](const auto& a, const auto& b) { return flop_of(a) > flop_of(b); });
    std::vector<parameters> result;
    for (const auto& [c, count] : distinct) {
      if (c.c_in == 3 && described_.product == backward_data) continue;
      const auto values = make_parameters({{"n", c.n},
                                           {"c_in", c.c_in},
                                           {"height", c.height},
                                           {"width", c.width},
                                           {"c_out", c.c_out},
                                           {"kernel", c.kernel},
                                           {"stride", c.stride},
                                           {"padding", c.padding}});
      if (fits(shape_of(values), device)) result.push_back(values);
    }
    return result;
  }

  bool fits(const convolution_shape& shape, const device_properties& device) const {
    const double workspace = static_cast<double>(dnn::plan_rules{}.workspace_limit_bytes);
    const double tensors = models::work_of(model_of(shape), *models::parse_precision(described_.precision)).bytes;
    return fits_device(tensors + workspace, device);
  }

  convolution_description described_;
};

const registration<convolution_benchmark> unused(descriptions);

}  // namespace

}  // namespace gpubench::cuda
