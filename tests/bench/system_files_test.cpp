#include "bench/system_files.hpp"

#include <gtest/gtest.h>

namespace gpubench::bench {
namespace {

TEST(system_files, what_opens_and_cannot_be_read_is_not_known) {
  // Nothing lies at address 0: reading this process's memory there fails, as that of a link's speed that is down does.
  const system_files all("/");
  EXPECT_TRUE(all.exists("proc/self/mem"));
  EXPECT_EQ(all.text("proc/self/mem"), std::nullopt);
  EXPECT_EQ(all.integer("proc/self/mem"), std::nullopt);
}

TEST(system_files, whole_files_are_read_whatever_their_length) {
  const auto stat = system_files("/").text("proc/self/status");
  ASSERT_TRUE(stat.has_value());
  EXPECT_NE(stat->find("VmPeak"), std::string::npos);
}

}  // namespace
}  // namespace gpubench::bench
