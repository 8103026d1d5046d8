#include "reference/resnet50_parameters.hpp"

#include <cmath>

#include "reference/random.hpp"

namespace gpubench::reference {
namespace {

std::vector<float> around(float centre, float spread, std::int64_t size, std::uint64_t seed) {
  std::vector<float> values(static_cast<std::size_t>(size));
  fill_uniform(values.data(), values.size(), seed, spread);
  for (float& v : values) v += centre;
  return values;
}

}  // namespace

resnet50_parameters random_parameters(const std::vector<models::resnet_layer>& layers, std::int64_t classes) {
  resnet50_parameters all;
  std::uint64_t seed = 100;
  for (const auto& layer : layers) {
    const auto& c = layer.shape;
    const std::int64_t fan_in = c.c_in * c.kernel * c.kernel;
    resnet50_unit unit{c.c_out, c.c_in, c.kernel, {}, {}, {}, {}, {}};
    unit.weights = around(0, std::sqrt(6.0F / static_cast<float>(fan_in)), c.c_out * fan_in, seed++);
    // A branch that is added weighs less, or the sums of sixteen blocks would drown their inputs.
    unit.scale = around(layer.adds_residual ? 0.5F : 1.0F, 0.2F, c.c_out, seed++);
    unit.shift = around(0, 0.2F, c.c_out, seed++);
    unit.mean = around(0, 0.2F, c.c_out, seed++);
    unit.variance = around(1, 0.3F, c.c_out, seed++);
    all.units.emplace(layer.name, std::move(unit));
  }
  all.features = layers.back().shape.c_out;
  all.classes = classes;
  all.classifier = around(0, 1 / std::sqrt(static_cast<float>(all.features)), classes * all.features, seed++);
  all.bias = around(0, 0.1F, classes, seed);
  return all;
}

std::vector<models::resnet_layer> narrowed(std::vector<models::resnet_layer> layers, std::int64_t divisor) {
  for (auto& layer : layers) {
    if (layer.shape.c_in != 3) layer.shape.c_in /= divisor;
    layer.shape.c_out /= divisor;
  }
  return layers;
}

std::vector<float> random_images(const models::convolution& first_layer) {
  return around(0, 1, first_layer.n * first_layer.c_in * first_layer.height * first_layer.width, 1);
}

std::vector<std::int32_t> random_classes(std::int64_t n, std::int64_t classes) {
  std::vector<std::int32_t> labels(static_cast<std::size_t>(n));
  for (std::size_t i = 0; i < labels.size(); ++i) {
    labels[i] = static_cast<std::int32_t>((hash_of(2, i) >> 8) % static_cast<std::uint64_t>(classes));
  }
  return labels;
}

}  // namespace gpubench::reference
