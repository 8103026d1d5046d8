#include "bench/cuda/module/benchmark.hpp"
#include "bench/cuda/module/memory_fit.hpp"
#include "bench/cuda/module/network_cases.hpp"
#include "bench/cuda/module/resnet50_training_check.hpp"
#include "bench/cuda/module/resnet50_training_network.hpp"
#include "bench/cuda/module/watchdog.hpp"

#include <limits>
#include <vector>

namespace gpubench::cuda {

namespace {

using kernels::storage;

constexpr std::int64_t classes = 1000;

constexpr network_description descriptions[] = {
    {storage::fp16, models::precision::fp16, "resnet50_training_step_fp16", "fp16",
     "Whole training step of ResNet-50 v1.5 over n images in mixed precision with fp16: forward, backward, SGD with "
     "momentum"},
    {storage::bf16, models::precision::bf16, "resnet50_training_step_bf16", "bf16",
     "Whole training step of ResNet-50 v1.5 over n images in mixed precision with bf16: forward, backward, SGD with "
     "momentum"},
    {storage::tf32, models::precision::tf32, "resnet50_training_step_tf32", "tf32",
     "Whole training step of ResNet-50 v1.5 over n fp32 images on TF32 tensor cores: forward, backward, SGD with "
     "momentum"},
};

class resnet50_training_case final : public prepared_case {
 public:
  resnet50_training_case(std::int64_t n, std::int64_t image_size, storage type, const device_properties& device)
      : type_(type), device_(device), timer_(device, "a training step of ResNet-50") {
    const auto layers = models::resnet50_layers(n, image_size);
    network_ = std::make_unique<resnet50_training_network>(layers, reference::random_parameters(layers, classes), type,
                                                           device, timer_);
    network_->set_batch(reference::random_images(layers.front().shape), reference::random_classes(n, classes));
    // Once as it is, so that all code is loaded before it is captured.
    enqueue();
    wait_for(timer_.stream(), "a training step of ResNet-50");
    first_loss_ = network_->loss();
    step_ = captured_work(timer_.stream(), [this] { enqueue(); });
    step_.launch(timer_.stream());
    wait_for(timer_.stream(), "a training step of ResNet-50");
  }

  sample_times sample() override {
    ++steps_;
    return timer_.cold([this] { step_.launch(timer_.stream()); });
  }

  verification verify() override {
    take_fewest_steps();
    const double last_loss = network_->loss();
    auto check = check_training_gradients(type_, device_);
    check.compared += "; and the loss fell from " + std::to_string(first_loss_) + " to " + std::to_string(last_loss) +
                      " over " + std::to_string(steps_) + " steps";
    // Written so that a NaN fails.
    if (!(last_loss < first_loss_)) check.error = std::numeric_limits<double>::infinity();
    return check;
  }

  std::optional<double> clock_hertz() const override { return timer_.clock_hertz(); }

  method_notes notes() const override {
    auto result = timer_.notes();
    result.emplace_back("operands", "images uniform in [-1, 1], weights scaled to keep the variance");
    result.emplace_back("layout", "nhwc, images with a fourth channel of zeros");
    result.emplace_back("algorithm", "the fastest of up to 3 engines for each of " +
                                         std::to_string(network_->distinct_convolutions()) +
                                         " distinct convolutions and gradients");
    result.emplace_back("loss_scale", std::to_string(static_cast<int>(network_->loss_scale())) + ", fixed");
    result.emplace_back("launch", "one graph of " + std::to_string(step_.nodes()) + " nodes");
    return result;
  }

 private:
  /// After one or two steps rounding may hide that the loss falls: a budget may leave no more.
  void take_fewest_steps() {
    constexpr int fewest_steps = 10;
    while (steps_ < fewest_steps) {
      step_.launch(timer_.stream());
      wait_for(timer_.stream(), "a training step of ResNet-50");
      ++steps_;
    }
  }

  void enqueue() {
    network_->enqueue_gradients();
    network_->enqueue_update();
  }

  storage type_;
  device_properties device_;
  timer timer_;
  std::unique_ptr<resnet50_training_network> network_;
  captured_work step_;
  double first_loss_ = 0;
  int steps_ = 0;
};

class resnet50_training_benchmark final : public benchmark {
 public:
  explicit resnet50_training_benchmark(const network_description& described) : described_(described) {}

  /// Tuning tries some 200 engines, once at full size and once for the check.
  gpubench_module_benchmark description() const override {
    return {described_.name,
            described_.text,
            described_.precision_name,
            GPUBENCH_MODULE_PEAK_DENSE,
            GPUBENCH_MODULE_ONE_DEVICE,
            30.0};
  }

  gpubench_module_work work(const parameters& values) const override {
    const std::int64_t n = positive_parameter(values, "n");
    return image_work(models::resnet50_training_step(n, described_.precision, positive_parameter(values, "image_size")),
                      n);
  }

  std::vector<parameters> cases(gpubench_module_suite suite, const device_properties& device) const override {
    return image_cases(described_.type, suite, 128, {256, 64, 32}, [&](std::int64_t n) {
      return fits_device(resnet50_training_network::memory_bytes(n, 224, described_.type), device);
    });
  }

  std::optional<std::string> unavailable(const parameters& values, const device_properties& device) const override {
    const auto bytes = resnet50_training_network::memory_bytes(
        positive_parameter(values, "n"), positive_parameter(values, "image_size"), described_.type);
    if (!fits_device(bytes, device)) return "the activations do not fit the device's memory";
    return network_unavailable(described_, device);
  }

  std::unique_ptr<prepared_case> prepare(const parameters& values, const device_properties& device) const override {
    return std::make_unique<resnet50_training_case>(positive_parameter(values, "n"),
                                                    positive_parameter(values, "image_size"), described_.type, device);
  }

 private:
  network_description described_;
};

const registration<resnet50_training_benchmark> unused(descriptions);

}  // namespace

}  // namespace gpubench::cuda
