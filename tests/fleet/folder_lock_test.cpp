#include "fleet/folder_lock.hpp"

#include "core/error.hpp"

#include <gmock/gmock.h>

#include "tests/temporary_folder.hpp"

namespace gpubench::fleet {
namespace {

using testing::HasSubstr;

TEST(folder_lock, is_held_by_one_and_names_what_that_does) {
  const temporary_folder made;
  const auto lock = lock_folder(made.path(), ".lock", "another works on it");
  EXPECT_THAT([&] { static_cast<void>(lock_folder(made.path(), ".lock", "another works on it")); },
              testing::ThrowsMessage<error>("another works on it"));
}

TEST(folder_lock, of_a_folder_in_which_nothing_can_be_written_says_what_to_do) {
  try {
    // Not even root may write there.
    static_cast<void>(lock_folder("/proc/self", ".lock", "another works on it"));
    FAIL();
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), error_kind::io);
    EXPECT_THAT(e.describe(), HasSubstr("/proc/self/.lock: cannot be made"));
    EXPECT_THAT(e.hint(), HasSubstr("make it writable, or copy it to where you may write"));
  }
}

}  // namespace
}  // namespace gpubench::fleet
