#pragma once

#include "report/document.hpp"

#include <cstddef>

namespace gpubench::report {

/// The form of this name consists of samples: it has no place for recommendations, plans and services.
inline constexpr const char* google_benchmark_form = "google-benchmark";

/// Successful measurements that it leaves out: imported ones that are known by what their tool states alone.
std::size_t count_without_samples(const document& content);

}  // namespace gpubench::report
