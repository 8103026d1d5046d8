#include "bench/host/resnet50_check.hpp"

#include "bench/host/resnet50_training_network.hpp"

#include <fmt/format.h>

#include <cmath>

#include "reference/deviation.hpp"
#include "reference/resnet50.hpp"

namespace gpubench::bench::host {
namespace {

const std::vector<double>& expected_gradient(const reference::resnet50_gradients& all, const std::string& name) {
  const std::size_t dot = name.rfind('.');
  const std::string layer = name.substr(0, dot), part = name.substr(dot + 1);
  if (layer == "classifier") return part == "bias" ? all.bias : all.classifier;
  const auto& unit = all.units.at(layer);
  return part == "weights" ? unit.weights : part == "scale" ? unit.scale : unit.shift;
}

}  // namespace

results::verification check_training_gradients() {
  constexpr std::int64_t images = 4, size = 64, classes = 16;
  const auto layers = narrowed(models::resnet50_layers(images, size), 4);
  const auto parameters = random_parameters(layers, classes);
  const auto pixels = random_images(layers.front().shape);
  const auto labels = random_classes(images, classes);

  resnet50_training_network network(layers, parameters);
  network.set_batch(pixels, labels);
  const double loss = network.compute_gradients();
  const auto expected = reference::resnet50_backward(parameters, {pixels.data(), images, size}, labels);

  double error = std::abs(loss - expected.loss) / expected.loss;
  std::string worst = "loss";
  for (const auto& t : network.tensors()) {
    const auto actual = onednn::values_of(t.gradient, t.plain);
    const double distance =
        reference::relative_distance({actual.begin(), actual.end()}, expected_gradient(expected, t.name));
    if (distance > error) {
      error = distance;
      worst = t.name;
    }
  }
  // Rounding moves a few values across the kinks of ReLU and maximum; a missing term or a wrong stride is far more.
  return {fmt::format("loss and {} gradients of a quarter-width network of the same code against a second "
                      "implementation in double precision, relative to their length, worst at {}",
                      network.tensors().size(), worst),
          error, 0.01};
}

}  // namespace gpubench::bench::host
