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

/// Root may write every file: it is another user as long as this lives.
class no_root {
 public:
  no_root() {
    constexpr uid_t nobody = 65534;
    if (::geteuid() == 0) {
      EXPECT_EQ(::seteuid(nobody), 0);
    }
  }
  ~no_root() { EXPECT_EQ(::seteuid(::getuid()), 0); }
  no_root(const no_root&) = delete;
  no_root& operator=(const no_root&) = delete;
};

TEST(file_lock, is_given_to_who_may_only_read_its_file) {
  using std::filesystem::perms;
  const temporary_folder folder;
  const auto file = folder.write("lock", "");
  std::filesystem::permissions(folder.path(), perms(0755));
  std::filesystem::permissions(file, perms(0444));
  const no_root user;
  const auto first = file_lock::try_take(file);
  EXPECT_TRUE(first);
  EXPECT_FALSE(file_lock::try_take(file));
}

}  // namespace
}  // namespace gpubench
