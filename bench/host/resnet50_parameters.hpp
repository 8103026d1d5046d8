#pragma once

#include "reference/resnet50_parameters.hpp"

namespace gpubench::bench::host {

using reference::narrowed;
using reference::random_classes;
using reference::random_images;
using reference::random_parameters;
using reference::resnet50_epsilon;
using reference::resnet50_parameters;
using reference::resnet50_unit;

}  // namespace gpubench::bench::host
