#include "comparison/compare.hpp"

namespace gpubench::comparison {

std::string_view to_string(verdict v) {
  switch (v) {
    case verdict::slower:
      return "slower";
    case verdict::faster:
      return "faster";
    case verdict::same:
      return "same";
    case verdict::ambiguous:
      return "ambiguous";
    case verdict::wrong_result:
      return "wrong";
    case verdict::missing:
      return "missing";
    case verdict::added:
      return "new";
    case verdict::not_comparable:
      return "not comparable";
  }
  return "";
}

std::string_view to_string(judged_unit unit) {
  return unit == judged_unit::cycles ? "cycles" : "time";
}

std::string_view to_string(sample_quantile at) {
  return at == sample_quantile::lower_quartile ? "lower quartile" : "median";
}

std::string_view to_string(noise_source source) {
  switch (source) {
    case noise_source::runs:
      return "runs";
    case noise_source::profile:
      return "profile";
    case noise_source::other_benchmarks:
      return "other benchmarks";
    case noise_source::assumed:
      return "assumed";
  }
  return "";
}

}  // namespace gpubench::comparison
