#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gpubench::collective {

/// Small messages between the ranks of a run, apart from what is measured. All ranks make the same calls in the same
/// order.
class messenger {
 public:
  virtual ~messenger() = default;
  virtual int rank() const = 0;
  virtual int ranks() const = 0;
  virtual int local_rank() const = 0;  ///< among the ranks of this machine

  /// @throws error: collective, from each of the three
  virtual void barrier() = 0;
  virtual void broadcast(void* data, std::size_t bytes) = 0;  ///< from rank 0
  /// Every rank's `bytes` bytes to rank 0, where `all` holds room for them in the order of the ranks.
  /// @return on rank 0 the ranks that did not answer in time; nothing elsewhere.
  virtual std::vector<int> gather(const void* mine, std::size_t bytes, void* all) = 0;

  bool is_root() const { return rank() == 0; }
};

/// Rank 0's text on every rank.
std::string broadcast_text(messenger& between, std::string text);

/// Every rank's text, cut to 500 bytes, on rank 0; elsewhere nothing.
/// @throws error: collective, naming the ranks that did not answer and what they were asked for.
std::vector<std::string> gather_texts(messenger& between, const std::string& mine, std::string_view asked_for);

/// The same of texts of any length, in as many rounds as the longest needs.   @throws error: collective
std::vector<std::string> gather_long_texts(messenger& between, const std::string& mine, std::string_view asked_for);

/// "rank 2", "ranks 2 and 5", "ranks 0, 1, 2 and 5 more".
std::string rank_list(const std::vector<int>& ranks);

/// @throws error: collective, naming the ranks and what they were asked for, unless there are none.
void require_all(const std::vector<int>& missing, std::string_view asked_for);

/// The only rank of a run without MPI.
class lone_messenger final : public messenger {
 public:
  int rank() const override { return 0; }
  int ranks() const override { return 1; }
  int local_rank() const override { return 0; }
  void barrier() override {}
  void broadcast(void*, std::size_t) override {}
  std::vector<int> gather(const void* mine, std::size_t bytes, void* all) override;
};

}  // namespace gpubench::collective
