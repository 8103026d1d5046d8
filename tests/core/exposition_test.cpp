#include "core/exposition.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <sstream>

namespace gpubench {
namespace {

std::string written(const metric_family& family) {
  std::ostringstream out;
  family.write(out);
  return out.str();
}

TEST(exposition, family_has_help_type_and_samples) {
  metric_family family("up_ratio", "Whether it is up.", "counter");
  family.add({{"gpu", "0"}, {"empty", ""}}, 0.5);
  family.add({}, 2);
  EXPECT_EQ(written(family),
            "# HELP up_ratio Whether it is up.\n# TYPE up_ratio counter\nup_ratio{gpu=\"0\"} 0.5\nup_ratio 2\n");
}

TEST(exposition, absent_values_and_repeated_labels_are_not_written) {
  metric_family family("a", "A.");
  family.add({{"x", "1"}}, std::nullopt);
  family.add({{"x", "2"}}, std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(written(family), "");
  family.add({{"x", "3"}}, 1);
  family.add({{"x", "3"}}, 2);
  EXPECT_EQ(written(family), "# HELP a A.\n# TYPE a gauge\na{x=\"3\"} 1\n");
}

TEST(exposition, hostile_label_values_stay_values) {
  EXPECT_EQ(label_escape("a\"} 1\nup 0\\"), "a\\\"} 1?up 0\\\\");
  EXPECT_EQ(label_escape("\xff"), "?");
  EXPECT_EQ(label_escape("é"), "é");
}

}  // namespace
}  // namespace gpubench
