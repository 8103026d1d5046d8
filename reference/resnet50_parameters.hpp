#pragma once

#include "models/operators.hpp"
#include "models/resnet50.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace gpubench::reference {

/// A convolution and its batch normalisation.
struct resnet50_unit {
  std::int64_t c_out = 0, c_in = 0, kernel = 0;
  std::vector<float> weights;  ///< out-in-h-w
  std::vector<float> scale, shift;
  std::vector<float> mean, variance;  ///< what inference normalises with
};

/// All that a ResNet-50 learns; units by the layer's name.
struct resnet50_parameters {
  std::map<std::string, resnet50_unit> units;
  std::int64_t features = 0, classes = 0;
  std::vector<float> classifier, bias;  ///< classes x features, classes
};

inline constexpr float resnet50_epsilon = 1e-5F;

/// Random: convolutions uniform with the variance of He et al. (arXiv 1502.01852), normalisation scattered around the
/// identity so that no term is without effect.
resnet50_parameters random_parameters(const std::vector<models::resnet_layer>& layers, std::int64_t classes);

/// The same network with every width divided, for checks against slow references; images stay as they are.
std::vector<models::resnet_layer> narrowed(std::vector<models::resnet_layer> layers, std::int64_t divisor);

/// Images uniform in [-1, 1], n-c-h-w, and a class for each.
std::vector<float> random_images(const models::convolution& first_layer);
std::vector<std::int32_t> random_classes(std::int64_t n, std::int64_t classes);

}  // namespace gpubench::reference
