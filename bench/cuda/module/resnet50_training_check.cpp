#include "bench/cuda/module/resnet50_training_check.hpp"

#include "bench/cuda/module/cudnn_case.hpp"
#include "bench/cuda/module/resnet50_training_network.hpp"
#include "bench/cuda/module/watchdog.hpp"

#include <cmath>

#include "reference/deviation.hpp"
#include "reference/resnet50.hpp"

namespace gpubench::cuda {

namespace {

using kernels::storage;

const std::vector<double>& expected_gradient(const reference::resnet50_gradients& all, const std::string& name) {
  const std::size_t dot = name.rfind('.');
  const std::string layer = name.substr(0, dot), part = name.substr(dot + 1);
  if (layer == "classifier") return part == "bias" ? all.bias : all.classifier;
  const auto& unit = all.units.at(layer);
  return part == "weights" ? unit.weights : part == "scale" ? unit.scale : unit.shift;
}

struct gradient_errors {
  worst_error worst;
  std::string where = "loss";
  std::size_t gradients = 0;
};

/// @param branch_weight  factor of what each block adds to its input
gradient_errors errors_of(storage type, float branch_weight, const device_properties& device) {
  constexpr std::int64_t images = 4, size = 64, classes = 16;
  const auto layers = reference::narrowed(models::resnet50_layers(images, size), 4);
  auto learned = reference::random_parameters(layers, classes);
  for (const auto& layer : layers) {
    if (!layer.adds_residual) continue;
    for (float& scale : learned.units.at(layer.name).scale) scale *= branch_weight;
  }
  const auto pixels = reference::random_images(layers.front().shape);
  const auto labels = reference::random_classes(images, classes);

  timer clock(device, "a narrow ResNet-50");
  resnet50_training_network network(layers, learned, type, device, clock);
  network.set_batch(pixels, labels);
  network.poison_gradients();
  network.enqueue_gradients();
  wait_for(clock.stream(), "a narrow ResNet-50");
  const auto expected = reference::resnet50_backward(learned, {pixels.data(), images, size}, labels);

  gradient_errors result;
  result.worst.add(std::abs(network.loss() - expected.loss) / expected.loss);
  const auto found = network.gradients();
  result.gradients = found.size();
  for (const auto& one : found) {
    const double distance =
        reference::relative_distance({one.values.begin(), one.values.end()}, expected_gradient(expected, one.name));
    if (distance > result.worst.get()) result.where = one.name;
    result.worst.add(distance);
  }
  return result;
}

}  // namespace

verification check_training_gradients(storage type, const device_properties& device) {
  // fp32 rounding moves a few values across the kinks of ReLU and maximum, as in the host's benchmark.
  constexpr double fp32_allowance = 0.01;
  // An untrained network with normalisations over few values makes rounding to 11 bits 100 times larger on its way
  // back: rounding every tensor of the second implementation likewise changes gradients by up to 0.52 (bf16: beyond any
  // use), and by 0.14 (bf16: 0.37) when the blocks add little to their inputs. A wrong gradient is off by about its
  // length.
  constexpr float small_branches = 0.05F;
  const double allowance = type == storage::bf16 ? 0.75 : 0.3;
  const auto plain = errors_of(storage::fp32, 1, device), own = errors_of(type, small_branches, device);
  worst_error worst;
  worst.add(plain.worst.get() / fp32_allowance);
  worst.add(own.worst.get() / allowance);
  return {"loss and " + std::to_string(own.gradients) +
              " gradients of a quarter-width network of the same code, in plain fp32 (worst at " + plain.where +
              ") and in its own type (worst at " + own.where +
              "), against a second implementation in double precision, in units of what rounding explains",
          worst.get(), 1};
}

}  // namespace gpubench::cuda
