#pragma once

#include "kernels/host_device.hpp"

#include <cstdint>

namespace gpubench::kernels {

/// The operations of STREAM (McCalpin, "Memory Bandwidth and Machine Balance", 1995), its read and write halves, and
/// the dot product that BabelStream adds. Bytes counted: 8 for each element of each array that is read or written.
enum class stream_operation { copy, scale, add, triad, read, write, dot };

/// Whether an operation leaves a sum, one partial sum a block, instead of an array.
GPUBENCH_HOST_DEVICE constexpr bool leaves_a_sum(stream_operation operation) {
  return operation == stream_operation::read || operation == stream_operation::dot;
}

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

/// The element that an operation stores, or sums, from the elements at the same place in its inputs.
template <stream_operation operation>
GPUBENCH_HOST_DEVICE constexpr double stream_element(double first, double second) {
  if constexpr (operation == stream_operation::scale) {
    return stream_scalar * first;
  } else if constexpr (operation == stream_operation::add) {
    return first + second;
  } else if constexpr (operation == stream_operation::triad) {
    return first + stream_scalar * second;
  } else if constexpr (operation == stream_operation::dot) {
    return first * second;
  } else if constexpr (operation == stream_operation::write) {
    return stream_written_value;
  } else {
    return first;
  }
}

/// Closed form of the element that an operation leaves in its output, or sums.
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
    case stream_operation::dot:
      return stream_element<stream_operation::dot>(first, second);
    default:
      return first;
  }
}

/// Sum of stream_expected(operation, i) for i in [0, n), of an operation that leaves a sum: whole periods and the rest.
/// All terms are integers, so every order of adding gives the same double as long as the sum stays below 2^53: for
/// `read` up to n = 10^13, for `dot`, whose products average 1021^2 / 4, up to n = 3 10^10 (250 GB an array).
constexpr double stream_expected_sum(stream_operation operation, std::uint64_t n) {
  std::uint64_t of_period = 0;
  std::uint64_t of_rest = 0;
  for (std::uint64_t i = 0; i < stream_period; ++i) {
    const auto term = static_cast<std::uint64_t>(stream_expected(operation, i));
    of_period += term;
    if (i < n % stream_period) of_rest += term;
  }
  const std::uint64_t whole_periods = n / stream_period;
  return static_cast<double>(whole_periods * of_period + of_rest);
}

/// Arrays that an operation reads and writes; bytes moved are 8 times their sum times the elements.
GPUBENCH_HOST_DEVICE constexpr int stream_arrays_read(stream_operation operation) {
  switch (operation) {
    case stream_operation::add:
    case stream_operation::triad:
    case stream_operation::dot:
      return 2;
    case stream_operation::write:
      return 0;
    default:
      return 1;
  }
}
GPUBENCH_HOST_DEVICE constexpr int stream_arrays_written(stream_operation operation) {
  return leaves_a_sum(operation) ? 0 : 1;
}

/// Floating-point operations for each element; `read` adds each element to a sum.
constexpr int stream_flop_per_element(stream_operation operation) {
  switch (operation) {
    case stream_operation::copy:
    case stream_operation::write:
      return 0;
    case stream_operation::triad:
    case stream_operation::dot:
      return 2;
    default:
      return 1;
  }
}

}  // namespace gpubench::kernels
