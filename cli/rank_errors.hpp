#pragma once

#include "core/error.hpp"

namespace gpubench::cli {

/// An error that all ranks of a run come to together.
class common_error : public error {
 public:
  using error::error;
  explicit common_error(const error& cause) : error(cause) {}
};

/// Whether another process of the same launch says the same, so that it is read once and not once a rank: of a
/// common_error and a wrong command line rank 0, of something missing on a machine that machine's first rank.
bool is_told_by_another_rank(const error& e);

}  // namespace gpubench::cli
