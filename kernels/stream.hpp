#pragma once

#include "kernels/host_device.hpp"

#include <cstdint>

namespace gpubench::kernels {

/// The operations of STREAM (McCalpin, "Memory Bandwidth and Machine Balance", 1995) and its read and write halves.
/// Bytes counted: 8 for each element of each array that is read or written.
enum class stream_operation { copy, scale, add, triad, read, write };

/// STREAM's scalar. With stream_value it keeps every result an exact integer, so that checks need no tolerance.
inline constexpr double stream_scalar = 3.0;

/// What array element i holds before a run. The period is prime, so that no block or vector width divides it and an
/// element taken from the wrong place is noticed. `array` is 0 for the first input and 1 for the second.
inline constexpr std::uint64_t stream_period = 1021;
GPUBENCH_HOST_DEVICE constexpr double stream_value(std::uint64_t i, unsigned array) {
  return static_cast<double>(1 + (i + std::uint64_t{500} * array) % stream_period);
}

/// What `write` stores.
inline constexpr double stream_written_value = 7.0;

/// The element that an operation stores, from the elements at the same place in its inputs. `read` stores none; it
/// passes on what it sums.
template <stream_operation operation>
GPUBENCH_HOST_DEVICE constexpr double stream_element(double first, double second) {
  if constexpr (operation == stream_operation::scale) {
    return stream_scalar * first;
  } else if constexpr (operation == stream_operation::add) {
    return first + second;
  } else if constexpr (operation == stream_operation::triad) {
    return first + stream_scalar * second;
  } else if constexpr (operation == stream_operation::write) {
    return stream_written_value;
  } else {
    return first;
  }
}

/// Closed form of the element that an operation leaves in its output.
GPUBENCH_HOST_DEVICE constexpr double stream_expected(stream_operation operation, std::uint64_t i) {
  const double first = stream_value(i, 0);
  const double second = stream_value(i, 1);
  switch (operation) {
    case stream_operation::scale:
      return stream_element<stream_operation::scale>(first, second);
    case stream_operation::add:
      return stream_element<stream_operation::add>(first, second);
    case stream_operation::triad:
      return stream_element<stream_operation::triad>(first, second);
    case stream_operation::write:
      return stream_element<stream_operation::write>(first, second);
    default:
      return first;
  }
}

/// Sum of stream_value(i, 0) for i in [0, n): whole periods and the rest. Exact in a double below 2^53, that is for n
/// up to 10^13.
constexpr double stream_expected_sum(std::uint64_t n) {
  const std::uint64_t whole = n / stream_period;
  const std::uint64_t rest = n % stream_period;
  const std::uint64_t sum_of_period = stream_period * (stream_period + 1) / 2;
  const std::uint64_t sum_of_rest = rest * (rest + 1) / 2;
  return static_cast<double>(whole * sum_of_period + sum_of_rest);
}

/// Arrays that an operation reads and writes; bytes moved are 8 times their sum times the elements.
GPUBENCH_HOST_DEVICE constexpr int stream_arrays_read(stream_operation operation) {
  switch (operation) {
    case stream_operation::add:
    case stream_operation::triad:
      return 2;
    case stream_operation::write:
      return 0;
    default:
      return 1;
  }
}
GPUBENCH_HOST_DEVICE constexpr int stream_arrays_written(stream_operation operation) {
  return operation == stream_operation::read ? 0 : 1;
}

/// Floating-point operations for each element; `read` adds each element to a sum.
constexpr int stream_flop_per_element(stream_operation operation) {
  switch (operation) {
    case stream_operation::copy:
    case stream_operation::write:
      return 0;
    case stream_operation::triad:
      return 2;
    default:
      return 1;
  }
}

}  // namespace gpubench::kernels
