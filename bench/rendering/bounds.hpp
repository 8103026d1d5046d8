#pragma once

#include "kernels/scene.hpp"

#include <algorithm>
#include <limits>

namespace gpubench::rendering {

/// An axis-parallel box; empty at first.
struct bounds {
  float lower[3] = {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::infinity(),
                    std::numeric_limits<float>::infinity()};
  float upper[3] = {-std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity(),
                    -std::numeric_limits<float>::infinity()};

  void add(kernels::vector3 p) {
    const float point[3] = {p.x, p.y, p.z};
    for (int axis = 0; axis < 3; ++axis) {
      lower[axis] = std::min(lower[axis], point[axis]);
      upper[axis] = std::max(upper[axis], point[axis]);
    }
  }
  void add(const bounds& other) {
    for (int axis = 0; axis < 3; ++axis) {
      lower[axis] = std::min(lower[axis], other.lower[axis]);
      upper[axis] = std::max(upper[axis], other.upper[axis]);
    }
  }
  float extent(int axis) const { return upper[axis] - lower[axis]; }
  /// Half the surface; 0 of an empty box.
  float half_area() const {
    if (upper[0] < lower[0]) return 0;
    return extent(0) * extent(1) + extent(1) * extent(2) + extent(2) * extent(0);
  }
};

inline bounds bounds_of(const kernels::triangle& t) {
  bounds box;
  box.add(t.corner);
  box.add(t.corner + t.first_edge);
  box.add(t.corner + t.second_edge);
  return box;
}

}  // namespace gpubench::rendering
