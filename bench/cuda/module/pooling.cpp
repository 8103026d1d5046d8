#include "bench/cuda/module/benchmark.hpp"
#include "bench/cuda/module/cudnn_case.hpp"
#include "bench/cuda/module/memory_fit.hpp"
#include "kernels/pooling_check.hpp"

#include <algorithm>

namespace gpubench::cuda {

namespace {

using kernels::pooling_shape;
using kernels::storage;

struct pooling_description {
  storage type;
  const char* name;
  const char* precision;
  const char* text;
};

constexpr const char* pooling_text = "Maximum of each window of an image and its place, as in training, by cuDNN";

constexpr pooling_description descriptions[] = {
    {storage::fp32, "max_pooling_forward_fp32", "fp32", pooling_text},
    {storage::fp16, "max_pooling_forward_fp16", "fp16", pooling_text},
    {storage::bf16, "max_pooling_forward_bf16", "bf16", pooling_text},
};

double bytes_moved(const pooling_shape& s) {
  const double images = static_cast<double>(s.n * s.c);
  const auto in = static_cast<double>(s.height * s.width), out = static_cast<double>(s.out_height() * s.out_width());
  return images * ((in + out) * kernels::bytes_of(s.type) + out);
}

class pooling_case final : public cudnn_case {
 public:
  pooling_case(const pooling_shape& shape, const device_properties& device)
      : cudnn_case(device, "a pooling"), shape_(shape) {
    const auto graph = dnn::max_pooling_of(shape);
    y_ = graph.y;
    place_ = graph.place;
    allocate(graph.operations);
    fill(graph.x, shape.type, kernels::pooling_x);
    choose({}, {y_, place_});
  }

  verification verify() override {
    constexpr std::uint64_t checked = 256;
    const auto elements = static_cast<std::uint64_t>(shape_.n * shape_.c * shape_.out_height() * shape_.out_width());
    double wrong = 0;
    for (std::uint64_t i = 0; i < checked; ++i) {
      const std::uint64_t at = i == 0 ? 0 : i == 1 ? elements - 1 : kernels::mix_bits(i) % elements;
      // What a place stands for is cuDNN's own affair; what was not written is below 0.
      const bool has_place = value(place_, at) >= 0 && value(place_, at) < window_points();
      if (!(value(y_, at) == kernels::reference_maximum(shape_, at)) || !has_place) ++wrong;
    }
    return {"256 values that are not exactly their window's largest, or whose place is none in the window", wrong, 0};
  }

 private:
  double window_points() const { return static_cast<double>(shape_.window * shape_.window); }

  pooling_shape shape_;
  dnn::tensor y_, place_;
};

class pooling_benchmark final : public benchmark {
 public:
  explicit pooling_benchmark(const pooling_description& described) : described_(described) {}

  gpubench_module_benchmark description() const override {
    return {described_.name,
            described_.text,
            described_.precision,
            GPUBENCH_MODULE_PEAK_MEMORY_BANDWIDTH,
            GPUBENCH_MODULE_ONE_DEVICE,
            1.5};
  }

  /// Images read and written once, and a byte for each maximum's place; comparisons are no FLOP.
  gpubench_module_work work(const parameters& values) const override {
    gpubench_module_work result{};
    result.has_bytes = 1;
    result.bytes = bytes_moved(shape_of(values));
    return result;
  }

  /// ResNet-50's, at 64 and 256 images.
  std::vector<parameters> cases(gpubench_module_suite suite, const device_properties& device) const override {
    std::vector<parameters> result;
    if (suite == GPUBENCH_MODULE_QUICK) return result;
    if (suite == GPUBENCH_MODULE_STANDARD && described_.type != storage::bf16) return result;
    for (const std::int64_t n : {64, 256}) {
      if (n > 64 && suite != GPUBENCH_MODULE_FULL) break;
      const auto values = make_parameters(
          {{"n", n}, {"c", 64}, {"height", 112}, {"width", 112}, {"window", 3}, {"stride", 2}, {"padding", 1}});
      if (fits(shape_of(values), device)) result.push_back(values);
    }
    return result;
  }

  std::optional<std::string> unavailable(const parameters& values, const device_properties& device) const override {
    const auto s = shape_of(values);
    if (2 * s.padding >= s.window) return "the padding must be less than half the window";
    if (s.height + 2 * s.padding < s.window || s.width + 2 * s.padding < s.window) {
      return "the window is larger than the padded image";
    }
    if (!fits(s, device)) return "the images do not fit the device's memory";
    return cudnn_cannot(described_.type, false, device);
  }

  std::unique_ptr<prepared_case> prepare(const parameters& values, const device_properties& device) const override {
    return std::make_unique<pooling_case>(shape_of(values), device);
  }

 private:
  pooling_shape shape_of(const parameters& values) const {
    return {described_.type,
            positive_parameter(values, "n"),
            positive_parameter(values, "c"),
            positive_parameter(values, "height"),
            positive_parameter(values, "width"),
            positive_parameter(values, "window"),
            positive_parameter(values, "stride"),
            index_parameter(values, "padding")};
  }
  static bool fits(const pooling_shape& shape, const device_properties& device) {
    const double workspace = static_cast<double>(dnn::plan_rules{}.workspace_limit_bytes);
    return fits_device(bytes_moved(shape) + workspace, device);
  }

  pooling_description described_;
};

const registration<pooling_benchmark> unused(descriptions);

}  // namespace

}  // namespace gpubench::cuda
