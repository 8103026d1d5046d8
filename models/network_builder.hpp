#pragma once

#include "models/operators.hpp"

#include <string>
#include <utility>
#include <vector>

namespace gpubench::models {

/// Collects the operators of a network in order of first use; equal ones become one entry with a count.
class network_builder {
 public:
  void add(const std::string& name, const operator_shape& shape, precision p, double count = 1) {
    for (auto& known : operators_) {
      if (known.name == name && known.precision == p && known.shape == shape) {
        known.count += count;
        return;
      }
    }
    operators_.push_back({name, shape, p, count});
  }

  std::vector<network_operator> take() { return std::move(operators_); }

 private:
  std::vector<network_operator> operators_;
};

}  // namespace gpubench::models
