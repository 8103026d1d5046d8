#include "doctor/kernel_log.hpp"

#include "core/units.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <string>

namespace gpubench::doctor {
namespace {

const std::string xid = "NVRM: Xid (PCI:0000:17:00): 79, pid=1, GPU has fallen off the bus.\n";

/// 2026-11-27T12:00:00Z, and a machine that started an hour before.
log_times at_noon() {
  const double now = parse_utc_seconds("2026-11-27T12:00:00Z").value();
  return {now, now - 3600};
}

/// The one event of a line.
xid_event only(const std::string& line) {
  const auto found = read_kernel_log(line, "log", at_noon());
  EXPECT_EQ(found.xids.size(), 1U) << line;
  return found.xids.empty() ? xid_event{} : found.xids.front();
}

TEST(kernel_log, an_event_has_the_age_that_its_line_tells) {
  EXPECT_EQ(only("2026-11-27T11:30:00.123456+00:00 host kernel: [9.0] " + xid).age_seconds, 1800);
  EXPECT_EQ(only("2026-11-27T13:30:00+02:00 host kernel: " + xid).age_seconds, 1800);
  EXPECT_EQ(only("2026-11-27T06:30:00-0500 host kernel: " + xid).age_seconds, 1800);
  EXPECT_EQ(only("<4>[ 1800.000000] " + xid).age_seconds, 1800) << "the ring buffer counts from the boot";
  EXPECT_EQ(only("[ 1800.000000] " + xid).age_seconds, 1800);
  EXPECT_EQ(only(xid).age_seconds, std::nullopt);
  EXPECT_EQ(only("2026-99-27T11:30:00Z host kernel: " + xid).age_seconds, std::nullopt);
  EXPECT_EQ(only("2026-11-27T12:00:09Z host kernel: " + xid).age_seconds, 0) << "clocks differ by seconds";
}

TEST(kernel_log, a_line_without_its_year_is_of_the_last_such_day) {
  setenv("TZ", "UTC", 1);
  tzset();
  EXPECT_EQ(only("Nov 27 11:30:00 host kernel: [9.0] " + xid).age_seconds, 1800);
  EXPECT_EQ(only("Nov  7 12:00:00 host kernel: " + xid).age_seconds, 20 * 86400);
  EXPECT_EQ(only("Dec 27 12:00:00 host kernel: " + xid).age_seconds, 335 * 86400) << "last year's";
  unsetenv("TZ");
  tzset();
}

TEST(kernel_log, what_was_logged_before_the_boot_is_told_apart) {
  EXPECT_FALSE(only("2026-11-27T11:30:00Z host kernel: " + xid).before_boot);
  EXPECT_TRUE(only("2026-11-27T10:30:00Z host kernel: " + xid).before_boot);
  EXPECT_FALSE(only("2026-11-27T10:59:30Z host kernel: " + xid).before_boot) << "clocks are set while it starts";
  EXPECT_FALSE(only(xid).before_boot);
  const auto unknown = read_kernel_log("2026-11-27T10:30:00Z host kernel: " + xid, "log", {at_noon().now_seconds, {}});
  EXPECT_FALSE(unknown.xids.at(0).before_boot);
}

TEST(kernel_log, lines_that_anyone_may_write_harm_nobody) {
  const std::string much(3'000'000, '9');
  const auto found =
      read_kernel_log("[" + much + "] " + xid + much + much + " NVRM: Xid (PCI:\x1b[31m): 13, \x1b]0;t\x07\n" +
                          "NVRM: The NVIDIA GPU " + much + " requires use of the NVIDIA open modules\n" +
                          "NVRM: Xid (PCI:a): 99999999999999999999, \xff\n",
                      "log", at_noon());
  ASSERT_EQ(found.xids.size(), 2U);
  EXPECT_EQ(found.xids[0].age_seconds, std::nullopt);
  EXPECT_EQ(found.xids[1].pci_address, "?[31m");
  EXPECT_EQ(found.xids[1].line.find_first_of("\x1b\x07"), std::string::npos);
  ASSERT_EQ(found.refusals.size(), 1U);
  EXPECT_LT(found.refusals[0].line.size(), 1000U);
}

TEST(kernel_log, a_gpu_that_the_module_refuses_is_named) {
  const auto found = read_kernel_log(
      "[    5.559842] NVRM: The NVIDIA GPU 0000:02:00.0 (PCI ID: 10de:2c58)\n"
      "               NVRM: installed in this system requires use of the NVIDIA open kernel modules.\n"
      "[    5.559858] NVRM: GPU 0000:02:00.0: RmInitAdapter failed! (0x22:0x56:884)\n",
      "log", at_noon());
  ASSERT_EQ(found.refusals.size(), 1U);
  EXPECT_TRUE(found.refusals[0].needs_open);
  EXPECT_EQ(found.refusals[0].gpu, "0000:02:00.0");
  const auto old = read_kernel_log(
      "NVRM: The NVIDIA GPU 0000:17:00.0 (PCI ID: 10de:1bb3) installed in this system\n"
      "NVRM: is not supported by open nvidia.ko because it does not include the\n"
      "NVRM: required GPU System Processor (GSP).\n",
      "log", at_noon());
  ASSERT_EQ(old.refusals.size(), 1U);
  EXPECT_FALSE(old.refusals[0].needs_open);
  EXPECT_EQ(old.refusals[0].gpu, "0000:17:00.0");
  EXPECT_TRUE(
      read_kernel_log("NVRM: The NVIDIA vGPU 10de:2bb5\nNVRM: is not supported by open nvidia.ko\n", "log", at_noon())
          .refusals.empty())
      << "a guest of a vGPU needs another driver altogether";
  EXPECT_TRUE(read_kernel_log("2026-11-26T10:30:00Z host kernel: NVRM: installed in this system requires use of the "
                              "NVIDIA open kernel modules.\n",
                              "log", at_noon())
                  .refusals.empty())
      << "of an earlier start, since when the modules may be others";
}

}  // namespace
}  // namespace gpubench::doctor
