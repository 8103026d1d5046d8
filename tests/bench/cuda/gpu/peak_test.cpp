#include "on_device.hpp"

namespace gpubench::bench {
namespace {

class peak_on_device : public on_device {
 protected:
  static bool is_peak(const benchmark_definition& definition) {
    return definition.device == "gpu0" &&
           (definition.name.starts_with("arithmetic_") || definition.name.starts_with("tensor_"));
  }
};

TEST_F(peak_on_device, every_variant_of_every_type_is_right) {
  for (const auto& definition : backend.benchmarks) {
    if (!is_peak(definition)) continue;
    for (const auto& values : definition.cases(suite::full, where)) {
      SCOPED_TRACE(results::full_name(definition.name, values));
      if (const auto reason = definition.unavailable(values, where)) {
        std::cout << "left out: " << results::full_name(definition.name, values) << ": " << *reason << '\n';
        continue;
      }
      const auto prepared = definition.prepare(values, where);
      EXPECT_FALSE(prepared->verify().passed()) << "passes although nothing was computed yet";
      double milliseconds = 0;
      for (int i = 0; i < 3; ++i) milliseconds = static_cast<double>(prepared->sample().count()) * 1e-6;
      const auto verification = prepared->verify();
      EXPECT_TRUE(verification.passed()) << verification.compared << ": " << verification.error;
      // Planned for 3 ms; far from it, either the rates assumed are wrong or the loop is not what was meant.
      EXPECT_GT(milliseconds, 0.5);
      EXPECT_LT(milliseconds, 30);
    }
  }
}

TEST_F(peak_on_device, twice_the_iterations_take_twice_the_time) {
  for (const auto& definition : backend.benchmarks) {
    if (!is_peak(definition)) continue;
    auto values = definition.cases(suite::quick, where).at(0);
    if (definition.unavailable(values, where)) continue;
    SCOPED_TRACE(definition.name);
    const auto fastest_ns = [&](const results::parameters& chosen) {
      const auto prepared = definition.prepare(chosen, where);
      double fastest = static_cast<double>(prepared->sample().count());
      for (int i = 0; i < 9; ++i) fastest = std::min(fastest, static_cast<double>(prepared->sample().count()));
      return fastest;
    };
    const double once_ns = fastest_ns(values);
    for (auto& parameter : values) {
      if (auto* count = std::get_if<std::int64_t>(&parameter.second)) {
        if (parameter.first == "iterations") *count *= 2;
      }
    }
    EXPECT_NEAR(fastest_ns(values) / once_ns, 2, 0.3);
  }
}

}  // namespace
}  // namespace gpubench::bench
