#pragma once

#include "bench/registry.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gpubench::bench {

/// Page-aligned memory of one array, mapped but touched by nobody yet, so that each page comes to lie near the thread
/// that touches it first.
class mapped_memory {
 public:
  /// @throws std::bad_alloc
  explicit mapped_memory(std::size_t bytes);
  ~mapped_memory();
  mapped_memory(const mapped_memory&) = delete;
  mapped_memory& operator=(const mapped_memory&) = delete;

  void* data() const { return data_; }
  std::size_t bytes() const { return bytes_; }
  /// @return false when the kernel refused.
  bool advise_huge_pages();

 private:
  void* data_;
  std::size_t bytes_;
};

/// One of `threads` contiguous parts of an array, and within it one of the slices that samples take in turn. A sample
/// works on one slice of every part: short samples, yet all of the arrays pass through the caches before a slice is
/// seen again, and each thread stays within the memory that it touched first.
struct array_slice {
  std::size_t first = 0;
  std::size_t count = 0;
};
inline constexpr std::size_t slices_per_array = 8;
array_slice slice_of(std::size_t elements, int thread, int threads, std::size_t slice);

/// Elements of slice `slice` over all threads.
std::size_t elements_of_slice(std::size_t elements, int threads, std::size_t slice);

/// Three arrays of 8-byte elements kept from one case to the next of the same size and number of threads, because the
/// first touch of gigabytes costs more than the measurement. Sources hold small whole numbers, so that every kernel's
/// result is exact.
class stream_arrays {
 public:
  /// Benchmarks that use the kept arrays name this group and release().
  static constexpr const char* memory_group = "stream arrays";

  stream_arrays(std::size_t elements, int threads);

  /// The kept arrays, or new ones.   @throws std::bad_alloc
  static std::shared_ptr<stream_arrays> acquire(const results::parameters& params);
  /// Frees the kept arrays as soon as no case uses them.
  static void release();

  std::size_t elements() const { return elements_; }
  int threads() const { return threads_; }
  const double* first_source() const { return array(0); }
  const double* second_source() const { return array(1); }
  double* destination() const { return array(2); }
  void clear_destination(double value);
  /// Slices of an array that does not divide evenly differ by an element a thread; the work of a sample is that of the
  /// first slice, so the time of any other is scaled to it.
  std::chrono::duration<double, std::nano> scaled_to_first_slice(std::chrono::duration<double, std::nano> time,
                                                                 std::size_t slice) const;
  static double first_value(std::size_t i) { return static_cast<double>(1 + i % 1021); }
  static double second_value(std::size_t i) { return static_cast<double>(2 + i % 509); }

 private:
  double* array(std::size_t index) const;

  std::size_t elements_;
  int threads_;
  std::vector<std::unique_ptr<mapped_memory>> memory_;
};

/// The parameters "array_bytes" and "threads" of a bandwidth benchmark.
double array_bytes(const results::parameters& params);
int thread_count(const results::parameters& params);
/// Elements of one array that one sample works on: its first slice.
double elements_of_sample(const results::parameters& params);

/// Bytes of one array: four times all last-level caches, at least 64 MiB, so that no cache flatters the figure; but
/// three arrays take at most half of the memory. Source: McCalpin, STREAM, "Adjusting the problem size": each array at
/// least 4 times the last-level caches together.
std::size_t memory_array_bytes(const machine& where);

/// "arrays of 512 MiB are smaller than 4 x the last-level cache ...", or nothing.
std::vector<std::string> array_size_warnings(const machine& where, std::size_t array_bytes);

/// Parameters of the bandwidth benchmarks in a suite: all threads everywhere; one thread, and powers of two, in larger
/// ones.
std::vector<results::parameters> bandwidth_cases(suite s, const machine& where);

/// What all benchmarks on the kept arrays share: cases, need of memory, bytes of a sample. The caller adds prepare.
/// @param bytes_per_element  read and written together, by STREAM's counting
benchmark_definition bandwidth_definition(std::string name, std::string description, double bytes_per_element);

/// Why arrays of this size cannot be had now, or nothing.
std::optional<std::string> memory_shortage(double bytes);

}  // namespace gpubench::bench
