#include "fleet/manifest.hpp"

#include "core/error.hpp"
#include "core/file.hpp"

#include <gtest/gtest.h>

#include "tests/temporary_folder.hpp"

namespace gpubench::fleet {
namespace {

namespace fs = std::filesystem;

class manifests : public testing::Test {
 protected:
  temporary_folder made;
  const fs::path& folder = made.path();
  const std::vector<manifest> two{{"a.sbatch", "first\n"}, {"start.sh", "#!/bin/sh\n", true}};
};

TEST_F(manifests, are_written_once) {
  EXPECT_EQ(write_manifests(two, folder / "new", false).size(), 2U);
  EXPECT_EQ(read_file(folder / "new" / "a.sbatch"), "first\n");
  EXPECT_NE(fs::status(folder / "new" / "start.sh").permissions() & fs::perms::owner_exec, fs::perms::none);
  EXPECT_TRUE(write_manifests(two, folder / "new", false).empty());
}

TEST_F(manifests, nothing_is_written_where_one_differs) {
  write_file_atomically(folder / "start.sh", "of the user\n");
  try {
    write_manifests(two, folder, false);
    ADD_FAILURE();
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), error_kind::input);
    EXPECT_NE(e.describe().find("start.sh"), std::string::npos) << e.describe();
    EXPECT_NE(e.describe().find("--force"), std::string::npos) << e.describe();
  }
  EXPECT_FALSE(fs::exists(folder / "a.sbatch"));
  EXPECT_EQ(read_file(folder / "start.sh"), "of the user\n");
}

TEST_F(manifests, force_replaces_what_differs) {
  write_file_atomically(folder / "start.sh", "of the user\n");
  EXPECT_EQ(write_manifests(two, folder, true).size(), 2U);
  EXPECT_EQ(read_file(folder / "start.sh"), "#!/bin/sh\n");
}

}  // namespace
}  // namespace gpubench::fleet
