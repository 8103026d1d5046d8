#include "report/side_by_side.hpp"

#include "report/curves.hpp"
#include "report/remarks.hpp"
#include "report/sink.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixtures.hpp"

namespace gpubench::report {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using state = side_cell::state;

results::measurement timed(const std::string& name, const std::string& device, double median_ns, double half_width,
                           double bytes) {
  results::measurement m;
  m.benchmark = name;
  m.device = device;
  m.work.bytes = bytes;
  for (int i = -10; i <= 10; ++i) m.samples_ns.push_back(median_ns * (1 + half_width * i / 10));
  results::complete(m);
  return m;
}

// Runs of the measurements given, labelled a, b, ...
struct runs_of {
  std::deque<results::run> runs;
  document content;

  explicit runs_of(const std::vector<std::vector<results::measurement>>& measurements) {
    for (const auto& list : measurements) {
      runs.emplace_back().measurements = list;
      const std::string label(1, static_cast<char>('a' + runs.size() - 1));
      content.runs.push_back({&runs.back(), label + ".json", label});
    }
  }
};

TEST(side_by_side, lays_the_same_benchmark_of_each_run_in_one_row_whatever_the_number_of_its_gpu_is) {
  const runs_of two({{timed("copy", "gpu0", 100, 0.01, 1000)}, {timed("copy", "gpu3", 80, 0.01, 1000)}});
  const auto rows = side_rows(two.content);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].device, "");
  EXPECT_EQ(rows[0].metric, "bytes_per_second");
  EXPECT_DOUBLE_EQ(rows[0].cells[0].figure->value, 1000 / 100e-9);
  EXPECT_DOUBLE_EQ(rows[0].cells[1].figure->value, 1000 / 80e-9);
  EXPECT_FALSE(rows[0].cells[0].best);
  EXPECT_TRUE(rows[0].cells[1].best);
}

TEST(side_by_side, tells_devices_apart_where_one_run_has_several) {
  const runs_of two({{timed("copy", "gpu0", 100, 0.01, 1000), timed("copy", "gpu1", 90, 0.01, 1000)},
                     {timed("copy", "gpu1", 80, 0.01, 1000)}});
  const auto rows = side_rows(two.content);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].device, "gpu0");
  EXPECT_EQ(rows[0].cells[1].is, state::absent);
  EXPECT_EQ(rows[1].device, "gpu1");
  EXPECT_TRUE(rows[1].cells[1].best);
}

TEST(side_by_side, never_lays_a_cpu_beside_a_gpu) {
  const runs_of three({{timed("copy", "cpu", 100, 0.01, 1000)},
                       {timed("copy", "gpu0", 80, 0.01, 1000)},
                       {timed("copy", "gpu3", 60, 0.01, 1000)}});
  const auto rows = side_rows(three.content);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].device, "cpu");
  EXPECT_EQ(rows[0].measured(), 1u);
  EXPECT_EQ(rows[1].device, "gpu");
  EXPECT_EQ(rows[1].cells[0].is, state::absent);
  EXPECT_TRUE(rows[1].cells[2].best);
  // One machine with both: the same.
  const runs_of both({{timed("copy", "cpu", 100, 0.01, 1000), timed("copy", "gpu0", 80, 0.01, 1000)},
                      {timed("copy", "gpu1", 60, 0.01, 1000)}});
  const auto mixed = side_rows(both.content);
  ASSERT_EQ(mixed.size(), 2u);
  EXPECT_EQ(mixed[1].measured(), 2u);
}

TEST(side_by_side, never_lays_several_gpus_beside_one) {
  const runs_of three({{timed("decode", "gpu0", 100, 0.01, 1000)},
                       {timed("decode", "gpu0-1", 50, 0.01, 1000)},
                       {timed("decode", "gpu2+5", 60, 0.01, 1000)}});
  const auto rows = side_rows(three.content);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].device, "gpu");
  EXPECT_EQ(rows[0].measured(), 1u);
  EXPECT_FALSE(rows[0].cells[0].best);
  EXPECT_EQ(rows[1].device, "2 gpus");
  EXPECT_EQ(rows[1].cells[0].is, state::absent);
  EXPECT_TRUE(rows[1].cells[1].best);
  EXPECT_FALSE(rows[1].cells[2].best);
  // As many on both sides need no word; of a collective the ranks are a parameter, and not every tool names its GPUs.
  const runs_of pairs({{timed("decode", "gpu0-1", 100, 0.01, 1000)}, {timed("decode", "gpu2-3", 50, 0.01, 1000)}});
  ASSERT_EQ(side_rows(pairs.content).size(), 1u);
  EXPECT_EQ(side_rows(pairs.content)[0].device, "");
  auto named = timed("all_reduce", "gpu0-7", 100, 0.01, 1000), unnamed = timed("all_reduce", "gpu", 90, 0.01, 1000);
  named.params = unnamed.params = {{"ranks", std::int64_t{8}}};
  EXPECT_EQ(side_rows(runs_of({{named}, {unnamed}}).content).size(), 1u);
}

TEST(side_by_side, marks_both_as_best_where_their_intervals_overlap_and_neither_where_one_alone_has_a_figure) {
  const runs_of close({{timed("copy", "cpu", 100, 0.1, 1000)}, {timed("copy", "cpu", 101, 0.1, 1000)}});
  const auto rows = side_rows(close.content);
  EXPECT_TRUE(rows[0].cells[0].best);
  EXPECT_TRUE(rows[0].cells[1].best);
  const runs_of alone({{timed("copy", "cpu", 100, 0.1, 1000)}, {}});
  EXPECT_FALSE(side_rows(alone.content)[0].cells[0].best);
}

TEST(side_by_side, takes_the_shortest_time_for_the_best) {
  auto slow = timed("sync", "gpu0", 100, 0.01, 0), fast = timed("sync", "gpu0", 50, 0.01, 0);
  slow.work = fast.work = {};
  results::complete(slow);
  results::complete(fast);
  const auto rows = side_rows(runs_of({{slow}, {fast}}).content);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].unit, "ns");
  EXPECT_FALSE(rows[0].cells[0].best);
  EXPECT_TRUE(rows[0].cells[1].best);
}

TEST(side_by_side, never_lets_a_wrong_result_win_and_says_what_is_missing_in_words) {
  auto wrong = timed("copy", "cpu", 1, 0.01, 1000);
  wrong.verification = results::verification{"every element", 1, 1e-6};
  auto skipped = timed("copy", "cpu", 1, 0.01, 1000);
  skipped = {};
  skipped.benchmark = "copy";
  skipped.device = "cpu";
  skipped.status = results::measurement_status::skipped;
  skipped.reason = "no memory";
  const runs_of four({{wrong}, {timed("copy", "cpu", 100, 0.01, 1000)}, {skipped}, {}});
  const auto rows = side_rows(four.content);
  ASSERT_EQ(rows.size(), 1u);
  const auto& cells = rows[0].cells;
  EXPECT_EQ(cells[0].is, state::wrong);
  EXPECT_FALSE(cells[0].figure.has_value());
  EXPECT_EQ(cells[2].reason, "no memory");
  std::vector<std::string> shown;
  for (const auto& cell : cells) shown.push_back(cell_text(cell, 1));
  EXPECT_EQ(shown[0], "wrong result");
  EXPECT_EQ(shown[2], "skipped");
  EXPECT_EQ(shown[3], "not measured");
}

TEST(side_by_side, keeps_another_metric_of_the_same_benchmark_in_a_row_of_its_own) {
  auto by_time = timed("copy", "cpu", 100, 0.01, 0);
  by_time.work = {};
  results::complete(by_time);
  const runs_of two({{timed("copy", "cpu", 100, 0.01, 1000)}, {by_time}});
  const auto rows = side_rows(two.content);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].metric, "bytes_per_second");
  EXPECT_EQ(rows[1].metric, "time_ns");
  EXPECT_THAT(side_summary(rows), HasSubstr("nothing can be compared"));
}

TEST(side_by_side, says_once_what_is_remarked_of_several_runs) {
  auto a = timed("copy", "cpu", 100, 0.01, 1000), b = a;
  a.warnings = {"best of 3"};
  b.warnings = {"best of 3", "throttled"};
  const auto rows = side_rows(runs_of({{a}, {b}}).content);
  EXPECT_THAT(rows[0].remarks, ElementsAre("a, b: best of 3", "b: throttled"));
}

TEST(side_by_side, what_is_remarked_stands_beneath_the_table_of_text_forms) {
  auto contradicted = timed("copy", "cpu", 100, 0.01, 1000), triad = timed("triad", "cpu", 100, 0.01, 1000);
  contradicted.warnings = {"busbw contradicts size, ranks and time"};
  triad.warnings = {"busbw contradicts size, ranks and time", "*throttled*"};
  auto other = timed("copy", "cpu", 120, 0.01, 1000);
  const runs_of two({{contradicted, triad}, {other}});
  EXPECT_THAT(remark_sentences(side_rows(two.content)),
              ElementsAre("a: busbw contradicts size, ranks and time (copy and 1 more)", "a: *throttled* (triad)"));
  for (const auto* form : {"table", "markdown"}) {
    std::ostringstream out;
    find_sink(form).write(two.content, {}, out);
    EXPECT_THAT(out.str(), HasSubstr("a: busbw contradicts size, ranks and time (copy and 1 more)")) << form;
  }
  const runs_of plain({{other}, {other}});
  std::ostringstream out;
  find_sink("table").write(plain.content, {}, out);
  EXPECT_THAT(out.str(), Not(HasSubstr("Remarks")));
}

TEST(side_by_side, flags_of_one_run_are_said_where_their_column_has_no_room) {
  auto m = timed("copy", "cpu", 100, 0.01, 1000);
  m.warnings = {"busbw contradicts size, ranks and time"};
  m.verification = results::verification{"every element against the host's own sum of both", 1e-9, 1e-6};
  const runs_of one({{m}});
  const auto written = [&](int width) {
    std::ostringstream out;
    style look;
    look.width = width;
    find_sink("table").write(one.content, look, out);
    return out.str();
  };
  for (const int width : {60, 80, 100, 120, 0}) {
    const auto text = written(width);
    const auto first = text.find("busbw contradicts");
    ASSERT_NE(first, std::string::npos) << width << '\n' << text;
    EXPECT_EQ(text.find("busbw contradicts", first + 1), std::string::npos) << width << '\n' << text;
  }
  EXPECT_THAT(written(60), HasSubstr("\nFlags "));
  EXPECT_THAT(written(0), Not(HasSubstr("\nFlags ")));
}

TEST(side_by_side, knows_the_parameters_that_tell_rows_apart) {
  auto small = timed("copy", "cpu", 100, 0.01, 1000), large = small, other = timed("other", "cpu", 100, 0.01, 1000);
  small.params = {{"bytes", std::int64_t{1}}, {"type", std::string("fp32")}};
  large.params = {{"bytes", std::int64_t{2}}, {"type", std::string("fp32")}};
  other.params = {{"type", std::string("fp32")}};
  const auto rows = side_rows(runs_of({{small, large, other}, {large}}).content);
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].telling_parameters, "bytes=1");
  EXPECT_EQ(rows[1].telling_parameters, "bytes=2");
  EXPECT_EQ(rows[1].parameters, "bytes=2 type=fp32");
  EXPECT_EQ(rows[2].telling_parameters, "type=fp32") << "a row that stands alone keeps all";
}

TEST(side_by_side, counts_in_its_summary_the_rows_that_two_runs_measured) {
  const auto several = test::several_runs();
  const auto rows = side_rows(several.content);
  // 4 GEMM, 3 streams, 4 convolutions, a network, 9 latencies and 5 of the 6 sizes of the collective.
  EXPECT_THAT(side_summary(rows), HasSubstr("Of 26 benchmarks that at least two runs measured"));
}

TEST(cost_of_work, is_the_price_over_the_rate) {
  // 1000 B in 100 ns are 10 GB/s; at 36 USD an hour a petabyte takes 1e5 s and costs 1000 USD.
  runs_of two({{timed("copy", "cpu", 100, 0.01, 1000)}, {timed("copy", "cpu", 50, 0.01, 1000)}});
  two.content.runs[0].usd_per_hour = 36;
  const auto rows = side_rows(two.content);
  auto costs = cost_rows(two.content, rows);
  ASSERT_EQ(costs.size(), 1u);
  EXPECT_EQ(costs[0].unit, "$ per PB");
  EXPECT_NEAR(*costs[0].usd[0], 1000, 1e-9);
  EXPECT_FALSE(costs[0].usd[1].has_value()) << "without a price there is no cost, and it is not 0";
  EXPECT_THAT(costs[0].cheapest, ElementsAre());
  two.content.runs[1].usd_per_hour = 90;
  costs = cost_rows(two.content, rows);
  EXPECT_NEAR(*costs[0].usd[1], 1250, 1e-9);
  EXPECT_THAT(costs[0].cheapest, ElementsAre(0u));
  // Twice the price of twice the rate: neither is cheaper, whichever stands first.
  two.content.runs[1].usd_per_hour = 72;
  costs = cost_rows(two.content, rows);
  EXPECT_THAT(costs[0].cheapest, ElementsAre(0u, 1u));
  EXPECT_EQ(cost_grid(two.content, costs).rows[0].back(), "★ 1,000");
}

TEST(cost_of_work, of_one_gpu_of_several_is_its_share_of_the_price) {
  runs_of one({{timed("copy", "gpu2", 100, 0.01, 1000), timed("all", "gpu0-3", 100, 0.01, 1000),
                timed("some", "gpu0+2", 100, 0.01, 1000), timed("which", "gpu0;2", 100, 0.01, 1000)}});
  for (int i = 0; i < 8; ++i) {
    results::gpu_environment gpu;
    gpu.index = i;
    one.runs[0].environment.gpus.push_back(gpu);
  }
  one.content.runs[0].usd_per_hour = 36;
  const auto rows = side_rows(one.content);
  const auto costs = cost_rows(one.content, rows);
  ASSERT_EQ(costs.size(), 3u) << "what does not tell the GPUs has no cost";
  EXPECT_NEAR(*costs[0].usd[0], 125, 1e-9);
  EXPECT_NEAR(*costs[1].usd[0], 500, 1e-9);
  EXPECT_NEAR(*costs[2].usd[0], 250, 1e-9);
}

TEST(cost_of_work, of_one_gpu_in_a_container_is_its_share_of_the_machine) {
  runs_of one({{timed("copy", "gpu0", 100, 0.01, 1000), timed("which", "unknown", 100, 0.01, 1000)}});
  one.runs[0].environment.gpus.emplace_back();
  one.content.runs[0].usd_per_hour = 36;
  const auto rows = side_rows(one.content);
  EXPECT_NEAR(*cost_rows(one.content, rows).at(0).usd[0], 1000, 1e-9) << "of a machine with the GPUs that it lists";
  one.content.runs[0].machine_gpus = 8;
  const auto costs = cost_rows(one.content, rows);
  ASSERT_EQ(costs.size(), 1u) << "which of the eight worked is not known";
  EXPECT_NEAR(*costs[0].usd[0], 125, 1e-9);
  EXPECT_EQ(why_no_cost(one.content, rows.at(1), 0), "device unknown");
}

TEST(cost_of_work, of_a_slice_is_its_share_of_its_gpu) {
  runs_of one({{timed("copy", "gpu0", 100, 0.01, 1000)}});
  results::gpu_environment slice;
  slice.mig_slice = "1g.20gb";
  slice.mig_compute_share = 0.125;
  slice.mig_memory_share = 0.25;
  one.runs[0].environment.gpus.push_back(slice);
  one.content.runs[0].usd_per_hour = 36;
  one.content.runs[0].machine_gpus = 2;
  const auto rows = side_rows(one.content);
  EXPECT_NEAR(*cost_rows(one.content, rows).at(0).usd[0], 125, 1e-9) << "a quarter of one GPU of two";
  one.content.runs[0].machine_gpus.reset();
  EXPECT_TRUE(cost_rows(one.content, rows).empty()) << "a slice does not tell how many GPUs there are";
  EXPECT_EQ(why_no_cost(one.content, rows.at(0), 0), "share unknown");
  one.content.runs[0].machine_gpus = 2;
  one.runs[0].environment.gpus[0].mig_memory_share.reset();
  EXPECT_TRUE(cost_rows(one.content, rows).empty());
}

TEST(collective_curves, are_one_for_each_collective_with_a_series_for_each_run) {
  const auto several = test::several_runs();
  const auto curves = collective_curves(several.content);
  ASSERT_EQ(curves.size(), 1u);
  EXPECT_EQ(curves[0].benchmark, "all_reduce");
  std::vector<std::string> labels;
  for (const auto& series : curves[0].all) labels.push_back(series.label);
  EXPECT_THAT(labels, ElementsAre("here", "there", "vendor"));
  const auto& stated = curves[0].all[2].points;
  ASSERT_EQ(stated.size(), 6u);
  EXPECT_EQ(stated.front().bytes, 16384);
  EXPECT_NEAR(stated.front().busbw_bytes_per_second, 16384 / (30e-6 + 16384 / 55e9), 1);
  EXPECT_FALSE(stated.front().low.has_value()) << "a tool that states a mean states no interval";
}

TEST(collective_curves, name_what_tells_two_series_of_one_run_apart) {
  auto one = timed("all_reduce", "gpu0-1", 100, 0.01, 1000);
  std::vector<results::measurement> list;
  for (const char* placement : {"in_place", "out_of_place"})
    for (const std::int64_t bytes : {1000, 2000}) {
      auto m = one;
      m.work.bus_bytes = m.work.bytes = static_cast<double>(bytes);
      m.params = {{"bytes", bytes}, {"placement", std::string(placement)}};
      results::complete(m);
      list.push_back(m);
    }
  const runs_of alone({list});
  const auto curves = collective_curves(alone.content);
  ASSERT_EQ(curves.size(), 1u);
  ASSERT_EQ(curves[0].all.size(), 2u);
  EXPECT_EQ(curves[0].all[0].label, "a, placement=in_place");
  EXPECT_EQ(curves[0].all[0].points.size(), 2u);
}

}  // namespace
}  // namespace gpubench::report
