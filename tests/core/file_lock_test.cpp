#include "core/file_lock.hpp"

#include "core/error.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include "tests/temporary_folder.hpp"

namespace gpubench {
namespace {

TEST(file_lock, is_given_to_one_at_a_time) {
  const temporary_folder folder;
  const auto file = folder.path() / "lock";
  {
    const auto first = file_lock::try_take(file);
    ASSERT_TRUE(first);
    EXPECT_FALSE(file_lock::try_take(file));
  }
  EXPECT_TRUE(file_lock::try_take(file));
  std::filesystem::remove_all(folder.path());
  EXPECT_THROW(file_lock::try_take(file), error);
}

TEST(file_lock, is_given_to_who_may_only_read_its_file) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write every file";
  const temporary_folder folder;
  const auto file = folder.write("lock", "");
  std::filesystem::permissions(file, std::filesystem::perms::owner_read);
  const auto first = file_lock::try_take(file);
  EXPECT_TRUE(first);
  EXPECT_FALSE(file_lock::try_take(file));
}

}  // namespace
}  // namespace gpubench
