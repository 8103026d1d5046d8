#include "bench/test_slowdown.hpp"

#include "bench/clock.hpp"
#include "core/error.hpp"
#include "core/fraction.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <memory>
#include <utility>

namespace gpubench::bench {
namespace {

class slowed_case : public prepared_case {
 public:
  slowed_case(std::unique_ptr<prepared_case> inner, double fraction) : inner_(std::move(inner)), fraction_(fraction) {}

  std::chrono::duration<double, std::nano> sample() override {
    const auto begin = steady_now();
    const auto time = inner_->sample();
    const std::chrono::duration<double, std::nano> call = steady_now() - begin;
    auto stretched = call;
    while (stretched < call * (1 + fraction_)) stretched = steady_now() - begin;
    // By the ratio, since a sample may be the time of one of many repetitions, or of a device.
    return call.count() > 0 ? time * (stretched / call) : time;
  }
  sample_detail last_sample() const override { return inner_->last_sample(); }
  results::verification verify() override { return inner_->verify(); }
  results::telemetry telemetry() override { return inner_->telemetry(); }
  std::map<std::string, std::string> method() override {
    auto notes = inner_->method();
    notes["test_slowdown"] = fmt::format("{:g} % on purpose", fraction_ * 100);
    return notes;
  }
  std::vector<std::string> warnings() override {
    auto sentences = inner_->warnings();
    sentences.push_back(fmt::format("TEST: made {:g} % slower on purpose ({}); no figure of this machine",
                                    fraction_ * 100, test_slowdown_variable));
    return sentences;
  }

 private:
  std::unique_ptr<prepared_case> inner_;
  double fraction_;
};

}  // namespace

std::vector<test_slowdown> parse_test_slowdowns(std::string_view text) {
  std::vector<test_slowdown> slowdowns;
  for (const auto& part : split(text, ',')) {
    const auto equals = part.rfind('=');
    const double fraction = equals == std::string::npos ? 0 : parse_fraction(part.substr(equals + 1)).value_or(0);
    if (equals == std::string::npos || equals == 0 || !(fraction > 0) || !(fraction <= 10))
      throw error(error_kind::usage, fmt::format("{}: '{}' is not a slow-down", test_slowdown_variable, part),
                  "write BENCHMARK=3%, or unset the variable: it is for tests only");
    slowdowns.push_back({std::string(trim(std::string_view(part).substr(0, equals))), fraction});
  }
  return slowdowns;
}

void slow_down(std::vector<benchmark_definition>& benchmarks, const std::vector<test_slowdown>& slowdowns) {
  for (const auto& slowdown : slowdowns) {
    bool found = false;
    std::vector<std::string> names;
    for (auto& definition : benchmarks) {
      names.push_back(definition.name);
      if (definition.name != slowdown.benchmark) continue;
      found = true;
      definition.prepare = [prepare = definition.prepare, fraction = slowdown.fraction](
                               const results::parameters& params,
                               const machine& where) -> std::unique_ptr<prepared_case> {
        auto inner = prepare(params, where);
        if (!inner) return nullptr;
        return std::make_unique<slowed_case>(std::move(inner), fraction);
      };
    }
    if (found) continue;
    const auto near = suggestion(slowdown.benchmark, names);
    throw error(error_kind::usage,
                fmt::format("{}: there is no benchmark '{}'", test_slowdown_variable, slowdown.benchmark),
                near.empty() ? "unset the variable: it is for tests only" : near);
  }
}

}  // namespace gpubench::bench
