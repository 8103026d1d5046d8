#include "reference/equihash.hpp"

#include "kernels/equihash_check.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/equihash_vectors.hpp"

namespace gpubench::reference {
namespace {

using indices = std::vector<std::uint32_t>;

const auto& published = testing_support::published_96_5()[2];

std::optional<std::string> defect_of(const indices& solution) {
  return equihash_defect(96, 5, testing_support::equihash_input_bytes(published.header, published.nonce), solution);
}

TEST(equihash, accepts_all_published_solutions) {
  for (const auto& each : testing_support::published_96_5()) {
    for (const auto& solution : each.solutions) {
      const auto input = testing_support::equihash_input_bytes(each.header, each.nonce);
      EXPECT_EQ(equihash_defect(96, 5, input, solution), std::nullopt);
      EXPECT_NE(equihash_defect(96, 5, testing_support::equihash_input_bytes(each.header, each.nonce + 1), solution),
                std::nullopt);
    }
  }
}

TEST(equihash, accepts_the_solution_of_zcashs_first_block) {
  const auto solution =
      equihash_indices(200, 9, testing_support::bytes_of_hexadecimal(testing_support::zcash_genesis_solution));
  ASSERT_TRUE(solution);
  EXPECT_EQ(equihash_defect(200, 9, kernels::zcash_input(kernels::zcash_genesis_nonce), *solution), std::nullopt);
  EXPECT_NE(equihash_defect(200, 9, kernels::zcash_input(1), *solution), std::nullopt);
}

// The ways to be wrong that the Zcash project's validator_testvectors have.
TEST(equihash, refuses_each_way_to_be_wrong) {
  const indices& right = published.solutions[0];
  auto changed = right;
  ++changed[0];
  EXPECT_EQ(defect_of(changed), "its strings do not collide");

  changed = right;
  std::swap(changed[0], changed[12]);
  EXPECT_EQ(defect_of(changed), "its halves are not in order");
  changed = right;
  std::swap(changed[0], changed[1]);
  EXPECT_EQ(defect_of(changed), "its halves are not in order");
  changed = right;
  std::swap_ranges(changed.begin(), changed.begin() + 2, changed.begin() + 2);
  EXPECT_EQ(defect_of(changed), "its halves are not in order");
  changed = right;
  std::swap_ranges(changed.begin(), changed.begin() + 16, changed.begin() + 16);
  EXPECT_EQ(defect_of(changed), "its halves are not in order");

  changed = right;
  std::sort(changed.begin(), changed.end());
  EXPECT_EQ(defect_of(changed), "its strings do not collide");
  changed = right;
  std::copy(right.begin(), right.begin() + 16, changed.begin() + 16);
  EXPECT_EQ(defect_of(changed), "an index comes twice");
  changed = right;
  changed[31] |= 1U << 17;
  EXPECT_EQ(defect_of(changed), "an index is too large");
  changed.pop_back();
  EXPECT_EQ(defect_of(changed), "it has not 2^k indices");
}

TEST(equihash, unpacks_indices_of_any_width) {
  EXPECT_EQ(equihash_indices(200, 9, {}), std::nullopt);
  const bytes packed = {0x00, 0x00, 0x04, 0x00, 0x00, 0x60};
  // (46,1): 24 bits an index.
  EXPECT_EQ(equihash_indices(46, 1, packed), (indices{4, 0x60}));
}

TEST(equihash, a_wrong_or_missing_solution_is_counted) {
  const auto solution =
      *equihash_indices(200, 9, testing_support::bytes_of_hexadecimal(testing_support::zcash_genesis_solution));
  auto changed = solution;
  std::swap(changed[510], changed[511]);
  using kernels::zcash_genesis_nonce;
  EXPECT_EQ(kernels::wrong_solutions(200, 9, {{zcash_genesis_nonce, solution}}), 0U);
  EXPECT_EQ(kernels::wrong_solutions(200, 9, {{zcash_genesis_nonce, solution}, {zcash_genesis_nonce, changed}}), 1U);
  EXPECT_EQ(kernels::wrong_solutions(200, 9, {}), 1U);
}

TEST(equihash_errors, count_what_is_invalid_and_what_was_lost) {
  EXPECT_LT(kernels::least_solutions(1), 0);  // of one run nothing can be said
  EXPECT_NEAR(kernels::least_solutions(100), 180 - 4 * std::sqrt(180.0), 1e-9);
  EXPECT_EQ(kernels::equihash_errors(0, 118, 225, 4e-5), 0);  // as measured on an H200
  EXPECT_EQ(kernels::equihash_errors(0, 118, 112, 4e-5), 1);  // half of them lost
  EXPECT_EQ(kernels::equihash_errors(0, 30, 61, 4e-5), 0);  // as on two cores
  EXPECT_EQ(kernels::equihash_errors(0, 30, 24, 4e-5), 1);
  EXPECT_EQ(kernels::equihash_errors(0, 8, 9, 4e-5), 0);
  EXPECT_EQ(kernels::equihash_errors(3, 118, 225, 2e-3), 4);
  EXPECT_EQ(kernels::equihash_errors(0, 0, 0, std::nan("")), 1);
}

}  // namespace
}  // namespace gpubench::reference
