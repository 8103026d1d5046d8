#include "bench/cuda/loader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gpubench::bench {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;

TEST(cuda_module, loads_on_any_machine_and_says_what_it_found) {
  const auto backend = load_cuda_backend(GPUBENCH_CUDA_MODULE_FILE);
  EXPECT_THAT(backend.state,
              AnyOf(cuda_state::ready, cuda_state::no_driver, cuda_state::driver_too_old, cuda_state::no_device))
      << backend.status;
  EXPECT_EQ(backend.benchmarks.empty(), backend.devices.empty());
  EXPECT_EQ(backend.hint.empty(), backend.state == cuda_state::ready);
  if (backend.state == cuda_state::no_driver) {
    EXPECT_THAT(backend.status, HasSubstr("libcuda.so.1 not found"));
  }
}

}  // namespace
}  // namespace gpubench::bench
