#include "bench/host/operands.hpp"
#include "bench/host/resnet50_check.hpp"
#include "bench/host/resnet50_training_network.hpp"

#include <fmt/format.h>

#include <cmath>

namespace gpubench::bench::host {
namespace {

constexpr std::int64_t classes = 1000;
constexpr auto memory_type = dnnl::memory::data_type::f32;

class resnet50_training_case : public prepared_case {
 public:
  resnet50_training_case(std::int64_t n, std::int64_t image_size, int threads) {
    use_threads(threads);
    const auto layers = models::resnet50_layers(n, image_size);
    network_ = std::make_unique<resnet50_training_network>(layers, random_parameters(layers, classes));
    network_->set_batch(random_images(layers.front().shape), random_classes(n, classes));
  }

  std::chrono::duration<double, std::nano> sample() override {
    return time_of([this] { step(); });
  }

  results::verification verify() override {
    auto check = check_training_gradients();
    if (steps_ < 2) step();
    check.compared +=
        fmt::format("; and the loss fell from {:.4g} to {:.4g} over {} steps", first_loss_, last_loss_, steps_);
    // Written so that a NaN fails.
    if (!(last_loss_ < first_loss_)) check.error = std::numeric_limits<double>::infinity();
    return check;
  }

 private:
  void step() {
    last_loss_ = network_->compute_gradients();
    network_->update({});
    if (steps_++ == 0) first_loss_ = last_loss_;
  }

  std::unique_ptr<resnet50_training_network> network_;
  double first_loss_ = 0, last_loss_ = 0;
  int steps_ = 0;
};

std::vector<results::parameters> cases_of(suite s) {
  std::vector<results::parameters> cases{{{"n", 2}, {"image_size", 224}}};
  if (s != suite::quick) cases.push_back({{"n", 16}, {"image_size", 224}});
  if (s == suite::full) cases.push_back({{"n", 64}, {"image_size", 224}});
  return cases;
}

benchmark_definition definition() {
  constexpr auto p = models::precision::fp32;
  benchmark_definition definition;
  definition.name = "resnet50_training_step_fp32";
  definition.description =
      "Whole training step of ResNet-50 v1.5 over n images in fp32 by oneDNN: forward, backward, SGD with momentum";
  definition.backend = "host";
  definition.cases = [](suite s, const machine&) { return cases_of(s); };
  definition.work = [](const results::parameters& values) {
    const std::int64_t n = size_of(values, "n");
    const auto work = models::total_work(models::resnet50_training_step(n, p, size_of(values, "image_size")));
    return results::work_done{work.flop, work.bytes, static_cast<double>(n), "image"};
  };
  definition.unavailable = [](const results::parameters& values, const machine& where) -> std::optional<std::string> {
    const std::int64_t n = size_of(values, "n"), image_size = size_of(values, "image_size");
    // Activations and their gradients; weights, gradients, momentum and a copy to fill them from; the check's network.
    const double bytes =
        1.5 * models::resnet50_activation_bytes(n, p, image_size) + 16 * models::resnet50_parameters() + 2e8;
    if (const auto reason = lacks_memory(where, bytes)) return reason;
    return onednn::lacks_fast_implementation([&] {
      const auto shape = models::resnet50_layers(n, image_size)[2].shape;
      const auto layout = onednn::open_layout(shape, memory_type);
      const auto ahead = onednn::forward(shape, layout, dnnl::prop_kind::forward_training);
      return onednn::is_reference(ahead) || onednn::is_reference(onednn::backward_data(shape, layout, ahead));
    });
  };
  definition.prepare = [](const results::parameters& values, const machine& where) -> std::unique_ptr<prepared_case> {
    return std::make_unique<resnet50_training_case>(size_of(values, "n"), size_of(values, "image_size"), where.threads);
  };
  definition.overhead = [](const results::parameters&, const machine&) { return std::chrono::duration<double>(1.5); };
  definition.peak = benchmark_definition::peak_kind::dense;
  definition.precision = p;
  return definition;
}

const registration registered{definition()};

}  // namespace
}  // namespace gpubench::bench::host
