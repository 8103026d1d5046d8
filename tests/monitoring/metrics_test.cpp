#include "monitoring/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <string>

#include "monitoring/dashboard.hpp"
#include "monitoring/sample.hpp"

namespace gpubench::monitoring {
namespace {

using testing::HasSubstr;

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

TEST(metrics, names_follow_the_conventions_and_stand_once) {
  std::set<std::string_view> seen;
  for (const auto& each : all_metrics()) {
    EXPECT_TRUE(std::regex_match(std::string(each.name), std::regex("gpubench_(gpu|host|cgroup|exporter)_[a-z0-9_]+")))
        << each.name;
    EXPECT_EQ(ends_with(each.name, "_total"), each.type == metric_type::counter) << each.name;
    EXPECT_TRUE(seen.insert(each.name).second) << each.name << " stands twice";
    EXPECT_TRUE(ends_with(each.help, ".")) << each.name;
    EXPECT_EQ(each.help.find_first_of("\\\n"), std::string_view::npos) << each.name;
    if (!each.dcgm.name.empty()) {
      EXPECT_EQ(each.dcgm.name.rfind("DCGM_FI_", 0), 0U) << each.name;
      EXPECT_EQ(each.scope, metric_scope::gpu) << each.name;
      // A unit and its factor belong together.
      const std::map<std::string_view, double> factors{{"%", 0.01},  {"MiB", 1048576},  {"MHz", 1e6},    {"mJ", 0.001},
                                                       {"W", 1},     {"°C", 1},         {"fraction", 1}, {"B/s", 1},
                                                       {"count", 1}, {"generation", 1}, {"lanes", 1},    {"0 or 1", 1}};
      ASSERT_EQ(factors.count(each.dcgm.unit), 1U) << each.name << each.dcgm.unit;
      EXPECT_EQ(each.dcgm.factor, factors.at(each.dcgm.unit)) << each.name;
    } else {
      EXPECT_TRUE(each.dcgm.unit.empty()) << each.name;
    }
  }
}

TEST(metrics, dcgm_equivalents_have_base_units) {
  // 45 %, 1024 MiB, 1410 MHz and 5000 mJ.
  EXPECT_DOUBLE_EQ(45 * metric_of(metric_id::gpu_utilization).dcgm.factor, 0.45);
  EXPECT_DOUBLE_EQ(1024 * metric_of(metric_id::gpu_memory_used).dcgm.factor, 1073741824.0);
  EXPECT_DOUBLE_EQ(1410 * metric_of(metric_id::gpu_sm_clock).dcgm.factor, 1.41e9);
  EXPECT_DOUBLE_EQ(5000 * metric_of(metric_id::gpu_energy).dcgm.factor, 5);
}

std::set<std::string> names_in(const std::string& text) {
  std::set<std::string> found;
  const std::regex name("gpubench_[a-z0-9_]+");
  for (std::sregex_iterator at(text.begin(), text.end(), name), end; at != end; ++at) found.insert(at->str());
  return found;
}

std::set<std::string> listed_names() {
  std::set<std::string> names;
  for (const auto& each : all_metrics()) names.emplace(each.name);
  return names;
}

TEST(dashboard, asks_for_every_metric_and_for_no_other) {
  EXPECT_EQ(names_in(grafana_dashboard().dump()), listed_names());
}

TEST(dashboard, panels_have_ids_of_their_own_and_do_not_overlap) {
  std::set<int> ids;
  std::set<std::pair<int, int>> squares;
  const auto dashboard = grafana_dashboard();
  for (const auto& panel : dashboard["panels"]) {
    EXPECT_TRUE(ids.insert(panel["id"].get<int>()).second);
    const auto& place = panel["gridPos"];
    for (int x = place["x"]; x < place["x"].get<int>() + place["w"].get<int>(); ++x)
      for (int y = place["y"]; y < place["y"].get<int>() + place["h"].get<int>(); ++y)
        EXPECT_TRUE(squares.emplace(x, y).second) << panel["title"] << " at " << x << "," << y;
    EXPECT_LE(place["x"].get<int>() + place["w"].get<int>(), 24);
  }
  EXPECT_GT(ids.size(), 20U);
}

TEST(alert_rules, name_listed_metrics_alone) {
  const auto known = listed_names();
  for (const auto& name : names_in(alert_rules())) EXPECT_EQ(known.count(name), 1U) << name;
}

std::string content_of(const std::string& file) {
  std::ifstream stream(std::string(GPUBENCH_SOURCE_DIR) + "/" + file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// gpubench monitor --write-dashboard monitoring/grafana/gpubench.json --write-rules
// monitoring/prometheus/gpubench-rules.yml
TEST(dashboard, files_in_the_project_are_up_to_date) {
  EXPECT_EQ(content_of("monitoring/grafana/gpubench.json"), grafana_dashboard().dump(2) + "\n");
  EXPECT_EQ(content_of("monitoring/prometheus/gpubench-rules.yml"), alert_rules());
}

TEST(sample, text_has_families_in_the_order_of_the_list) {
  sample now;
  now.add(metric_id::host_cpus, {}, 4);
  now.add(metric_id::gpu_up, {{"gpu", "0"}, {"name", "a \"quoted\"\nname"}}, 1);
  now.add(metric_id::gpu_power, {{"gpu", "0"}}, std::nullopt);
  const auto text = to_prometheus(now);
  EXPECT_THAT(text, HasSubstr("gpubench_gpu_up{gpu=\"0\",name=\"a \\\"quoted\\\"?name\"} 1\n"));
  EXPECT_LT(text.find("gpubench_gpu_up"), text.find("gpubench_host_cpus"));
  EXPECT_EQ(text.find("power"), std::string::npos);
}

TEST(sample, csv_has_a_row_a_gpu_and_empty_cells_for_what_is_unknown) {
  sample now;
  now.at = std::chrono::system_clock::time_point(std::chrono::seconds(1'795'000'000));
  now.add(metric_id::gpu_up, {{"gpu", "0"}, {"uuid", "GPU-0"}, {"name", "A, B"}}, 1);
  now.add(metric_id::gpu_up, {{"gpu", "1"}, {"uuid", "GPU-1"}}, 0);
  now.add(metric_id::host_cpus, {}, 8);
  const auto csv = to_csv(now);
  const auto header = csv_header();
  const auto rows = std::count(csv.begin(), csv.end(), '\n');
  EXPECT_EQ(rows, 2);
  EXPECT_EQ(csv.rfind("2026-11-18T", 0), 0U) << csv;
  EXPECT_THAT(csv, HasSubstr(",0,GPU-0,\"A, B\",,1,,"));
  EXPECT_THAT(csv, HasSubstr(",1,GPU-1,,,0,,"));
  const auto commas = [](const std::string& line) { return std::count(line.begin(), line.end(), ','); };
  EXPECT_EQ(commas(csv.substr(csv.find('\n') + 1)), commas(header));
}

TEST(sample, csv_of_a_machine_without_gpus_has_one_row) {
  sample now;
  now.add(metric_id::host_cpus, {}, 8);
  const auto csv = to_csv(now);
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 1);
}

}  // namespace
}  // namespace gpubench::monitoring
