#include "bench/cuda/module/watchdog.hpp"

#include "bench/cuda/module/failure.hpp"
#include "bench/watchdog_seconds.hpp"

#include <algorithm>
#include <cstdlib>
#include <thread>

namespace gpubench::cuda {

namespace {

using std::chrono::nanoseconds;

nanoseconds steady_now() {
  return std::chrono::steady_clock::now().time_since_epoch();
}

}  // namespace

wait_outcome wait_until(const std::function<cudaError_t()>& ask, const std::function<nanoseconds()>& now,
                        const std::function<void(nanoseconds)>& pause, nanoseconds limit, cudaError_t& status) {
  constexpr nanoseconds without_pause = std::chrono::milliseconds(5);
  constexpr nanoseconds longest_pause = std::chrono::milliseconds(1);
  const nanoseconds start = now();
  while (true) {
    status = ask();
    if (status == cudaSuccess) return wait_outcome::done;
    if (status != cudaErrorNotReady) return wait_outcome::failed;
    const nanoseconds waited = now() - start;
    if (waited >= limit) return wait_outcome::hung;
    if (waited >= without_pause) pause(std::min(longest_pause, waited / 64));
  }
}

nanoseconds watchdog_limit() {
  const std::chrono::duration<double> limit(watchdog_seconds(std::getenv("GPUBENCH_WATCHDOG_SECONDS")));
  return std::chrono::duration_cast<nanoseconds>(limit);
}

cudaError_t stream_state(cudaStream_t stream) {
  const cudaError_t answer = cudaStreamQuery(stream);
  if (answer == cudaErrorNotReady) cudaGetLastError();
  return answer;
}

void wait_for(cudaStream_t stream, const std::string& what) {
  cudaError_t status = cudaSuccess;
  const auto limit = watchdog_limit();
  const auto ask = [&] { return stream_state(stream); };
  const auto outcome = wait_until(
      ask, steady_now, [](nanoseconds time) { std::this_thread::sleep_for(time); }, limit, status);
  if (outcome == wait_outcome::done) return;
  if (outcome == wait_outcome::hung) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(limit).count();
    throw_hung(what + " did not end within " + std::to_string(seconds) + " s",
               "nothing more runs on this device; GPUBENCH_WATCHDOG_SECONDS sets another limit");
  }
  const std::string call = "waiting for " + what;
  require(status, {call.c_str(), __FILE__, __LINE__});
}

}  // namespace gpubench::cuda
