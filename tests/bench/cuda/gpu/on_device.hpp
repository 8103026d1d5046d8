#pragma once

#include "bench/cuda/loader.hpp"
#include "core/error.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <string>

namespace gpubench::bench {

/// Runs on the first GPU; skips where there is none.
class on_device : public ::testing::Test {
 protected:
  void SetUp() override {
    // The variable names the module where the tests were carried to another machine than they were built on. Who names
    // it expects a GPU: skipping would pass for success.
    const bool is_named = std::getenv("GPUBENCH_CUDA_MODULE") != nullptr;
    backend = load_cuda_backend(is_named ? std::filesystem::path() : GPUBENCH_CUDA_MODULE_FILE);
    if (backend.state == cuda_state::ready) return;
    if (is_named) FAIL() << backend.status << " (" << backend.hint << ")";
    GTEST_SKIP() << backend.status;
  }

  /// As offered on the first device, or on all of them together.
  const benchmark_definition& named(const std::string& name) const {
    for (const auto& definition : backend.benchmarks) {
      if (definition.name == name && definition.device.starts_with("gpu0")) return definition;
    }
    throw error(error_kind::internal, "no benchmark " + name);
  }

  /// Prepares a case, finds it wrong before and right after three samples. What cannot run here is left out, aloud.
  /// @param right_at_first  the answer stands there before anything has run
  /// @return how the figure came about; empty where it was left out
  std::map<std::string, std::string> expect_right(const benchmark_definition& definition,
                                                  const results::parameters& values, bool right_at_first = false) {
    const std::string name = definition.device + " " + results::full_name(definition.name, values);
    SCOPED_TRACE(name);
    const auto leave_out = [&](const std::string& reason) {
      std::cout << "left out: " << name << ": " << reason << '\n';
      return std::map<std::string, std::string>{};
    };
    if (const auto reason = definition.unavailable(values, where)) return leave_out(*reason);
    try {
      const auto prepared = definition.prepare(values, where);
      if (!right_at_first) {
        EXPECT_FALSE(prepared->verify().passed()) << "passes although nothing was computed yet";
      }
      for (int i = 0; i < 3; ++i) EXPECT_GT(prepared->sample().count(), 0);
      const auto verification = prepared->verify();
      EXPECT_TRUE(verification.passed()) << verification.compared << ": " << verification.error;
      return prepared->method();
    } catch (const unsupported_case& reason) {
      return leave_out(reason.what());
    }
  }
  std::map<std::string, std::string> expect_right(const std::string& name, const results::parameters& values) {
    return expect_right(named(name), values);
  }

  cuda_backend backend;
  results::environment environment;
  machine where{environment};
};

}  // namespace gpubench::bench
