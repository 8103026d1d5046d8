#include "bench/cuda/module/library_search.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "tests/temporary_folder.hpp"

namespace gpubench::cuda {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class library_tree : public ::testing::Test {
 protected:
  fs::path folder(const std::string& name) {
    fs::create_directories(root / name);
    return root / name;
  }
  std::vector<fs::path> found() {
    return library_folders({root, [this](const char* name) { return variables[name]; }});
  }

  temporary_folder made;
  const fs::path& root = made.path();
  std::map<std::string, std::string> variables;
};

TEST_F(library_tree, an_empty_machine_has_no_folders) {
  EXPECT_THAT(found(), IsEmpty());
}

TEST_F(library_tree, the_toolkit_comes_before_the_wheels_and_the_named_one_first) {
  const auto named = folder("opt/cuda/lib64");
  const auto usual = folder("usr/local/cuda-13.0/lib64");
  const auto wheel = folder("usr/lib/python3/dist-packages/nvidia/cudnn/lib");
  variables["CUDA_HOME"] = (root / "opt/cuda").string();
  EXPECT_THAT(found(), ElementsAre(named, usual, wheel));
}

TEST_F(library_tree, a_virtual_environment_is_found_by_variable_and_through_the_path) {
  const auto wheel = folder("venv/lib/python3.12/site-packages/nvidia/cu13/lib");
  variables["VIRTUAL_ENV"] = (root / "venv").string();
  EXPECT_THAT(found(), ElementsAre(wheel));
  variables.clear();
  std::ofstream(folder("venv/bin") / "python3") << "";
  variables["PATH"] = "/no/such/folder:" + (root / "venv/bin").string();
  EXPECT_THAT(found(), ElementsAre(wheel));
}

TEST_F(library_tree, a_linked_python_brings_the_packages_of_the_one_it_points_to) {
  const auto wheel = folder("opt/python/lib/python3.11/site-packages/nvidia/nccl/lib");
  std::ofstream(folder("opt/python/bin") / "python3.11") << "";
  fs::create_symlink(root / "opt/python/bin/python3.11", folder("bin") / "python3");
  variables["PATH"] = (root / "bin").string();
  EXPECT_THAT(found(), ElementsAre(wheel));
}

TEST(open_library, says_that_it_found_none_and_where_it_looked) {
  const auto library = open_library("libgpubench_no_such_library.so.7");
  EXPECT_EQ(library.handle, nullptr);
  EXPECT_THAT(library.problem, HasSubstr("libgpubench_no_such_library.so.7 was found in no toolkit"));
  EXPECT_EQ(library.symbol("anything"), nullptr);
}

TEST(open_library, opens_what_the_loader_finds_and_names_a_missing_function) {
  const auto library = open_library("libc.so.6");
  ASSERT_NE(library.handle, nullptr);
  EXPECT_TRUE(library.problem.empty());
  int (*function)(int) = nullptr;
  std::string missing;
  find_function(library, "abs", function, missing);
  EXPECT_TRUE(missing.empty());
  EXPECT_EQ(function(-4), 4);
  find_function(library, "no_such_function", function, missing);
  EXPECT_THAT(missing, HasSubstr("has no function no_such_function"));
}

}  // namespace
}  // namespace gpubench::cuda
