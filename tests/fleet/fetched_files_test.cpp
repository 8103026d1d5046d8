#include "fleet/fetched_files.hpp"

#include "core/error.hpp"
#include "core/file.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/temporary_folder.hpp"

namespace gpubench::fleet {
namespace {

namespace fs = std::filesystem;

class FetchedFiles : public testing::Test {
 protected:
  static void write(const fs::path& file, const std::string& text) {
    fs::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
  temporary_folder made_;
  const fs::path& folder_ = made_.path();
};

TEST_F(FetchedFiles, TakeTheirPlacesAndLeaveTheOthers) {
  write(folder_ / "h100" / "0.json", "old");
  write(folder_ / "h100" / "1.json", "mine");
  fetch_whole_files(folder_, [](const fs::path& incoming) {
    write(incoming / "h100" / "0.json", "new");
    write(incoming / "a100" / "0.json", "other");
  });
  EXPECT_EQ(read_file(folder_ / "h100" / "0.json"), "new");
  EXPECT_EQ(read_file(folder_ / "h100" / "1.json"), "mine");
  EXPECT_EQ(read_file(folder_ / "a100" / "0.json"), "other");
  EXPECT_FALSE(fs::exists(folder_ / ".incoming"));
}

TEST_F(FetchedFiles, ChangeNothingWhereFetchingFails) {
  write(folder_ / "0.json", "old");
  EXPECT_THROW(fetch_whole_files(folder_,
                                 [](const fs::path& incoming) {
                                   write(incoming / "0.json", "ne");
                                   throw error(error_kind::environment, "the connection broke");
                                 }),
               error);
  EXPECT_EQ(read_file(folder_ / "0.json"), "old");
  EXPECT_FALSE(fs::exists(folder_ / ".incoming"));
}

TEST_F(FetchedFiles, AreNoLinksAndNothingOfAFetchThatWasKilled) {
  write(folder_ / ".incoming" / "half.json", "ha");
  fetch_whole_files(folder_, [](const fs::path& incoming) {
    EXPECT_TRUE(fs::is_empty(incoming));
    fs::create_symlink("/etc/passwd", incoming / "link.json");
  });
  EXPECT_FALSE(fs::exists(folder_ / "half.json"));
  EXPECT_FALSE(fs::is_symlink(folder_ / "link.json"));
}

}  // namespace
}  // namespace gpubench::fleet
