#include "comparison/false_discovery.hpp"

#include <gmock/gmock.h>

namespace gpubench::comparison {
namespace {

using testing::DoubleNear;
using testing::Pointwise;

// The 15 p values of Benjamini & Hochberg (1995), section 4.1: at q = 0.05 the four smallest are discoveries.
TEST(benjamini_hochberg, makes_the_discoveries_of_the_published_example) {
  const std::vector<double> p{0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
                              0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000};
  const auto adjusted = benjamini_hochberg(p);
  std::size_t discoveries = 0;
  for (const double value : adjusted) discoveries += value <= 0.05;
  EXPECT_EQ(discoveries, 4u);
  EXPECT_NEAR(adjusted[3], 0.0095 * 15 / 4, 1e-12);
}

TEST(benjamini_hochberg, keeps_the_order_of_its_input_and_never_falls_with_p) {
  // 0.04 is the third of 4: 0.0533; 0.03 the second: 0.06, but a larger p is called at 0.0533.
  EXPECT_THAT(benjamini_hochberg({0.04, 0.5, 0.01, 0.03}),
              Pointwise(DoubleNear(1e-12), {0.04 * 4 / 3, 0.5, 0.04, 0.04 * 4 / 3}));
  EXPECT_TRUE(benjamini_hochberg({}).empty());
  EXPECT_EQ(benjamini_hochberg({0.7})[0], 0.7);
}

}  // namespace
}  // namespace gpubench::comparison
