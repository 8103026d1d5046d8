#include "core/parallel.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <vector>

namespace gpubench {
namespace {

TEST(in_parallel, does_each_piece_once) {
  std::vector<int> done(1000);
  in_parallel(done.size(), 1, [&](std::size_t i) { ++done[i]; });
  EXPECT_EQ(done, std::vector<int>(1000, 1));
}

TEST(in_parallel, hands_on_what_is_thrown) {
  EXPECT_THROW(in_parallel(3, 1, [](std::size_t) { throw std::runtime_error("x"); }), std::runtime_error);
  EXPECT_THROW(wait_in_parallel(3, 3, [](std::size_t) { throw std::runtime_error("x"); }), std::runtime_error);
}

TEST(wait_in_parallel, has_all_at_once_where_so_many_may_be) {
  constexpr std::size_t all = 40;
  std::mutex guard;
  std::condition_variable changed;
  std::size_t here = 0;
  int in_vain = 0;
  wait_in_parallel(all, all, [&](std::size_t) {
    std::unique_lock lock(guard);
    ++here;
    changed.notify_all();
    if (!changed.wait_for(lock, std::chrono::seconds(30), [&] { return here == all; })) ++in_vain;
  });
  EXPECT_EQ(in_vain, 0) << "some began only when others had ended";
}

TEST(wait_in_parallel, does_each_piece_once_and_nothing_of_nothing) {
  std::vector<int> done(100);
  wait_in_parallel(done.size(), 7, [&](std::size_t i) { ++done[i]; });
  EXPECT_EQ(done, std::vector<int>(100, 1));
  wait_in_parallel(0, 7, [](std::size_t) { FAIL(); });
}

}  // namespace
}  // namespace gpubench
