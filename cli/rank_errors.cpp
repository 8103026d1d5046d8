#include "cli/rank_errors.hpp"

#include "bench/collective/launcher.hpp"

namespace gpubench::cli {

bool is_told_by_another_rank(const error& e) {
  const auto place = collective::place_in_launch();
  const bool common = dynamic_cast<const common_error*>(&e) != nullptr || e.kind() == error_kind::usage;
  if (common) return place.rank.value_or(0) != 0;
  return e.kind() == error_kind::environment && place.local_rank.value_or(0) != 0;
}

}  // namespace gpubench::cli
