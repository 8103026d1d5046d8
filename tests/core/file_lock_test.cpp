#include "core/file_lock.hpp"

#include "core/error.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace gpubench {
namespace {

TEST(file_lock, is_given_to_one_at_a_time) {
  std::string name = (std::filesystem::temp_directory_path() / "gpubench-lock-XXXXXX").string();
  ASSERT_NE(::mkdtemp(name.data()), nullptr);
  const auto file = std::filesystem::path(name) / "lock";
  {
    const auto first = file_lock::try_take(file);
    ASSERT_TRUE(first);
    EXPECT_FALSE(file_lock::try_take(file));
  }
  EXPECT_TRUE(file_lock::try_take(file));
  std::filesystem::remove_all(name);
  EXPECT_THROW(file_lock::try_take(file), error);
}

}  // namespace
}  // namespace gpubench
