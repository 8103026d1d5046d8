#pragma once

#include "bench/runner.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace gpubench::bench {

/// A clock that only the scripted benchmarks move.
struct scripted_clock {
  std::chrono::nanoseconds now{1};
  void advance(seconds by) { now += std::chrono::duration_cast<std::chrono::nanoseconds>(by); }
  clock_function function() {
    return [this] { return now; };
  }
};

/// What a scripted case does.
struct script {
  seconds prepare{0};
  seconds sample{0.01};
  double error = 0;  ///< of the verification, whose tolerance is 0.1
  std::map<std::string, std::string> method{};
  /// By the number of the sample() call, from 0.
  std::function<sample_detail(int)> detail{};
  std::function<void()> on_prepare{};
  std::function<void()> on_sample{};
};

class scripted_case : public prepared_case {
 public:
  scripted_case(scripted_clock& clock, script what) : clock_(clock), script_(std::move(what)) {}

  std::chrono::duration<double, std::nano> sample() override {
    if (script_.on_sample) script_.on_sample();
    clock_.advance(script_.sample);
    ++calls_;
    return script_.sample;
  }
  sample_detail last_sample() const override { return script_.detail ? script_.detail(calls_ - 1) : sample_detail{}; }
  std::map<std::string, std::string> method() override { return script_.method; }
  results::verification verify() override { return {"the script", script_.error, 0.1}; }

 private:
  scripted_clock& clock_;
  script script_;
  int calls_ = 0;
};

/// A benchmark with `count` cases n=0, n=1, ...; every sample does 1e6 FLOP and moves 1e7 bytes.
inline benchmark_definition scripted_benchmark(std::string name, int count, scripted_clock& clock, script what = {}) {
  benchmark_definition definition;
  definition.name = std::move(name);
  definition.description = "Follows a script";
  definition.backend = "host";
  definition.cases = [count](suite, const machine&) {
    std::vector<results::parameters> cases;
    for (int n = 0; n < count; ++n) cases.push_back({{"n", static_cast<std::int64_t>(n)}});
    return cases;
  };
  definition.work = [](const results::parameters&) {
    results::work_done work;
    work.flop = 1e6;
    work.bytes = 1e7;
    return work;
  };
  definition.overhead = [what](const results::parameters&, const machine&) { return what.prepare; };
  definition.prepare = [&clock, what](const results::parameters&, const machine&) {
    clock.advance(what.prepare);
    if (what.on_prepare) what.on_prepare();
    return std::make_unique<scripted_case>(clock, what);
  };
  return definition;
}

}  // namespace gpubench::bench
