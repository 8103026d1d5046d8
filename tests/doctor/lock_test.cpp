#include "doctor/lock.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/json.hpp"

#include "made_machine.hpp"

namespace gpubench::doctor {
namespace {

TEST(lock, names_driver_cuda_libraries_gpus_kernel_and_system) {
  auto machine = healthy_machine();
  machine.machine.kernel = "6.8.0";
  machine.machine.libraries = {{"openblas", "0.3.21"}, {"cublas", "12.4.5"}};
  machine.software.libraries.push_back({"nccl", *version::parse("2.9.9"), "opt/lib", std::nullopt});
  const auto lock = lock_of(machine).versions;
  EXPECT_EQ(lock.at("driver"), "550.54.15");
  EXPECT_EQ(lock.at("cuda"), "12.4.1");
  EXPECT_EQ(lock.at("cublas"), "12.4.5");  // by the library that is in use
  EXPECT_EQ(lock.at("nccl"), "2.9.9, 2.21.5");
  EXPECT_EQ(lock.at("gpus"), "2 x NVIDIA A100-SXM4-80GB");
  EXPECT_EQ(lock.at("kernel"), "6.8.0");
  EXPECT_EQ(lock.count("cudart"), 0U);  // not found: absent
}

TEST(lock, is_read_as_it_was_written) {
  const made_machine made;
  const std::filesystem::path path = made.root() + "/fleet.lock";
  const auto lock = lock_of(healthy_machine());
  save_lock(path, lock);
  save_lock(path, lock);  // a lock file may be replaced
  EXPECT_EQ(load_lock(path).versions, lock.versions);
  EXPECT_TRUE(compare_locks(load_lock(path), lock).empty());
}

TEST(lock, does_not_replace_another_kind_of_file) {
  const made_machine made;
  for (const char* content : {"my notes\n", R"({"schema": "gpubench.run/1"})", R"({"schema": 3})", "[]"}) {
    made.file("file", content);
    EXPECT_THROW(save_lock(made.root() + "/file", lock_of(healthy_machine())), error) << content;
    EXPECT_EQ(read_file(made.root() + "/file"), content);
  }
}

TEST(lock, tells_each_disagreement_by_its_weight) {
  const version_lock here{"here", {{"driver", "550.54.15"}, {"kernel", "6.8.0"}, {"nccl", "2.21.5"}}};
  version_lock fleet{"fleet.lock", here.versions};
  fleet.versions["driver"] = "550.90.07";
  fleet.versions["kernel"] = "6.5.0";
  fleet.versions["cudnn"] = "9.1.0";
  const auto found = compare_locks(fleet, here);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].what, "cudnn 9.1.0 of fleet.lock is not here, or was not found");
  EXPECT_EQ(found[0].level, severity::error);
  EXPECT_EQ(found[1].what, "driver is 550.54.15 here and 550.90.07 in fleet.lock");
  EXPECT_EQ(found[1].level, severity::error);
  EXPECT_EQ(found[2].level, severity::warning);
}

TEST(lock, takes_the_versions_of_a_run_file) {
  const auto lock = load_lock(std::filesystem::path(GPUBENCH_SOURCE_DIR) / "tests" / "results" / "data" / "run-1.json");
  EXPECT_NE(lock.source.find("run file"), std::string::npos);
  EXPECT_FALSE(lock.versions.empty());
}

TEST(lock, names_of_a_run_file_are_those_of_the_same_libraries_here) {
  const made_machine made;
  auto run =
      json::parse(read_file(std::filesystem::path(GPUBENCH_SOURCE_DIR) / "tests" / "results" / "data" / "run-1.json"));
  // As bench/cuda writes them.
  run["environment"]["libraries"] = {{"cuda runtime", "12.4"}, {"cuda driver", "12.4"}, {"cublaslt", "12.4.5"},
                                     {"cudnn", "9.1.0"},       {"nccl", "2.21.5"},      {"nvenc", "12.2"}};
  run["environment"]["gpus"] = json::array();
  run["environment"].erase("kernel");
  run["environment"].erase("operating_system");
  made.file("run.json", run.dump());
  const auto reference = load_lock(made.root() + "/run.json");
  auto machine = healthy_machine();
  EXPECT_TRUE(compare_locks(reference, lock_of(machine)).empty());
  machine.software.libraries[1].release = *version::parse("9.1.0.70");                          // a Python package's
  machine.software.libraries.push_back({"cudnn", *version::parse("8.9.7.29"), "opt/lib", 12});  // and another beside it
  EXPECT_TRUE(compare_locks(reference, lock_of(machine)).empty());
  machine.software.libraries.pop_back();
  machine.software.libraries[1].release = *version::parse("9.10.2");
  machine.software.libraries[0].release = *version::parse("12.6.4.1");
  const auto found = compare_locks(reference, lock_of(machine));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_NE(found[0].what.find("cublas is 12.6.4.1 here and 12.4.5 in run file"), std::string::npos) << found[0].what;
  EXPECT_NE(found[1].what.find("cudnn is 9.10.2 here and 9.1.0 in run file"), std::string::npos) << found[1].what;
  // A program brings its runtime along: where none is on disk there is nothing to differ from.
  machine = healthy_machine();
  machine.software.toolkits = {{*version::parse("12.6.3"), "usr/local/cuda-12.6"}};
  EXPECT_EQ(compare_locks(reference, lock_of(machine)).size(), 1U);
  machine.software.toolkits.clear();
  EXPECT_TRUE(compare_locks(reference, lock_of(machine)).empty());
}

TEST(lock, versions_of_libraries_agree_where_one_is_the_beginning_of_the_other) {
  const version_lock here{"here", {{"cudart", "12.4.127"}, {"nccl", "2.21.5"}, {"driver", "550.54.15"}}};
  EXPECT_TRUE(compare_locks({"fleet.lock", {{"cudart", "12.4"}}}, here).empty());
  EXPECT_EQ(compare_locks({"fleet.lock", {{"cudart", "12"}}}, here).size(), 1U) << "a major version says too little";
  EXPECT_EQ(compare_locks({"fleet.lock", {{"nccl", "2.2"}}}, here).size(), 1U) << "2.2 is not the beginning of 2.21";
  EXPECT_EQ(compare_locks({"fleet.lock", {{"driver", "550.54"}}}, here).size(), 1U) << "drivers are told in full";
  EXPECT_EQ(compare_locks({"fleet.lock", {{"nccl", "2.21.5, 2.20.3"}}}, here).size(), 1U);
}

TEST(lock, refuses_what_is_neither) {
  const made_machine made;
  for (const char* content : {"", "{}", R"({"schema": "gpubench.noise/1"})", R"({"schema": "gpubench.lock/2"})",
                              R"({"schema": "gpubench.lock/1", "versions": {}})",
                              R"({"schema": "gpubench.lock/1", "versions": {"driver": 550}})"}) {
    made.file("file", content);
    EXPECT_THROW(load_lock(made.root() + "/file"), error) << content;
  }
}

TEST(compatibility, refuses_a_data_file_with_a_wrong_version_or_key) {
  const made_machine made;
  const auto shipped =
      read_file(std::filesystem::path(GPUBENCH_SOURCE_DIR) / "profiles" / "data" / "compatibility.toml");
  const auto with = [&](const std::string& before, const std::string& after) {
    std::string text = shipped;
    const auto place = text.find(before);
    EXPECT_NE(place, std::string::npos) << before;
    text.replace(place, before.size(), after);
    made.file("compatibility.toml", text);
  };
  with("\"450.80.02\"", "\"450.80.x\"");
  EXPECT_THROW(load_compatibility(made.root()), error);
  with("lowest_driver = ", "lowest_drivers = ");
  EXPECT_THROW(load_compatibility(made.root()), error);
  with("severity = \"note\"", "severity = \"notice\"");
  EXPECT_THROW(load_compatibility(made.root()), error);
  with("[[architecture]]", "[[architectures]]");
  EXPECT_THROW(load_compatibility(made.root()), error);
}

TEST(compatibility, needs_no_row_of_forward_compatibility) {
  const made_machine made;
  auto text = read_file(std::filesystem::path(GPUBENCH_SOURCE_DIR) / "profiles" / "data" / "compatibility.toml");
  const std::string head = "[[forward_compatibility]]";
  ASSERT_NE(text.find(head), std::string::npos);
  for (auto at = text.find(head); at != std::string::npos; at = text.find(head))
    text.erase(at, text.find("\n[", at) + 1 - at);
  made.file("compatibility.toml", text);
  const auto known = load_compatibility(made.root());
  EXPECT_TRUE(known.forward.empty());
  EXPECT_FALSE(known.cudnn.empty());
  made.file("compatibility.toml", "forward_compatibility = 7\n" + text);
  EXPECT_THROW(load_compatibility(made.root()), error);
}

}  // namespace
}  // namespace gpubench::doctor
