#include "core/file_lock.hpp"

#include "core/error.hpp"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace gpubench
