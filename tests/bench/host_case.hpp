#pragma once

#include "bench/registry.hpp"

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace gpubench::bench::testing_support {

/// A machine with two threads, 8 GB and the processor features that a test names.
class made_up_machine {
 public:
  explicit made_up_machine(std::vector<std::string> features) { environment_.cpu.features = std::move(features); }
  machine view() const { return {environment_, 2, 32e6, 8e9}; }

 private:
  results::environment environment_;
};

inline made_up_machine machine_with(std::vector<std::string> features) {
  return made_up_machine(std::move(features));
}

inline benchmark_definition definition_of(const std::string& name) {
  for (auto& definition : registered_benchmarks()) {
    if (definition.name == name && definition.backend == "host") return definition;
  }
  throw std::runtime_error("no benchmark " + name);
}

}  // namespace gpubench::bench::testing_support
