#pragma once

#include <cstddef>
#include <functional>

namespace gpubench {

/// Calls work(0) ... work(count - 1), each once, on as many threads as the machine runs at once, but none for fewer
/// than `least_each` of them. The first exception ends its thread's part and is thrown here at the end.
void in_parallel(std::size_t count, std::size_t least_each, const std::function<void(std::size_t)>& work);

/// The same for work that mostly waits for others, as for hosts that are slow to answer: on up to `most` threads,
/// however few the machine runs at once.
void wait_in_parallel(std::size_t count, std::size_t most, const std::function<void(std::size_t)>& work);

}  // namespace gpubench
