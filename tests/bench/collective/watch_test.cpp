#include "bench/collective/watch.hpp"

#include "bench/watchdog_seconds.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace gpubench {
namespace {

TEST(watchdog_seconds, takes_a_number_above_nothing_and_sixty_for_all_else) {
  EXPECT_EQ(watchdog_seconds("2.5"), 2.5);
  EXPECT_EQ(watchdog_seconds("1e9"), 86400);
  EXPECT_EQ(watchdog_seconds(nullptr), 60);
  for (const char* nonsense : {"", "0", "-3", "5 minutes", "90s", "soon", "nan"})
    EXPECT_EQ(watchdog_seconds(nonsense), 60) << nonsense;
}

TEST(patience, is_the_watchdogs) {
  ::setenv("GPUBENCH_WATCHDOG_SECONDS", "7", 1);
  EXPECT_EQ(collective::patience().count(), 7);
  ::setenv("GPUBENCH_WATCHDOG_SECONDS", "7x", 1);
  EXPECT_EQ(collective::patience().count(), 60);
  ::unsetenv("GPUBENCH_WATCHDOG_SECONDS");
}

}  // namespace
}  // namespace gpubench
