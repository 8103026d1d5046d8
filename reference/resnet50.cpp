#include "reference/resnet50.hpp"

#include <algorithm>
#include <cmath>

#include "reference/layers.hpp"

namespace gpubench::reference {
namespace {

/// Convolution, normalisation and perhaps ReLU, with what the backward pass needs.
struct unit_state {
  std::string name;
  filters shape;
  tensor input, output;
  normalization normalized;
  bool activated = false;
};

struct block_state {
  unit_state reduce, spatial, expand, shortcut;
  bool has_shortcut = false;
  tensor output;
};

class network {
 public:
  network(const resnet50_parameters& parameters, bool training) : parameters_(parameters), training_(training) {}

  tensor forward(const image_batch& images) {
    tensor x(images.n, 3, images.size, images.size);
    std::copy_n(images.pixels, x.values.size(), x.values.begin());
    stem_ = run_unit("conv1", x, 2, 3, true);
    x = maximum_pooling(stem_.output, chosen_);
    constexpr int blocks[] = {3, 4, 6, 3};
    for (int stage = 1; stage <= 4; ++stage) {
      for (int block = 0; block < blocks[stage - 1]; ++block) x = run_block(stage, block, x);
    }
    return x;
  }

  std::vector<double> scores(const tensor& x) const {
    const tensor pooled = average_pooling(x);
    std::vector<double> result;
    for (std::int64_t i = 0; i < x.n; ++i) {
      for (std::int64_t k = 0; k < parameters_.classes; ++k) {
        const float* weights = parameters_.classifier.data() + k * parameters_.features;
        double sum = static_cast<double>(parameters_.bias[static_cast<std::size_t>(k)]);
        for (std::int64_t f = 0; f < x.c; ++f) sum += static_cast<double>(weights[f]) * pooled.image(i)[f];
        result.push_back(sum);
      }
    }
    return result;
  }

  resnet50_gradients backward(const tensor& x, const std::vector<std::int32_t>& classes) {
    resnet50_gradients result;
    tensor g = classifier_backward(x, classes, result);
    for (auto block = blocks_.rbegin(); block != blocks_.rend(); ++block) g = block_backward(*block, g, result);
    g = maximum_pooling_backward(stem_.output, chosen_, g);
    unit_backward(stem_, g, result);
    return result;
  }

 private:
  unit_state run_unit(const std::string& name, const tensor& x, std::int64_t stride, std::int64_t padding,
                      bool activated) {
    const auto& stored = parameters_.units.at(name);
    unit_state unit;
    unit.name = name;
    unit.shape = {stored.weights.data(), stored.c_out, stored.c_in, stored.kernel, stride, padding};
    unit.activated = activated;
    tensor y = convolution(x, unit.shape);
    if (training_) {
      unit.input = x;
      unit.normalized.scale.assign(stored.scale.begin(), stored.scale.end());
      unit.normalized.shift.assign(stored.shift.begin(), stored.shift.end());
      unit.output = batch_normalization(y, static_cast<double>(resnet50_epsilon), unit.normalized);
    } else {
      for (std::int64_t plane = 0; plane < y.n * y.c; ++plane) {
        const auto c = static_cast<std::size_t>(plane % y.c);
        const double deviation =
            std::sqrt(static_cast<double>(stored.variance[c]) + static_cast<double>(resnet50_epsilon));
        for (std::int64_t p = plane * y.h * y.w; p < (plane + 1) * y.h * y.w; ++p) {
          double& v = y.values[static_cast<std::size_t>(p)];
          v = (v - static_cast<double>(stored.mean[c])) / deviation * static_cast<double>(stored.scale[c]) +
              static_cast<double>(stored.shift[c]);
        }
      }
      unit.output = std::move(y);
    }
    if (activated) relu(unit.output);
    return unit;
  }

  /// A bottleneck (figure 5 of the paper); the stride sits on the 3x3 convolution (v1.5).
  tensor run_block(int stage, int block, const tensor& x) {
    const std::string prefix = "layer" + std::to_string(stage) + "." + std::to_string(block) + ".";
    const std::int64_t stride = stage > 1 && block == 0 ? 2 : 1;
    block_state state;
    state.has_shortcut = block == 0;
    state.reduce = run_unit(prefix + "conv1", x, 1, 0, true);
    state.spatial = run_unit(prefix + "conv2", state.reduce.output, stride, 1, true);
    state.expand = run_unit(prefix + "conv3", state.spatial.output, 1, 0, false);
    if (state.has_shortcut) state.shortcut = run_unit(prefix + "downsample", x, stride, 0, false);
    tensor y = state.expand.output;
    add(y, state.has_shortcut ? state.shortcut.output : x);
    relu(y);
    if (training_) {
      state.output = y;
      blocks_.push_back(std::move(state));
    }
    return y;
  }

  static tensor unit_backward(const unit_state& unit, tensor g, resnet50_gradients& result) {
    if (unit.activated) relu_backward(unit.output, g);
    auto normalization = batch_normalization_backward(unit.normalized, g);
    auto gradients = convolution_backward(unit.input, unit.shape, normalization.x);
    result.units[unit.name] = {std::move(gradients.weights), std::move(normalization.scale),
                               std::move(normalization.shift)};
    return std::move(gradients.x);
  }

  static tensor block_backward(const block_state& block, tensor g, resnet50_gradients& result) {
    relu_backward(block.output, g);
    tensor x = unit_backward(block.reduce, unit_backward(block.spatial, unit_backward(block.expand, g, result), result),
                             result);
    add(x, block.has_shortcut ? unit_backward(block.shortcut, g, result) : g);
    return x;
  }

  tensor classifier_backward(const tensor& x, const std::vector<std::int32_t>& classes,
                             resnet50_gradients& result) const {
    const tensor pooled = average_pooling(x);
    const auto all = scores(x);
    tensor g(x.n, x.c, 1, 1);
    result.classifier.assign(parameters_.classifier.size(), 0);
    result.bias.assign(parameters_.bias.size(), 0);
    for (std::int64_t i = 0; i < x.n; ++i) {
      const double* s = all.data() + i * parameters_.classes;
      const double largest = *std::max_element(s, s + parameters_.classes);
      double sum = 0;
      for (std::int64_t k = 0; k < parameters_.classes; ++k) sum += std::exp(s[k] - largest);
      const std::int64_t wanted = classes[static_cast<std::size_t>(i)];
      result.loss += (std::log(sum) + largest - s[wanted]) / static_cast<double>(x.n);
      for (std::int64_t k = 0; k < parameters_.classes; ++k) {
        const double share = std::exp(s[k] - largest) / sum;
        const double d = (share - (k == wanted ? 1 : 0)) / static_cast<double>(x.n);
        result.bias[static_cast<std::size_t>(k)] += d;
        for (std::int64_t f = 0; f < x.c; ++f) {
          const auto at = static_cast<std::size_t>(k * x.c + f);
          result.classifier[at] += d * pooled.image(i)[f];
          g.image(i)[f] += d * static_cast<double>(parameters_.classifier[at]);
        }
      }
    }
    return average_pooling_backward(x, g);
  }

  const resnet50_parameters& parameters_;
  bool training_;
  unit_state stem_;
  std::vector<std::int64_t> chosen_;
  std::vector<block_state> blocks_;
};

}  // namespace

std::vector<double> resnet50_scores(const resnet50_parameters& parameters, const image_batch& images) {
  network net(parameters, false);
  return net.scores(net.forward(images));
}

resnet50_gradients resnet50_backward(const resnet50_parameters& parameters, const image_batch& images,
                                     const std::vector<std::int32_t>& classes) {
  network net(parameters, true);
  const tensor features = net.forward(images);
  return net.backward(features, classes);
}

}  // namespace gpubench::reference
