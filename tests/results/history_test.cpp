#include "results/history.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "results/history_index.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <random>
#include <thread>

#include "tests/results/sample_run.hpp"
#include "tests/temporary_folder.hpp"

namespace gpubench::results {
namespace {

namespace fs = std::filesystem;

class history_test : public testing::Test {
 protected:
  history_test() { fs::create_directories(runs()); }
  fs::path runs() const { return root_.path() / "runs"; }
  fs::path index() const { return root_.path() / "cache" / "index"; }
  // Written an hour ago, so that the index may believe its time.
  void write(const std::string& name, const std::string& content, int seconds_ago = 3600) const {
    const auto file = root_.write("runs/" + name, content);
    fs::last_write_time(file, fs::file_time_type::clock::now() - std::chrono::seconds(seconds_ago));
  }

 private:
  temporary_folder root_;
};

std::string text_of(const run& value) {
  return to_json(value).dump();
}

TEST_F(history_test, fast_reader_sees_what_the_whole_reader_sees) {
  const auto whole = sample_run();
  write("a.json", text_of(whole));
  const auto fast = load_run_summary(runs() / "a.json");
  ASSERT_TRUE(fast);
  EXPECT_EQ(*fast, summarize(run_from_json(parse_json(text_of(whole), "a"), "a")));
  EXPECT_FALSE(fast->measurements.empty());
}

TEST_F(history_test, takes_what_another_tool_states_where_there_are_no_samples) {
  auto whole = sample_run();
  const auto stated = [](const std::string& name, reported_time time, std::optional<double> bytes_per_second) {
    measurement m;
    m.benchmark = name;
    m.backend = "cuda";
    m.device = "gpu0";
    m.reported = reported_figures{time, {}};
    m.rate.bytes_per_second = bytes_per_second;
    return m;
  };
  whole.measurements = {stated("both", {20, 41000, 42000, {}, {}, {}}, std::nullopt),
                        stated("mean", {20, {}, 42000, {}, {}, {}}, 26e9), stated("rate", {}, 25e9),
                        stated("neither", {{}, {}, {}, 39000, {}, {}}, std::nullopt)};
  write("a.json", text_of(whole));
  const auto fast = load_run_summary(runs() / "a.json");
  ASSERT_TRUE(fast);
  EXPECT_EQ(*fast, summarize(whole));
  ASSERT_EQ(fast->measurements.size(), 3u);
  EXPECT_EQ(fast->measurements[0].values[0], 41000);
  EXPECT_EQ(fast->measurements[1].values[0], 42000);
  EXPECT_EQ(fast->measurements[1].values[2], 26e9);
  EXPECT_FALSE(fast->measurements[2].values[0]);
  EXPECT_EQ(fast->measurements[2].values[2], 25e9);
}

TEST_F(history_test, tells_run_files_from_others_and_from_broken_ones) {
  write("sub/a.json", text_of(sample_run()));
  write("report.json", R"({"schema": "gpubench.report/1"})");
  write("cut.json", text_of(sample_run()).substr(0, 300));
  write("newer.json", R"({"schema": "gpubench.run/99"})");
  write("huge.json", "{\"schema\": 1e400}");
  write("notes.txt", "no JSON");
  const auto all = load_history(runs(), {});
  ASSERT_EQ(all.files.size(), 5u);
  EXPECT_EQ(all.files[0].path, "cut.json");
  EXPECT_EQ(all.files[0].is, history_file::kind::broken);
  EXPECT_NE(all.files[0].problem.find("cut.json:1:"), std::string::npos) << all.files[0].problem;
  EXPECT_EQ(all.files[1].is, history_file::kind::broken);
  EXPECT_EQ(all.files[2].is, history_file::kind::broken);
  EXPECT_EQ(all.files[3].is, history_file::kind::other);
  EXPECT_EQ(all.files[4].is, history_file::kind::run);
  EXPECT_THROW(load_history(runs() / "nowhere", {}), error);
}

TEST_F(history_test, takes_no_figure_whose_key_stands_twice) {
  const auto text = text_of(sample_run());
  for (const std::string key : {"\"median\":", "\"status\":", "\"started_at\":", "\"measurements\":"}) {
    auto doubled = text;
    const auto at = doubled.find(key);
    ASSERT_NE(at, std::string::npos) << key;
    doubled.insert(at, key + "1,");
    write("a.json", doubled);
    const auto all = load_history(runs(), {});
    ASSERT_EQ(all.files.size(), 1u);
    EXPECT_EQ(all.files[0].is, history_file::kind::broken) << key;
    EXPECT_NE(all.files[0].problem.find("stands twice"), std::string::npos) << all.files[0].problem;
  }
}

TEST_F(history_test, reads_only_what_changed) {
  for (const auto* name : {"a.json", "b.json", "c.json"}) write(name, text_of(sample_run()));
  EXPECT_EQ(load_history(runs(), index()).read, 3u);
  const auto again = load_history(runs(), index());
  EXPECT_EQ(again.read, 0u);
  EXPECT_EQ(again.files[2].summary, *load_run_summary(runs() / "c.json"));
  write("b.json", text_of(sample_run()) + " ");
  EXPECT_EQ(load_history(runs(), index()).read, 1u);  // another size
  write("c.json", text_of(sample_run()), 1800);
  EXPECT_EQ(load_history(runs(), index()).read, 1u);  // another time
  fs::remove(runs() / "a.json");
  EXPECT_EQ(load_history(runs(), index()).files.size(), 2u);
  write("new.json", text_of(sample_run()), 0);
  EXPECT_EQ(load_history(runs(), index()).read, 1u);
  EXPECT_EQ(load_history(runs(), index()).read, 1u);  // too young to believe its time
}

TEST_F(history_test, counts_a_run_once_with_and_without_an_index) {
  auto whole = sample_run();
  const auto counted = [&](const fs::path& with_index) {
    std::vector<std::string> seen;
    for (const auto& file : load_history(runs(), with_index).files)
      seen.push_back(file.path + (file.is == history_file::kind::copy ? " of " + file.problem : ""));
    return seen;
  };
  write("b.json", text_of(whole));
  write("sub/copy.json", text_of(whole));
  auto cut = whole;  // the same run before it was resumed
  cut.measurements.clear();
  write("a.json", text_of(cut));
  whole.id = "another";
  write("c.json", text_of(whole));
  const std::vector<std::string> expected{"a.json of b.json", "b.json", "c.json", "sub/copy.json of b.json"};
  EXPECT_EQ(counted({}), expected);
  EXPECT_EQ(counted(index()), expected);
  EXPECT_EQ(load_history(runs(), index()).read, 0u);
  EXPECT_EQ(counted(index()), expected);
  fs::remove(runs() / "b.json");
  EXPECT_EQ(counted(index()), (std::vector<std::string>{"a.json of sub/copy.json", "c.json", "sub/copy.json"}));
}

TEST_F(history_test, builds_a_damaged_index_anew) {
  write("a.json", text_of(sample_run()));
  const auto sound = load_history(runs(), index());
  const auto bytes = read_file(index());
  std::mt19937_64 random(7);
  for (int i = 0; i < 200; ++i) {
    auto damaged = bytes;
    if (i % 2 == 0)
      damaged.resize(random() % damaged.size());
    else
      damaged[random() % damaged.size()] ^= static_cast<char>(1 + random() % 255);
    EXPECT_FALSE(detail::read_index(damaged)) << i;
  }
  EXPECT_TRUE(detail::read_index(bytes));
  write_file_atomically(index(), bytes.substr(0, bytes.size() / 2));
  EXPECT_EQ(load_history(runs(), index()).read, 1u);
  EXPECT_EQ(load_history(runs(), index()).read, 0u);
}

TEST_F(history_test, goes_without_an_index_that_cannot_be_written) {
  write("a.json", text_of(sample_run()));
  const auto all = load_history(runs(), "/proc/no/such/index");
  EXPECT_EQ(all.read, 1u);
  EXPECT_NE(all.index_problem, "");
}

TEST_F(history_test, is_safe_with_several_at_once) {
  for (int i = 0; i < 30; ++i) write("run" + std::to_string(i) + ".json", text_of(sample_run()));
  std::vector<std::thread> readers;
  std::vector<std::size_t> seen(6);
  for (std::size_t i = 0; i < seen.size(); ++i)
    readers.emplace_back([&, i] { seen[i] = load_history(runs(), index()).files.size(); });
  for (auto& reader : readers) reader.join();
  for (const auto count : seen) EXPECT_EQ(count, 30u);
  EXPECT_EQ(load_history(runs(), index()).read, 0u);
}

TEST_F(history_test, survives_damaged_run_files) {
  const auto text = text_of(sample_run());
  std::mt19937_64 random(20261126);
  std::size_t broken = 0;
  for (int i = 0; i < 400; ++i) {
    auto damaged = text;
    const auto at = random() % damaged.size();
    if (i % 3 == 0)
      damaged[at] = static_cast<char>(random() & 0xFF);
    else if (i % 3 == 1)
      damaged.erase(at, 1 + random() % 20);
    else
      damaged.insert(at, std::string(1 + random() % 4, "\"{}[],:0e"[random() % 9]));
    write("x.json", damaged);
    try {
      static_cast<void>(load_run_summary(runs() / "x.json"));
    } catch (const error& e) {
      EXPECT_EQ(e.kind(), error_kind::input) << e.what();
      ++broken;
    }
  }
  EXPECT_GT(broken, 100u);
}

}  // namespace
}  // namespace gpubench::results
