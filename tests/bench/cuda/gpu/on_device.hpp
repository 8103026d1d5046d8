#pragma once

#include "bench/cuda/loader.hpp"
#include "core/error.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>

namespace gpubench::bench {

/// Runs on the first GPU; skips where there is none.
class on_device : public ::testing::Test {
 protected:
  void SetUp() override {
    // The variable names the module where the tests were carried to another machine than they were built on.
    const bool named = std::getenv("GPUBENCH_CUDA_MODULE") != nullptr;
    backend = load_cuda_backend(named ? std::filesystem::path() : GPUBENCH_CUDA_MODULE_FILE);
    if (backend.state != cuda_state::ready) GTEST_SKIP() << backend.status;
  }

  const benchmark_definition& named(const std::string& name) const {
    for (const auto& definition : backend.benchmarks) {
      if (definition.name == name && definition.device == "gpu0") return definition;
    }
    throw error(error_kind::internal, "no benchmark " + name);
  }

  /// Small and odd sizes besides those of the quick suite.
  void expect_right(const benchmark_definition& definition, const results::parameters& values) {
    SCOPED_TRACE(results::full_name(definition.name, values));
    if (const auto reason = definition.unavailable(values, where)) {
      std::cout << "left out: " << definition.name << ": " << *reason << '\n';
      return;
    }
    const auto prepared = definition.prepare(values, where);
    EXPECT_FALSE(prepared->verify().passed()) << "passes although nothing was computed yet";
    for (int i = 0; i < 3; ++i) EXPECT_GT(prepared->sample().count(), 0);
    const auto verification = prepared->verify();
    EXPECT_TRUE(verification.passed()) << verification.compared << ": " << verification.error;
  }

  cuda_backend backend;
  results::environment environment;
  machine where{environment};
};

}  // namespace gpubench::bench
