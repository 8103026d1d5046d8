#include "core/memory_room.hpp"

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "core/units.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/resource.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

namespace gpubench {
namespace {

using ::testing::HasSubstr;

/// Lets this process have so much more address space than it has.
void allow_only(double more_bytes) {
  double pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  const auto limit = static_cast<rlim_t>(pages * 4 * kib + more_bytes);
  const rlimit both{limit, limit};
  if (::setrlimit(RLIMIT_AS, &both) != 0) std::_Exit(100);
}

TEST(memory_room, ends_at_the_limit_of_this_process) {
  EXPECT_TRUE(has_room_for(0));
  EXPECT_TRUE(has_room_for(1 * gib));
  EXPECT_FALSE(has_room_for(1e18));
  EXPECT_FALSE(has_room_for(1e30));
  const auto with_little = [] {
    allow_only(64 * mib);
    std::_Exit(has_room_for(32 * mib) && !has_room_for(96 * mib) && has_room_for(32 * mib) ? 0 : 1);
  };
  EXPECT_EXIT(with_little(), ::testing::ExitedWithCode(0), "");
}

TEST(memory_room, says_what_was_asked_for_and_which_limit_stands_against_it) {
  try {
    require_room_for(1e18, "a whale");
    FAIL();
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), error_kind::out_of_device_memory);
    EXPECT_THAT(e.what(), HasSubstr("not enough memory for a whale: asked for 909495 TiB"));
    EXPECT_THAT(e.hint(), HasSubstr("free memory"));
  }
  const auto with_little = [] {
    allow_only(64 * mib);
    std::_Exit(hint_about_memory().find("(ulimit -v)") != std::string::npos ? 0 : 1);
  };
  EXPECT_EXIT(with_little(), ::testing::ExitedWithCode(0), "");
}

TEST(memory_room, work_is_done_by_the_threads_that_there_is_room_for) {
  const auto with_little = [] {
    allow_only(thread_stack_bytes() * 2.5);
    std::vector<int> done(1000);
    wait_in_parallel(done.size(), 100, [&](std::size_t i) { ++done[i]; });
    std::_Exit(done == std::vector<int>(1000, 1) ? 0 : 1);
  };
  EXPECT_EXIT(with_little(), ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace gpubench
