#include "core/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>
#include <vector>

namespace gpubench {
namespace {

void share_out(std::size_t count, std::size_t workers, const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next{0};
  std::exception_ptr failure;
  std::atomic<bool> failed{false};
  const auto share = [&] {
    try {
      for (auto i = next++; i < count; i = next++) work(i);
    } catch (...) {
      if (!failed.exchange(true)) failure = std::current_exception();
    }
  };
  std::vector<std::thread> others;
  try {
    others.reserve(workers);
    for (std::size_t i = 1; i < workers; ++i) others.emplace_back(share);
  } catch (const std::exception&) {
    // No memory or number left for another thread: those that there are do the work.
  }
  share();
  for (auto& other : others) other.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace

void in_parallel(std::size_t count, std::size_t least_each, const std::function<void(std::size_t)>& work) {
  const std::size_t workers =
      std::min<std::size_t>(std::max(1U, std::thread::hardware_concurrency()), 1 + count / least_each);
  share_out(count, workers, work);
}

void wait_in_parallel(std::size_t count, std::size_t most, const std::function<void(std::size_t)>& work) {
  share_out(count, std::min(count, most), work);
}

}  // namespace gpubench
