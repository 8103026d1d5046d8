#pragma once

#include "bench/collective/messenger.hpp"

#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace gpubench::collective {

/// Ranks as threads of one process. A rank named `silent` answers no gather; rank 0 then waits for nobody.
class thread_world {
 public:
  explicit thread_world(int ranks, int silent = -1) : ranks_(ranks), silent_(silent) {}

  /// Runs `body(messenger)` on a thread for each rank.
  template <class Body>
  void run(const Body& body) {
    std::vector<std::thread> threads;
    for (int rank = 0; rank < ranks_; ++rank) {
      threads.emplace_back([this, rank, &body] {
        member self(*this, rank);
        body(self);
      });
    }
    for (auto& thread : threads) thread.join();
  }

 private:
  class member final : public messenger {
   public:
    member(thread_world& world, int rank) : world_(world), rank_(rank) {}
    int rank() const override { return rank_; }
    int ranks() const override { return world_.ranks_; }
    int local_rank() const override { return rank_; }
    void barrier() override { world_.meet(); }
    void broadcast(void* data, std::size_t bytes) override {
      if (rank_ == 0) world_.said_ = data;
      world_.meet();
      if (rank_ != 0) std::memcpy(data, world_.said_, bytes);
      world_.meet();
    }
    std::vector<int> gather(const void* mine, std::size_t bytes, void* all) override {
      if (rank_ == 0) world_.heard_ = all;
      world_.meet();
      if (rank_ != world_.silent_) {
        const std::lock_guard<std::mutex> lock(world_.mutex_);
        std::memcpy(static_cast<char*>(world_.heard_) + static_cast<std::size_t>(rank_) * bytes, mine, bytes);
      }
      world_.meet();
      if (rank_ != 0 || world_.silent_ < 0) return {};
      return {world_.silent_};
    }

   private:
    thread_world& world_;
    int rank_;
  };

  void meet() {
    std::unique_lock<std::mutex> lock(mutex_);
    const int meeting = meeting_;
    if (++here_ == ranks_) {
      here_ = 0;
      ++meeting_;
      all_here_.notify_all();
      return;
    }
    all_here_.wait(lock, [&] { return meeting_ != meeting; });
  }

  int ranks_, silent_;
  std::mutex mutex_;
  std::condition_variable all_here_;
  int here_ = 0, meeting_ = 0;
  void* said_ = nullptr;
  void* heard_ = nullptr;
};

}  // namespace gpubench::collective
