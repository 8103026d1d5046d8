#pragma once

#include "bench/registry.hpp"
#include "models/operators.hpp"
#include "models/precision.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <vector>

#include "reference/deviation.hpp"
#include "reference/random.hpp"
#include "reference/vector_clones.hpp"

namespace gpubench::bench::host {

/// Uninitialised array aligned to a cache line; its pages settle where the threads that fill it run.
template <class T>
class aligned_array {
 public:
  aligned_array() = default;
  /// @throws error: out_of_device_memory
  explicit aligned_array(std::size_t size) : data_(static_cast<T*>(allocate(size * sizeof(T)))), size_(size) {}

  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }
  std::size_t size() const { return size_; }
  T& operator[](std::size_t i) { return data_[i]; }
  const T& operator[](std::size_t i) const { return data_[i]; }

 private:
  static void* allocate(std::size_t bytes);
  struct release {
    void operator()(T* p) const { ::operator delete (p, std::align_val_t{64}); }
  };
  std::unique_ptr<T[], release> data_;
  std::size_t size_ = 0;
};

using reference::fill_uniform;
using reference::for_parts;
using reference::hash_of;
using reference::relative_deviation;

/// What operands of floating point hold: data decides the power that a multiplier draws, and so its clock.
inline constexpr const char* uniform_operands = "random operands, uniform in [-1, 1]";

/// Uniform over all integers in [low, high].
void fill_integers(std::int8_t* data, std::size_t size, std::uint64_t seed, int low, int high);
void fill_integers(std::uint8_t* data, std::size_t size, std::uint64_t seed, int low, int high);

/// Threads of OpenMP, and so of oneDNN and of the loops here.
void use_threads(int threads);

/// Required parameter.   @throws error: internal when a definition asks for one that it did not declare.
std::int64_t size_of(const results::parameters& values, const char* name);

/// Processor features, any of which multiplies this type; names as /proc/cpuinfo has them. Without one a library only
/// emulates, and an emulated rate would be taken for the machine's.
const std::vector<std::string>& instructions_for(models::precision p);

/// Reason not to run: the processor cannot multiply this type.
std::optional<std::string> lacks_instructions(const machine& where, models::precision p);

/// The cases, or only the first where all would be skipped for want of instructions: the reason is told once.
std::vector<results::parameters> cases_with_instructions(std::vector<results::parameters> cases, const machine& where,
                                                         models::precision p);

/// Reason not to run: less than `bytes` with a tenth to spare.
std::optional<std::string> lacks_memory(const machine& where, double bytes);

template <class Work>
std::chrono::duration<double, std::nano> time_of(Work&& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::steady_clock::now() - start;
}

// ---
[[noreturn]] void throw_out_of_memory(std::size_t bytes);

template <class T>
void* aligned_array<T>::allocate(std::size_t bytes) {
  void* memory = ::operator new (bytes, std::align_val_t{64}, std::nothrow);
  if (!memory) throw_out_of_memory(bytes);
  return memory;
}

}  // namespace gpubench::bench::host
