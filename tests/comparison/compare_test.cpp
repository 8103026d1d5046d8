#include "comparison/compare.hpp"

#include "core/error.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "sample_side.hpp"

namespace gpubench::comparison {
namespace {

using testing::HasSubstr;

TEST(compare, calls_runs_slower_that_take_three_percent_longer) {
  const auto row = only_row(sample_side("base", quiet), sample_side("new", scaled(1.03)));
  EXPECT_EQ(row.outcome, verdict::slower);
  EXPECT_NEAR(*row.change, 0.03, 1e-3);
  EXPECT_LT(row.change_interval->low, 0.03);
  EXPECT_GT(row.change_interval->high, 0.03);
  EXPECT_EQ(row.noise, noise_source::runs);
  EXPECT_LT(*row.noise_floor, 0.01);
}

TEST(compare, calls_runs_faster_that_take_less_time) {
  EXPECT_EQ(only_row(sample_side("base", scaled(1.03)), sample_side("new", quiet)).outcome, verdict::faster);
}

TEST(compare, calls_a_certain_change_below_the_threshold_the_same) {
  const auto row = only_row(sample_side("base", quiet), sample_side("new", scaled(1.01)));
  EXPECT_EQ(row.outcome, verdict::same);
  EXPECT_LE(*row.adjusted_p, 0.01);
  criteria strict;
  strict.threshold = 0.005;
  EXPECT_EQ(only_row(sample_side("base", quiet), sample_side("new", scaled(1.01)), strict).outcome, verdict::slower);
}

TEST(compare, tells_a_detectable_change_from_the_noise_floor) {
  // One run a side and a standard deviation of 1 %, taken for known: sqrt(2) % of the difference, z(0.995) = 2.5758,
  // z(0.95) = 1.6449; what sampling adds is below a tenth of a percent.
  auto row = only_row(sample_side("base", {1000}), sample_side("new", {1000.1}));
  EXPECT_NEAR(std::log1p(*row.noise_floor), 2.5758 * 0.0141421, 0.0005);
  EXPECT_NEAR(std::log1p(*row.detectable_change), (2.5758 + 1.6449) * 0.0141421, 0.0005);
  // Without noise to speak of the threshold is what must be passed.
  row = only_row(sample_side("base", quiet), sample_side("new", scaled(1.001)));
  EXPECT_LT(*row.noise_floor, 0.01);
  EXPECT_GT(*row.detectable_change, 0.02);
  EXPECT_LT(*row.detectable_change, 0.03);
}

TEST(compare, does_not_take_many_samples_of_one_run_for_many_runs) {
  // 3 % apart, and any test of the 20 samples against 20 is certain; but one run each says nothing about runs.
  const auto row = only_row(sample_side("base", {1000}), sample_side("new", {1030}));
  EXPECT_EQ(row.outcome, verdict::ambiguous);
  EXPECT_EQ(row.noise, noise_source::assumed);
  EXPECT_GT(*row.noise_floor, 0.03);
  ASSERT_TRUE(row.runs_to_decide);
  EXPECT_GT(*row.runs_to_decide, 1u);
}

TEST(compare, is_not_misled_by_runs_that_differ_among_themselves) {
  const auto row = only_row(sample_side("base", {1000, 1040, 980, 1020}), sample_side("new", {1030, 1060, 1010, 1045}));
  EXPECT_EQ(row.outcome, verdict::ambiguous);
}

TEST(compare, lets_a_noise_profile_decide_for_one_run_a_side) {
  criteria by;
  by.noise = noise_profile{};
  by.noise->environment.cpu.model = "Xeon";
  by.noise->environment.cpu.usable_cpus = 2;
  by.noise->benchmarks[{"host", "cpu", "gemm"}] = {0.001, std::nullopt, 20};
  const auto row = only_row(sample_side("base", {1000}), sample_side("new", {1030}), by);
  EXPECT_EQ(row.outcome, verdict::slower);
  EXPECT_EQ(row.noise, noise_source::profile);
  by.noise->benchmarks[{"host", "cpu", "gemm"}].median.run_deviation = 0.02;
  EXPECT_EQ(only_row(sample_side("base", {1000}), sample_side("new", {1030}), by).outcome, verdict::ambiguous);
}

TEST(compare, calls_no_benchmark_that_the_profile_lacks_quieter_than_those_that_it_has) {
  criteria by;
  by.noise = noise_profile{};
  side base{"base", {sample_run("base", {})}}, fresh{"new", {sample_run("new", {})}};
  for (int i = 0; i < 12; ++i) {
    const auto name = fmt::format("gemm{}", i);
    if (i > 0) by.noise->benchmarks[{"host", "cpu", name}] = {0.01, std::nullopt, 20};
    for (auto* s : {&base, &fresh}) s->runs[0].measurements.push_back(sample_measurement(name, {1000, 1001, 999}));
  }
  const auto rows = compare(base, fresh, by).rows;
  const auto floor_of = [&](const char* name) {
    return *std::find_if(rows.begin(), rows.end(), [&](const auto& row) { return row.key.name == name; })->noise_floor;
  };
  EXPECT_GE(floor_of("gemm0"), floor_of("gemm1"));
}

TEST(compare, refuses_a_noise_profile_of_another_machine) {
  criteria by;
  by.noise = noise_profile{};
  by.noise->environment.cpu.model = "EPYC";
  by.noise->environment.cpu.usable_cpus = 2;
  EXPECT_THROW(compare(sample_side("base", {1000}), sample_side("new", {1030}), by), error);
}

TEST(compare, refuses_a_noise_profile_of_another_gpu_driver_or_power_limit) {
  const auto base = sample_side("base", {1000, 1001}, "gpu0"), fresh = sample_side("new", {1030, 1031}, "gpu0");
  const auto with = [&](const auto& change) {
    criteria by;
    by.noise = noise_profile{};
    by.noise->environment = base.runs[0].environment;
    change(by.noise->environment);
    return by;
  };
  EXPECT_NO_THROW(compare(base, fresh, with([](auto&) {})));
  const auto driver = with([](auto& then) { then.gpu_driver_version = "550.54"; });
  EXPECT_THROW(compare(base, fresh, driver), error);
  EXPECT_THROW(compare(base, fresh, with([](auto& then) { then.gpus[0].name = "NVIDIA H100"; })), error);
  EXPECT_THROW(compare(base, fresh, with([](auto& then) { then.gpus[0].power_limit_watts = 60; })), error);
  // Not only of the first run; what the CPU did does not ask for the GPU, and what is allowed is.
  auto later = driver;
  later.noise->environment.gpu_driver_version.reset();
  later.noise->environment.gpus[0].ecc.reset();
  EXPECT_NO_THROW(compare(base, fresh, later));
  later.noise->environment.cpu.microarchitecture = "Genoa";
  auto mixed = fresh;
  mixed.runs.back().environment.cpu.microarchitecture = "Turin";
  EXPECT_THROW(compare(base, mixed, later), error);
  EXPECT_NO_THROW(compare(sample_side("base", quiet), sample_side("new", quiet), driver));
  auto allowing = driver;
  allowing.allowed = {"driver"};
  EXPECT_NO_THROW(compare(base, fresh, allowing));
  // Sides that cannot be compared say what differs, whatever the profile is of.
  auto updated = fresh;
  for (auto& run : updated.runs) run.environment.gpu_driver_version = "570.1";
  EXPECT_EQ(only_row(base, updated, driver).outcome, verdict::not_comparable);
}

TEST(compare, tells_a_change_of_clock_from_a_change_of_code) {
  auto base = sample_side("base", quiet, "gpu0"), fresh = sample_side("new", scaled(1.05), "gpu0");
  const auto set_clock = [](side& s, double hertz) {
    for (auto& run : s.runs)
      for (auto& m : run.measurements) m.clock_samples_hertz.assign(m.samples_ns.size(), hertz);
  };
  set_clock(base, 2.0e9);
  set_clock(fresh, 2.0e9 / 1.05);
  auto row = only_row(base, fresh);
  EXPECT_EQ(row.outcome, verdict::ambiguous);
  EXPECT_NEAR(*row.cycles_change, 0, 1e-3);
  EXPECT_THAT(row.because, HasSubstr("clock explains"));
  set_clock(fresh, 2.0e9);
  row = only_row(base, fresh);
  EXPECT_EQ(row.outcome, verdict::slower);
  EXPECT_NEAR(*row.cycles_change, 0.05, 1e-3);
  auto hidden = sample_side("new", quiet, "gpu0");
  set_clock(hidden, 2.1e9);
  row = only_row(base, hidden);
  EXPECT_EQ(row.outcome, verdict::same);
  EXPECT_THAT(row.because, HasSubstr("another clock hides it"));
}

TEST(compare, refuses_to_compare_other_libraries_unless_allowed) {
  const auto base = sample_side("base", quiet);
  auto fresh = sample_side("new", scaled(1.03));
  for (auto& run : fresh.runs) run.environment.libraries["openblas"] = "0.3.26";
  auto row = only_row(base, fresh);
  EXPECT_EQ(row.outcome, verdict::not_comparable);
  EXPECT_THAT(row.because, HasSubstr("openblas"));
  EXPECT_FALSE(row.change);
  criteria by;
  by.allowed = {"openblas"};
  EXPECT_EQ(only_row(base, fresh, by).outcome, verdict::slower);
}

TEST(compare, finds_a_run_of_another_machine_within_one_side) {
  auto base = sample_side("base", quiet);
  base.runs.back().environment.cpu.governor = "powersave";
  EXPECT_EQ(only_row(base, sample_side("new", quiet)).outcome, verdict::not_comparable);
}

TEST(compare, holds_all_runs_against_each_other_and_not_against_the_first_alone) {
  // The first run knows no driver, as one that another tool told of: the others, of two drivers, do.
  auto base = sample_side("base", quiet, "gpu0"), fresh = sample_side("new", quiet, "gpu0");
  base.runs.front().environment.gpu_driver_version.reset();
  EXPECT_EQ(only_row(base, fresh).outcome, verdict::same);
  for (auto& run : fresh.runs) run.environment.gpu_driver_version = "570.1";
  const auto result = compare(base, fresh, {});
  EXPECT_EQ(result.rows.at(0).outcome, verdict::not_comparable);
  ASSERT_EQ(result.differences.size(), 1u);
  EXPECT_EQ(result.differences[0], (difference{"driver", "unknown and 560.35", "570.1", true}));

  auto first = sample_side("base", quiet), then = sample_side("new", quiet);
  for (std::size_t i = 1; i < first.runs.size(); ++i) first.runs[i].measurements[0].method["operands"] = "zeros";
  EXPECT_EQ(only_row(first, then).outcome, verdict::same);
  then.runs.back().measurements[0].method["operands"] = "uniform in [-1, 1)";
  EXPECT_EQ(only_row(first, then).outcome, verdict::not_comparable);
}

TEST(compare, refuses_another_work_model_or_other_operands) {
  const auto base = sample_side("base", quiet);
  auto fresh = sample_side("new", quiet);
  for (auto& run : fresh.runs) run.measurements[0].work.flop = 2e6;
  auto row = only_row(base, fresh);
  EXPECT_EQ(row.outcome, verdict::not_comparable);
  ASSERT_EQ(row.differences.size(), 1u);
  EXPECT_EQ(row.differences[0].key, "work");
  auto zeros = base;
  zeros.name = "zeros";
  for (auto& run : zeros.runs) run.measurements[0].method["operands"] = "zeros";
  auto random = base;
  for (auto& run : random.runs) run.measurements[0].method["operands"] = "uniform in [-1, 1)";
  EXPECT_EQ(only_row(random, zeros).outcome, verdict::not_comparable);
}

TEST(compare, puts_gpus_of_two_vendors_into_one_row) {
  auto base = sample_side("base", {1000}), fresh = sample_side("new", {1000});
  base.runs[0].measurements = {sample_measurement("prompt", {1000, 1000, 1000}, "gpu0")};
  fresh.runs[0].measurements = base.runs[0].measurements;
  fresh.runs[0].measurements[0].backend = "rocm";
  const auto result = compare(base, fresh, {});
  ASSERT_EQ(result.rows.size(), 1u);
  EXPECT_EQ(result.rows[0].key.name, "prompt");
  EXPECT_EQ(result.rows[0].fresh.runs, 1u);
}

TEST(compare, names_wrong_missing_and_new_benchmarks) {
  auto base = sample_side("base", {1000}), fresh = sample_side("new", {1000});
  auto failed = sample_measurement("conv", {});
  failed.status = results::measurement_status::failed;
  failed.reason = "wrong result";
  failed.verification = results::verification{"all of it", 1.0, 0.1};
  fresh.runs[0].measurements.push_back(failed);
  base.runs[0].measurements.push_back(sample_measurement("conv", {5, 5, 5}));
  base.runs[0].measurements.push_back(sample_measurement("triad", {7, 7, 7}));
  fresh.runs[0].measurements.push_back(sample_measurement("copy", {3, 3, 3}));
  auto skipped = sample_measurement("latency", {});
  skipped.status = results::measurement_status::skipped;
  base.runs[0].measurements.push_back(skipped);
  const auto result = compare(base, fresh, {});
  auto counts = result.counts();
  EXPECT_EQ(counts[verdict::wrong_result], 1u);
  EXPECT_EQ(counts[verdict::missing], 1u);
  EXPECT_EQ(counts[verdict::added], 1u);
  EXPECT_EQ(result.unmeasured, 1u);
  EXPECT_EQ(result.rows[0].outcome, verdict::wrong_result) << "the worst comes first";
}

TEST(compare, calls_what_breaks_off_now_wrong_and_not_missing) {
  auto base = sample_side("base", {1000}), fresh = sample_side("new", {1000});
  auto failed = sample_measurement("conv", {});
  failed.status = results::measurement_status::failed;
  failed.reason = "an illegal memory access was encountered";
  fresh.runs[0].measurements.push_back(failed);
  base.runs[0].measurements.push_back(sample_measurement("conv", {5, 5, 5}));
  // Where it never worked nothing became worse.
  failed.benchmark = "triad";
  fresh.runs[0].measurements.push_back(failed);
  base.runs[0].measurements.push_back(failed);
  const auto result = compare(base, fresh, {});
  EXPECT_EQ(result.rows[0].outcome, verdict::wrong_result);
  EXPECT_EQ(result.rows[0].because, "failed: an illegal memory access was encountered");
  EXPECT_EQ(result.unmeasured, 1u);
}

TEST(compare, calls_what_breaks_off_in_some_runs_wrong_although_others_measured_it) {
  const auto base = sample_side("base", quiet);
  auto fresh = sample_side("new", quiet);
  for (std::size_t i = 0; i < 4; ++i) {
    auto& m = fresh.runs[i].measurements[0];
    m = sample_measurement("gemm", {});
    m.status = results::measurement_status::failed;
    m.reason = "CUDA error 719";
  }
  const auto row = only_row(base, fresh);
  EXPECT_EQ(row.outcome, verdict::wrong_result);
  EXPECT_EQ(row.because, "failed in 4 of 5 runs: CUDA error 719");
  EXPECT_EQ(row.fresh.runs, 1u);
  EXPECT_EQ(row.fresh.failed, 4u);
  EXPECT_EQ(row.base.failed, 0u);
  // What the base could not measure either did not become worse; nor is a gap a failure.
  EXPECT_EQ(only_row(fresh, base).outcome, verdict::same);
  fresh.runs[0].measurements[0].status = results::measurement_status::skipped;
  for (std::size_t i = 1; i < 4; ++i) fresh.runs[i].measurements[0] = base.runs[i].measurements[0];
  const auto gap = only_row(base, fresh);
  EXPECT_EQ(gap.outcome, verdict::same);
  EXPECT_EQ(gap.fresh.skipped, 1u);
}

TEST(compare, refuses_a_run_that_is_counted_twice) {
  auto twice = sample_side("base", {1000});
  twice.runs.push_back(twice.runs[0]);
  EXPECT_THROW(compare(twice, sample_side("new", {1000}), {}), error);
  EXPECT_THROW(compare({"nothing", {}}, sample_side("new", {1000}), {}), error);
}

TEST(compare, refuses_a_run_that_is_on_both_sides) {
  const auto base = sample_side("base", quiet);
  auto fresh = sample_side("new", scaled(1.03));
  fresh.runs.push_back(base.runs[0]);
  EXPECT_THROW(compare(base, fresh, {}), error);
  EXPECT_EQ(only_row(base, base).outcome, verdict::same);
}

TEST(compare, finds_identical_runs_the_same_although_nothing_varies) {
  const auto flat = [](const char* name) {
    side made{name, {}};
    for (int i = 0; i < 3; ++i)
      made.runs.push_back(sample_run(fmt::format("{}{}", name, i), {sample_measurement("gemm", {2000, 2000, 2000})}));
    return made;
  };
  const auto row = only_row(flat("a"), flat("b"));
  EXPECT_EQ(row.outcome, verdict::same);
  EXPECT_EQ(*row.change, 0);
}

TEST(compare, tells_generations_of_a_cpu_apart_that_a_virtual_machine_names_alike) {
  auto base = sample_side("base", quiet), fresh = sample_side("new", quiet);
  const auto name = [](side& s, const char* generation, int family, int model) {
    for (auto& run : s.runs) {
      run.environment.cpu.model = "AMD EPYC";
      if (*generation != 0) run.environment.cpu.microarchitecture = generation;
      run.environment.cpu.family = family;
      run.environment.cpu.model_number = model;
    }
  };
  name(base, "Genoa", 25, 17);
  name(fresh, "Turin", 26, 2);
  auto row = only_row(base, fresh);
  EXPECT_EQ(row.outcome, verdict::not_comparable);
  EXPECT_EQ(row.because, "differing: microarchitecture, cpu_family");
  auto unnamed = sample_side("unnamed", quiet);
  name(unnamed, "", 26, 2);
  EXPECT_EQ(only_row(base, unnamed).because, "differing: cpu_family");
  EXPECT_EQ(only_row(fresh, unnamed).outcome, verdict::same);
}

TEST(noise_of, is_the_spread_of_the_runs_medians) {
  const auto noises = noise_of(sample_side("base", {1000 * std::exp(-0.01), 1000, 1000 * std::exp(0.01)}).runs);
  ASSERT_EQ(noises.size(), 1u);
  EXPECT_NEAR(noises.begin()->second.median.run_deviation, 0.01, 1e-9);
  EXPECT_EQ(noises.begin()->second.runs, 3u);
}

/// Runs of a benchmark that takes so many cycles, at these clocks; cycles vary by 0.02 %.
side bound_by_clock(const std::string& name, double cycles, const std::vector<double>& hertz) {
  std::vector<double> times;
  for (std::size_t i = 0; i < hertz.size(); ++i)
    times.push_back(cycles * (1 + 1e-4 * static_cast<double>(i % 3)) / hertz[i] * 1e9);
  auto made = sample_side(name, times);
  for (std::size_t i = 0; i < hertz.size(); ++i) made.runs[i].measurements[0].telemetry.clock_hertz = hertz[i];
  return made;
}
const std::vector<double> unsteady{3.61e9, 3.67e9, 3.61e9, 3.55e9, 3.67e9, 3.55e9};

TEST(compare, judges_in_cycles_what_varies_with_the_clock) {
  const auto base = bound_by_clock("base", 4000, unsteady);
  const auto same = only_row(base, bound_by_clock("same", 4000, {3.55e9, 3.61e9}));
  EXPECT_EQ(same.outcome, verdict::same);
  EXPECT_EQ(same.judged_in, judged_unit::cycles);
  EXPECT_THAT(same.because, HasSubstr("vary less than time"));
  EXPECT_GT(same.change_interval->high, 0.02);  // of time, which would leave it open

  const auto slower = only_row(base, bound_by_clock("slower", 4120, {3.61e9, 3.67e9}));
  EXPECT_EQ(slower.outcome, verdict::slower);
  EXPECT_NEAR(*slower.cycles_change, 0.03, 1e-3);
  EXPECT_LT(*slower.noise_floor, 0.01);
}

TEST(compare, does_not_judge_in_cycles_what_does_not_vary_with_the_clock) {
  // Memory: the same time at whatever clock, so that cycles vary and time does not.
  auto base = sample_side("base", scaled(1)), fresh = sample_side("new", scaled(1.03));
  for (auto* s : {&base, &fresh})
    for (std::size_t i = 0; i < s->runs.size(); ++i) s->runs[i].measurements[0].telemetry.clock_hertz = unsteady[i];
  const auto row = only_row(base, fresh);
  EXPECT_EQ(row.outcome, verdict::slower);
  EXPECT_EQ(row.judged_in, judged_unit::time);
  EXPECT_THAT(row.because, HasSubstr("in cycles too"));
}

TEST(compare, writes_no_sign_before_a_change_of_nothing) {
  // 0.04 % fewer cycles would round to "-0.0".
  const auto base = bound_by_clock("base", 4000, unsteady);
  const auto row = only_row(base, bound_by_clock("same", 3998.4, unsteady));
  EXPECT_LT(*row.cycles_change, 0);
  EXPECT_THAT(row.because, HasSubstr("cycles +0.0 %"));
}

TEST(compare, tells_an_answer_that_is_wrong_from_none_at_all) {
  const auto base = sample_side("base", quiet);
  auto fresh = sample_side("new", quiet);
  auto& m = fresh.runs[0].measurements[0];
  m.status = results::measurement_status::failed;
  m.reason = "out of memory";
  const auto broken = only_row(base, fresh);
  EXPECT_EQ(broken.outcome, verdict::wrong_result);
  EXPECT_TRUE(broken.broke_off);
  m.verification = results::verification{"all", 1, 0.5};
  const auto wrong = only_row(base, fresh);
  EXPECT_EQ(wrong.outcome, verdict::wrong_result);
  EXPECT_FALSE(wrong.broke_off);
}

TEST(compare, leaves_it_to_the_reader_what_a_much_lower_clock_means) {
  const auto base = bound_by_clock("base", 4000, unsteady);
  const std::vector<double> throttled(6, 2.5e9);
  const auto row = only_row(base, bound_by_clock("throttled", 4000, throttled));
  EXPECT_EQ(row.outcome, verdict::ambiguous);
  EXPECT_THAT(row.because, HasSubstr("clock explains"));
  // More cycles, and less time all the same.
  const std::vector<double> boosted(6, 4.5e9);
  EXPECT_EQ(only_row(base, bound_by_clock("boosted", 4120, boosted)).outcome, verdict::ambiguous);
}

TEST(compare, takes_the_noise_of_cycles_from_the_profile) {
  criteria by;
  by.noise = noise_profile{};
  const auto base = bound_by_clock("base", 4000, unsteady);
  by.noise->environment = base.runs[0].environment;
  by.noise->tool_version = base.runs[0].tool_version;
  by.noise->benchmarks = noise_of(base.runs);
  const auto& noise = by.noise->benchmarks.begin()->second;
  EXPECT_LT(*noise.median.cycles_deviation, 0.0002);
  EXPECT_GT(noise.median.run_deviation, 0.01);
  const auto row = only_row(bound_by_clock("one", 4000, {3.61e9}), bound_by_clock("other", 4120, {3.67e9}), by);
  EXPECT_EQ(row.outcome, verdict::slower);
  EXPECT_EQ(row.noise, noise_source::profile);
}

TEST(compare, calls_a_run_the_same_as_itself_however_few_there_are) {
  const auto once = sample_side("once", {1000});
  const auto row = only_row(once, once);
  EXPECT_EQ(row.outcome, verdict::same);
  EXPECT_EQ(row.change, 0);
  EXPECT_EQ(row.because, "the same measurements on both sides");
  // Other samples that happen to have the same median are no identical ones.
  auto other = sample_side("other", {1000});
  std::reverse(other.runs[0].measurements[0].samples_ns.begin(), other.runs[0].measurements[0].samples_ns.end());
  EXPECT_EQ(only_row(once, other).outcome, verdict::ambiguous);
}

TEST(compare, compares_in_spite_of_a_slow_down_on_purpose_and_notes_it) {
  auto slowed = sample_side("new", scaled(1.03));
  for (auto& run : slowed.runs) run.environment.variables["GPUBENCH_TEST_SLOWDOWN"] = "gemm=3%";
  const auto result = compare(sample_side("base", quiet), slowed, {});
  EXPECT_EQ(result.rows.at(0).outcome, verdict::slower);
  ASSERT_EQ(result.differences.size(), 1u);
  EXPECT_EQ(result.differences[0].key, "GPUBENCH_TEST_SLOWDOWN");
  EXPECT_FALSE(result.differences[0].forbids);
}

TEST(compare, tells_the_gpus_of_any_name_apart) {
  const auto on = [&](const std::string& device, const std::string& gpu_two) {
    auto side = sample_side(gpu_two, quiet, device);
    for (auto& run : side.runs) {
      auto gpu = run.environment.gpus[0];
      gpu.name = gpu_two;
      for (gpu.index = 1; gpu.index < 4; ++gpu.index) run.environment.gpus.push_back(gpu);
    }
    return side;
  };
  for (const char* device : {"gpu0+2", "gpu0-2", "gpu0-1+3"}) {
    const auto row = only_row(on(device, "H100"), on(device, "A100"));
    EXPECT_EQ(row.outcome, verdict::not_comparable) << device;
    EXPECT_EQ(row.because, "differing: gpu");
  }
  EXPECT_NE(only_row(on("gpu0", "H100"), on("gpu0", "A100")).outcome, verdict::not_comparable);
  const auto unreadable = compare(sample_side("base", quiet, "gpu0;2"), sample_side("new", quiet, "gpu0;2"), {});
  EXPECT_EQ(unreadable.rows.at(0).outcome, verdict::not_comparable);
  EXPECT_EQ(unreadable.rows.at(0).because, "differing: gpu");
  EXPECT_THAT(unreadable.differences.at(0).base, HasSubstr("'gpu0;2' does not tell which"));
  criteria by;
  by.allowed = {"gpu"};
  EXPECT_NE(only_row(sample_side("base", quiet, "gpu0;2"), sample_side("new", quiet, "gpu0;2"), by).outcome,
            verdict::not_comparable);
}

TEST(compare, looks_again_only_at_what_could_be_slower) {
  const auto base = sample_side("base", quiet);
  EXPECT_TRUE(could_be_slower(only_row(base, sample_side("new", scaled(1.03))), 0.02));
  EXPECT_FALSE(could_be_slower(only_row(base, sample_side("new", scaled(0.97))), 0.02));
  EXPECT_FALSE(could_be_slower(only_row(base, sample_side("new", scaled(1.001))), 0.02));
  // One run each: +1 % may be +4 %, and -9 % is no slow-down whatever it is.
  const auto once = sample_side("once", {1000});
  EXPECT_TRUE(could_be_slower(only_row(once, sample_side("new", {1010})), 0.02));
  EXPECT_FALSE(could_be_slower(only_row(once, sample_side("new", {910})), 0.02));
}

}  // namespace
}  // namespace gpubench::comparison
