#include "imports/stream_kernels.hpp"

#include "core/text.hpp"

namespace gpubench::imports {

std::optional<stream_kernel> find_stream_kernel(std::string_view name, bool is_double) {
  static constexpr struct {
    std::string_view theirs, ours;
    int arrays;
  } kernels[] = {{"Copy", "stream_copy", 2},   {"Mul", "stream_scale", 2}, {"Add", "stream_add", 3},
                 {"Triad", "stream_triad", 3}, {"Dot", "stream_dot", 2},   {"Nstream", "", 4}};
  for (const auto& kernel : kernels) {
    if (name != kernel.theirs) continue;
    const bool is_ours = is_double && !kernel.ours.empty();
    return stream_kernel{is_ours ? std::string(kernel.ours) : "babelstream_" + to_lower(name), kernel.arrays};
  }
  return std::nullopt;
}

results::measurement measurement_of(const stream_kernel& kernel, std::optional<std::int64_t> array_bytes,
                                    const stream_figures& figures) {
  results::measurement m;
  m.benchmark = kernel.benchmark;
  if (array_bytes) {
    m.params.emplace_back("array_bytes", *array_bytes);
    m.work.bytes = static_cast<double>(*array_bytes) * kernel.arrays;
  }
  m.rate.bytes_per_second = figures.best_bytes_per_second;
  const auto ns = [](const std::optional<double>& seconds) {
    return seconds ? std::optional(*seconds * 1e9) : std::nullopt;
  };
  auto& reported = m.reported.emplace();
  reported.time_ns = {figures.repetitions,     std::nullopt, ns(figures.mean_seconds), ns(figures.min_seconds),
                      ns(figures.max_seconds), std::nullopt};
  m.method["rate"] = "of the smallest time";
  m.warnings.push_back("the rate is that of the smallest time, not of a typical one");
  return m;
}

}  // namespace gpubench::imports
