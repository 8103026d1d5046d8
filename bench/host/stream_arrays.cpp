#include "bench/host/stream_arrays.hpp"

#include "bench/host/stream_kernels.hpp"
#include "bench/system_files.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <omp.h>
#include <sys/mman.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <new>

namespace gpubench::bench {

namespace {

std::shared_ptr<stream_arrays>& kept_arrays() {
  static std::shared_ptr<stream_arrays> instance;
  return instance;
}

constexpr double smallest_array_bytes = 64 * mib;

}  // namespace

mapped_memory::mapped_memory(std::size_t bytes)
    : data_(mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)), bytes_(bytes) {
  if (data_ == MAP_FAILED) throw std::bad_alloc();
}

mapped_memory::~mapped_memory() {
  munmap(data_, bytes_);
}

bool mapped_memory::advise_huge_pages() {
  return madvise(data_, bytes_, MADV_HUGEPAGE) == 0;
}

array_slice slice_of(std::size_t elements, int thread, int threads, std::size_t slice) {
  const auto parts = static_cast<std::size_t>(threads) * slices_per_array;
  const auto part = static_cast<std::size_t>(thread) * slices_per_array + slice;
  const std::size_t first = elements / parts * part + std::min(part, elements % parts);
  return {first, elements / parts + (part < elements % parts ? 1 : 0)};
}

std::size_t elements_of_slice(std::size_t elements, int threads, std::size_t slice) {
  std::size_t sum = 0;
  for (int thread = 0; thread < threads; ++thread) sum += slice_of(elements, thread, threads, slice).count;
  return sum;
}

stream_arrays::stream_arrays(std::size_t elements, int threads) : elements_(elements), threads_(threads) {
  for (std::size_t k = 0; k < 3; ++k) {
    memory_.push_back(std::make_unique<mapped_memory>(elements * sizeof(double)));
  }
  double* const a = array(0);
  double* const b = array(1);
  double* const c = array(2);
#pragma omp parallel num_threads(threads)
  for (std::size_t slice = 0; slice < slices_per_array; ++slice) {
    const auto part = slice_of(elements, omp_get_thread_num(), threads, slice);
    for (std::size_t i = part.first; i < part.first + part.count; ++i) {
      a[i] = first_value(i);
      b[i] = second_value(i);
      c[i] = 0;
    }
  }
}

double* stream_arrays::array(std::size_t index) const {
  return static_cast<double*>(memory_[index]->data());
}

void stream_arrays::clear_destination(double value) {
#pragma omp parallel num_threads(threads_)
  for (std::size_t slice = 0; slice < slices_per_array; ++slice) {
    const auto part = slice_of(elements_, omp_get_thread_num(), threads_, slice);
    fill_range(destination() + part.first, value, part.count);
  }
}

std::chrono::duration<double, std::nano> stream_arrays::scaled_to_first_slice(
    std::chrono::duration<double, std::nano> time, std::size_t slice) const {
  return time * (static_cast<double>(elements_of_slice(elements_, threads_, 0)) /
                 static_cast<double>(elements_of_slice(elements_, threads_, slice)));
}

double array_bytes(const results::parameters& params) {
  return static_cast<double>(results::integer_parameter(params, "array_bytes").value());
}

int thread_count(const results::parameters& params) {
  return static_cast<int>(results::integer_parameter(params, "threads").value());
}

double elements_of_sample(const results::parameters& params) {
  const auto elements = static_cast<std::size_t>(array_bytes(params)) / sizeof(double);
  return static_cast<double>(elements_of_slice(elements, thread_count(params), 0));
}

std::shared_ptr<stream_arrays> stream_arrays::acquire(const results::parameters& params) {
  const auto elements = static_cast<std::size_t>(array_bytes(params)) / sizeof(double);
  const int threads = thread_count(params);
  auto& kept = kept_arrays();
  if (!kept || kept->elements() != elements || kept->threads() != threads) {
    kept.reset();  // before the new ones are made, since both together may not fit
    kept = std::make_shared<stream_arrays>(elements, threads);
  }
  return kept;
}

void stream_arrays::release() {
  kept_arrays().reset();
}

std::size_t memory_array_bytes(const machine& where) {
  const double wanted = std::max(4 * where.last_level_cache_bytes, smallest_array_bytes);
  const double bytes = where.usable_memory_bytes > 0 ? std::min(wanted, where.usable_memory_bytes / 6) : wanted;
  return static_cast<std::size_t>(std::ceil(bytes / mib) * mib);
}

std::vector<std::string> array_size_warnings(const machine& where, std::size_t array_bytes) {
  const double bytes = static_cast<double>(array_bytes);
  if (bytes >= 4 * where.last_level_cache_bytes) return {};
  return {
      fmt::format("arrays of {} are smaller than 4 x the last-level cache of {}, for want of memory: the cache may "
                  "flatter the figure",
                  format_bytes(bytes), format_bytes(where.last_level_cache_bytes))};
}

std::vector<results::parameters> bandwidth_cases(suite s, const machine& where) {
  std::vector<int> thread_counts = {where.threads};
  if (s != suite::quick && where.threads > 1) thread_counts.push_back(1);
  if (s == suite::full) {
    for (int threads = 2; threads < where.threads; threads *= 2) thread_counts.push_back(threads);
  }
  std::vector<results::parameters> cases;
  for (const int threads : thread_counts) {
    cases.push_back({{"array_bytes", static_cast<std::int64_t>(memory_array_bytes(where))},
                     {"threads", static_cast<std::int64_t>(threads)}});
  }
  return cases;
}

std::optional<std::string> memory_shortage(double bytes) {
  const auto meminfo = system_files().text("proc/meminfo");
  const auto available = meminfo ? colon_value(*meminfo, "MemAvailable") : std::nullopt;
  if (!available) return std::nullopt;
  const auto kilobytes = parse_number(available->substr(0, available->find(' ')));
  if (!kilobytes || bytes <= *kilobytes * kib) return std::nullopt;
  return fmt::format("needs {} of memory, {} are free", format_bytes(bytes), format_bytes(*kilobytes * kib));
}

benchmark_definition bandwidth_definition(std::string name, std::string description, double bytes_per_element) {
  benchmark_definition definition;
  definition.name = std::move(name);
  definition.description = std::move(description);
  definition.backend = "host";
  definition.cases = bandwidth_cases;
  definition.work = [bytes_per_element](const results::parameters& params) {
    results::work_done work;
    work.bytes = bytes_per_element * elements_of_sample(params);
    return work;
  };
  definition.unavailable = [](const results::parameters& params, const machine&) {
    return memory_shortage(3 * array_bytes(params));
  };
  definition.overhead = [](const results::parameters& params, const machine&) {
    // Mostly filling and checking one array; the first case touches three. 1 GB/s is what a slow virtual machine does.
    return std::chrono::duration<double>(array_bytes(params) / 1e9);
  };
  definition.memory_group = stream_arrays::memory_group;
  definition.release = stream_arrays::release;
  definition.peak = benchmark_definition::peak_kind::memory_bandwidth;
  return definition;
}

}  // namespace gpubench::bench
