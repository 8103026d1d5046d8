#include "bench/apps/neighbour_selection.hpp"

#include "bench/apps/place_lanes.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <random>
#include <vector>

namespace gpubench::bench::apps {
namespace {

using kernels::liquid;
using kernels::triple;

template <class T>
class neighbours_in_vectors : public testing::Test {
 protected:
  /// Around an atom at the origin, some near enough and some not.
  neighbours_in_vectors() {
    constexpr std::int32_t count = 48 * list_granularity;
    std::mt19937 random(7);
    std::uniform_real_distribution<double> along(-4, 4);
    for (std::int32_t i = 0; i < count; ++i) {
      x_.push_back(T(along(random)));
      y_.push_back(T(along(random)));
      z_.push_back(T(along(random)));
      atom_.push_back(i * 5 % count);
    }
    x_[3] = y_[3] = z_[3] = 0;                          // as near as can be
    x_[4] = T(liquid::list_radius), y_[4] = z_[4] = 0;  // just out of reach
  }

  candidates<T> first(std::size_t count) const {
    return {x_.data(), y_.data(), z_.data(), atom_.data(), static_cast<std::int32_t>(count)};
  }
  std::vector<std::int32_t> expected(std::size_t count, std::int32_t self) const {
    std::vector<std::int32_t> near;
    for (std::size_t k = 0; k < count; ++k) {
      const double squares = double(x_[k]) * x_[k] + double(y_[k]) * y_[k] + double(z_[k]) * z_[k];
      if (squares < double(T(liquid::list_radius * liquid::list_radius)) && atom_[k] != self) near.push_back(atom_[k]);
    }
    return near;
  }
  template <class Function>
  static std::vector<std::int32_t> found_by(Function select, std::size_t count) {
    std::vector<std::int32_t> found(count + list_granularity, -1);
    found.resize(static_cast<std::size_t>(select(found.data())));
    return found;
  }

  std::vector<T> x_, y_, z_;
  std::vector<std::int32_t> atom_;
};

using precisions = testing::Types<float, double>;
TYPED_TEST_SUITE(neighbours_in_vectors, precisions);

TYPED_TEST(neighbours_in_vectors, are_those_within_reach_but_itself_by_all_instructions) {
  const triple<TypeParam> origin{0, 0, 0, 0};
  const std::int32_t itself = this->atom_[3];
  for (const std::size_t count : {std::size_t{0}, std::size_t{list_granularity}, this->atom_.size()}) {
    const auto expected = this->expected(count, itself);
    if (count > list_granularity) {
      EXPECT_GT(expected.size(), count / 20);
      EXPECT_LT(expected.size(), count / 2);
    }
    const auto from = this->first(count);
    const auto here = [&](std::int32_t* found) { return neighbours_of(from, origin, itself, found); };
    const auto elsewhere = [&](std::int32_t* found) { return portable::neighbours_of(from, origin, itself, found); };
    EXPECT_EQ(this->found_by(here, count), expected);
    EXPECT_EQ(this->found_by(elsewhere, count), expected);
  }
}

TYPED_TEST(neighbours_in_vectors, have_their_places_taken_in_the_lists_order_by_all_instructions) {
  std::vector<triple<TypeParam>> places;
  for (std::size_t i = 0; i < this->x_.size(); ++i) places.push_back({this->x_[i], this->y_[i], this->z_[i], 0});
  const auto& list = this->atom_;
  place_lanes<TypeParam> here, elsewhere;
  take_places(places.data(), list.data(), liquid::list_room, here);
  portable::take_places(places.data(), list.data(), liquid::list_room, elsewhere);
  for (std::size_t k = 0; k < liquid::list_room; ++k) {
    const auto& place = places[static_cast<std::size_t>(list[k])];
    for (const auto* lanes : {&here, &elsewhere}) {
      EXPECT_EQ(lanes->x[k], place.x);
      EXPECT_EQ(lanes->y[k], place.y);
      EXPECT_EQ(lanes->z[k], place.z);
    }
  }
}

}  // namespace
}  // namespace gpubench::bench::apps
