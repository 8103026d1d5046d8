#include "bench/cuda/module/benchmark.hpp"
#include "bench/cuda/module/cudnn.hpp"
#include "bench/cuda/module/memory_fit.hpp"
#include "bench/cuda/module/network_cases.hpp"
#include "bench/cuda/module/resnet50_inference_network.hpp"
#include "bench/cuda/module/watchdog.hpp"

#include <vector>

#include "reference/deviation.hpp"
#include "reference/resnet50.hpp"

namespace gpubench::cuda {

namespace {

using kernels::storage;

constexpr std::int64_t classes = 1000;

constexpr network_description descriptions[] = {
    {storage::fp16, models::precision::fp16, "resnet50_inference_fp16", "fp16",
     "Whole ResNet-50 v1.5 over n images in fp16 by cuDNN, normalisation folded, ReLU and residual fused"},
    {storage::bf16, models::precision::bf16, "resnet50_inference_bf16", "bf16",
     "Whole ResNet-50 v1.5 over n images in bf16 by cuDNN, normalisation folded, ReLU and residual fused"},
    {storage::tf32, models::precision::tf32, "resnet50_inference_tf32", "tf32",
     "Whole ResNet-50 v1.5 over n fp32 images on TF32 tensor cores by cuDNN, normalisation folded, ReLU and residual "
     "fused"},
};

class resnet50_inference_case final : public prepared_case {
 public:
  resnet50_inference_case(std::int64_t n, std::int64_t image_size, storage type, const device_properties& device)
      : type_(type), n_(n), image_size_(image_size), timer_(device, "ResNet-50") {
    const auto layers = models::resnet50_layers(n, image_size);
    parameters_ = reference::random_parameters(layers, classes);
    network_ = std::make_unique<resnet50_inference_network>(layers, parameters_, type, device, timer_);
    const auto pixels = reference::random_images(layers.front().shape);
    network_->set_images(pixels);
    last_image_.assign(pixels.end() - 3 * image_size * image_size, pixels.end());
    // Once as it is, so that all code is loaded before it is captured.
    network_->enqueue();
    wait_for(timer_.stream(), "ResNet-50");
    pass_ = captured_work(timer_.stream(), [this] { network_->enqueue(); });
    pass_.launch(timer_.stream());
    network_->poison_scores();
    wait_for(timer_.stream(), "ResNet-50");
  }

  sample_times sample() override {
    return timer_.cold([this] { pass_.launch(timer_.stream()); });
  }

  verification verify() override {
    const auto expected = reference::resnet50_scores(parameters_, {last_image_.data(), 1, image_size_});
    const auto scores = network_->scores(n_ - 1);
    return {
        "1000 scores of the last image against a second implementation of the whole network in double precision, "
        "relative to their root mean square",
        reference::relative_deviation({scores.begin(), scores.end()}, expected), tolerance()};
  }

  std::optional<double> clock_hertz() const override { return timer_.clock_hertz(); }

  method_notes notes() const override {
    auto result = timer_.notes();
    result.emplace_back("operands", "images uniform in [-1, 1], weights scaled to keep the variance");
    result.emplace_back("layout", "nhwc, images with a fourth channel of zeros");
    result.emplace_back("algorithm", "the fastest of up to 3 engines for each of " +
                                         std::to_string(network_->distinct_convolutions()) + " distinct convolutions");
    result.emplace_back("launch", "one graph of " + std::to_string(pass_.nodes()) + " nodes");
    return result;
  }

 private:
  /// Four times what rounding every stored tensor of the second implementation to 8 or 11 bits changes: 0.0125 and
  /// 0.0014.
  double tolerance() const { return type_ == storage::bf16 ? 0.05 : 0.006; }

  storage type_;
  std::int64_t n_, image_size_;
  timer timer_;
  reference::resnet50_parameters parameters_;
  std::unique_ptr<resnet50_inference_network> network_;
  std::vector<float> last_image_;
  captured_work pass_;
};

class resnet50_inference_benchmark final : public benchmark {
 public:
  explicit resnet50_inference_benchmark(const network_description& described) : described_(described) {}

  /// Tuning tries some 70 engines, most of which are compiled for it.
  gpubench_module_benchmark description() const override {
    return {described_.name,
            described_.text,
            described_.precision_name,
            GPUBENCH_MODULE_PEAK_DENSE,
            GPUBENCH_MODULE_ONE_DEVICE,
            20.0};
  }

  gpubench_module_work work(const parameters& values) const override {
    const std::int64_t n = positive_parameter(values, "n");
    return image_work(
        models::resnet50_inference(n, described_.precision, true, positive_parameter(values, "image_size")), n);
  }

  std::vector<parameters> cases(gpubench_module_suite suite, const device_properties& device) const override {
    return image_cases(described_.type, suite, 128, {256, 64, 32, 1}, [&](std::int64_t n) {
      return fits_device(resnet50_inference_network::memory_bytes(n, 224, described_.type), device);
    });
  }

  std::optional<std::string> unavailable(const parameters& values, const device_properties& device) const override {
    const auto bytes = resnet50_inference_network::memory_bytes(
        positive_parameter(values, "n"), positive_parameter(values, "image_size"), described_.type);
    if (!fits_device(bytes, device)) return "the activations do not fit the device's memory";
    return network_unavailable(described_, device);
  }

  std::unique_ptr<prepared_case> prepare(const parameters& values, const device_properties& device) const override {
    return std::make_unique<resnet50_inference_case>(positive_parameter(values, "n"),
                                                     positive_parameter(values, "image_size"), described_.type, device);
  }

 private:
  network_description described_;
};

const registration<resnet50_inference_benchmark> unused(descriptions);

}  // namespace

}  // namespace gpubench::cuda
