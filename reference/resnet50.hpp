#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "reference/resnet50_parameters.hpp"

/// ResNet-50 written a second time, from the paper rather than from the list of layers that benchmarks execute, so that
/// a wrong layer, stride or shortcut on either side shows. Plain double precision; see layers.hpp.
namespace gpubench::reference {

struct image_batch {
  const float* pixels = nullptr;  ///< n-c-h-w, three channels
  std::int64_t n = 0, size = 0;
};

/// Scores n x classes, normalising with the stored mean and variance.
std::vector<double> resnet50_scores(const resnet50_parameters& network, const image_batch& images);

struct resnet50_gradients {
  double loss = 0;  ///< mean cross entropy
  struct unit {
    std::vector<double> weights, scale, shift;
  };
  std::map<std::string, unit> units;
  std::vector<double> classifier, bias;
};
/// Forward and backward pass of a training step, normalising over the batch.
resnet50_gradients resnet50_backward(const resnet50_parameters& network, const image_batch& images,
                                     const std::vector<std::int32_t>& classes);

}  // namespace gpubench::reference
