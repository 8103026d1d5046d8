#include "report/saved_report.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/json.hpp"
#include "report/sink.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <sstream>

#include "fixtures.hpp"

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
  explicit saved_file(const std::string& text)
      : path_(std::filesystem::temp_directory_path() /
              ("gpubench-saved-" + std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()))) {
    write_file_atomically(path_, text);
  }
  ~saved_file() { std::filesystem::remove(path_); }
  const std::filesystem::path& path() const { return path_; }

 private:
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
  const auto text = full.dump(2);
  expect_refused(text.substr(0, text.size() / 2), "", "line");
}

}  // namespace
}  // namespace gpubench::report
