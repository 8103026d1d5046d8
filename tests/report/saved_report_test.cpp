#include "report/saved_report.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/json.hpp"
#include "report/sink.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <iterator>
#include <random>
#include <sstream>
#include <vector>

#include "fixtures.hpp"
#include "tests/temporary_folder.hpp"

namespace gpubench::report {
namespace {

using ::testing::HasSubstr;

std::string written(const std::string& form, const document& content) {
  std::ostringstream out;
  style look;
  look.show_rejected = true;
  find_sink(form).write(content, look, out);
  return out.str();
}

// A file that goes when the test ends.
class saved_file {
 public:
  explicit saved_file(const std::string& text) : path_(folder_.write("report.json", text)) {}
  const std::filesystem::path& path() const { return path_; }

 private:
  temporary_folder folder_;
  std::filesystem::path path_;
};

TEST(saved_report, gives_every_text_form_again_as_the_original_would) {
  for (const auto& from : {test::full_report(), test::recommendations_only(), test::run_only(), test::several_runs()}) {
    const saved_file file(written("json", from.content));
    const auto read = load_report(file.path());
    for (const char* form : {"json", "table", "markdown", "csv", "html", "junit", "prometheus"})
      EXPECT_TRUE(written(form, read.content) == written(form, from.content)) << form << ' ' << from.name;
  }
}

TEST(saved_report, reads_unknown_figures_as_unknown) {
  const auto from = test::not_finite();
  auto content = from.content;
  content.runs.clear();  // a run file has no place for a median that is none
  const saved_file file(written("json", content));
  const auto read = load_report(file.path());
  EXPECT_TRUE(written("json", read.content) == written("json", content)) << "the two differ";
}

void expect_refused(const std::string& text, const std::string& says, const std::string& at = {}) {
  const saved_file file(text);
  try {
    static_cast<void>(load_report(file.path()));
    ADD_FAILURE() << "was read: " << says;
  } catch (const error& refused) {
    EXPECT_EQ(refused.kind(), error_kind::input);
    EXPECT_THAT(std::string(refused.what()), HasSubstr(says));
    EXPECT_EQ(refused.where().file, file.path().string());
    EXPECT_EQ(refused.where().line > 1, !at.empty()) << says;
  }
}

TEST(saved_report, refuses_other_files_and_names_the_place_of_what_is_wrong) {
  const auto full = json::parse(written("json", test::full_report().content));
  const auto changed = [&](const std::function<void(json&)>& change) {
    json copy = full;
    change(copy);
    return copy.dump(2);
  };
  expect_refused("[1, 2]", "names no schema");
  expect_refused("{\"schema\": \"gpubench.run/1\"}", "not a report");
  expect_refused(changed([](json& r) { r["schema"] = "gpubench.report/2"; }), "newer than this program", "line");
  expect_refused(changed([](json& r) { r["recommendations"][0]["ranked"][1]["job"]["basis"] = "guess"; }),
                 "recommendations[0].ranked[1].job.basis", "line");
  expect_refused(changed([](json& r) { r["recommendations"][0]["ranked"][0]["cost_usd"] = "61"; }), "cost_usd", "line");
  expect_refused(changed([](json& r) { r["recommendations"][0]["next_best"]["rank"] = 5000; }), "next_best.rank",
                 "line");
  expect_refused(changed([](json& r) { r["recommendations"][0].erase("limits"); }), "limits", "line");
  expect_refused(changed([](json& r) { r["plans"] = {{{"workload", "w"}}}; }), "cannot be read back", "line");
  expect_refused(changed([](json& r) { r["run"]["measurements"][0]["status"] = "good"; }), "run.measurements[0].status",
                 "line");
  const auto text = full.dump(2);
  auto twice = text;
  twice.insert(twice.find("\"considered\""), "\"considered\": 7, ");
  expect_refused(twice, "'considered' stands twice", "line");
  expect_refused(text.substr(0, text.size() / 2), "", "line");
}

TEST(saved_report, refuses_values_that_nothing_can_have) {
  const auto full = json::parse(written("json", test::full_report().content));
  const struct {
    const char* at;
    json value;
  } wrong[] = {{"/ranked/0/nodes", 0},
               {"/ranked/0/devices", -1},
               {"/ranked/0/cost_usd", -5},
               {"/ranked/0/cost_low_usd", 1e12},
               {"/ranked/0/job/seconds", -1},
               {"/ranked/0/job/low_seconds", 1e15},
               {"/ranked/0/instance/gpu_fraction", 2},
               {"/ranked/0/price/amount_per_hour", -0.5},
               {"/ranked/0/violation_risk", 1.5},
               {"/limits/confidence", 1},
               {"/limits/deadline_seconds", 0},
               {"/limits/max_nodes", 0},
               {"/workload/total_units", 0},
               {"/not_separable", 1000000}};
  for (const auto& [at, value] : wrong) {
    json copy = full;
    auto& answer = copy["recommendations"][0];
    ASSERT_TRUE(answer.contains(json::json_pointer(at))) << at;
    answer[json::json_pointer(at)] = value;
    std::string field(at);
    expect_refused(copy.dump(2), field.substr(field.rfind('/') + 1), "line");
  }
}

TEST(saved_report, survives_any_change_of_its_bytes_or_values) {
  auto small = json::parse(written("json", test::full_report().content));
  auto& answer = small["recommendations"][0];
  answer["ranked"].erase(answer["ranked"].begin() + 3, answer["ranked"].end());
  answer["rejected"].erase(answer["rejected"].begin() + 2, answer["rejected"].end());
  small["run"] = nullptr;
  const std::string text = small.dump(1);
  std::mt19937_64 random(20261122);
  std::size_t refused = 0;
  const auto attempt = [&](const std::string& changed) {
    const saved_file file(changed);
    try {
      const auto read = load_report(file.path());
      for (const char* form : {"table", "html", "csv"}) EXPECT_FALSE(written(form, read.content).empty());
    } catch (const error& e) {
      EXPECT_EQ(e.kind(), error_kind::input) << e.what();
      ++refused;
    }
  };
  for (int i = 0; i < 150; ++i) {
    std::string changed = text;
    changed[random() % changed.size()] = static_cast<char>(random() % 256);
    attempt(changed);
    attempt(text.substr(0, random() % text.size()));
  }
  const auto flat = small.flatten();
  const std::vector<json> values{nullptr, -1, 0, 1e300, "x", true, json::array(), json::object()};
  for (int i = 0; i < 300; ++i) {
    json changed = small;
    const auto at = std::next(flat.begin(), static_cast<std::ptrdiff_t>(random() % flat.size()));
    changed[json::json_pointer(at.key())] = values[random() % values.size()];
    attempt(changed.dump(1));
  }
  EXPECT_GT(refused, 200u) << "most changes break the form";
}

}  // namespace
}  // namespace gpubench::report
