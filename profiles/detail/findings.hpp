#pragma once

#include "core/error.hpp"

#include <utility>
#include <vector>

namespace gpubench::profiles::detail {

/// Where a loader reports a wrong row: load_catalogue() stops at the first finding, validate_catalogue() goes on.
class findings {
 public:
  enum class mode { stop_at_first, collect };

  explicit findings(mode m) : mode_(m) {}

  /// @throws the error itself in mode stop_at_first.
  void add(error finding) {
    if (mode_ == mode::stop_at_first) throw std::move(finding);
    all_.push_back(std::move(finding));
  }
  std::size_t size() const { return all_.size(); }
  std::vector<error> take() { return std::move(all_); }

 private:
  mode mode_;
  std::vector<error> all_;
};

}  // namespace gpubench::profiles::detail
