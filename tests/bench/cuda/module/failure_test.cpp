#include "bench/cuda/module/failure.hpp"

#include "bench/cuda/module/owners.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace gpubench::cuda {
namespace {

int destroyed = 0;

int destroy_counted(int* /*handle*/) {
  ++destroyed;
  return 0;
}

using counted_owner = std::unique_ptr<int, destroyer<int*, destroy_counted>>;

TEST(owners, destroy_what_they_own) {
  int handle = 0;
  const int before = destroyed;
  { const counted_owner owner(&handle); }
  EXPECT_EQ(destroyed, before + 1);
}

/// In a process of its own, whose work hangs for good.
[[noreturn]] void unwind_from_a_hang() {
  int handle = 0;
  destroyed = 0;
  bool told = false;
  try {
    const counted_owner owner(&handle);
    throw_hung("work", "hint");
  } catch (const failure& f) {
    told = f.status() == GPUBENCH_MODULE_HUNG && f.hint() == "hint";
  }
  std::_Exit(told && destroyed == 0 && device_work_hangs() ? 0 : 1);
}

TEST(owners, leave_everything_alone_where_work_hangs) {
  EXPECT_FALSE(device_work_hangs());
  EXPECT_EXIT(unwind_from_a_hang(), testing::ExitedWithCode(0), "");
}

TEST(failure, errors_that_end_the_context_are_sticky) {
  for (const auto status :
       {cudaErrorIllegalAddress, cudaErrorLaunchTimeout, cudaErrorAssert, cudaErrorHardwareStackError,
        cudaErrorIllegalInstruction, cudaErrorMisalignedAddress, cudaErrorInvalidAddressSpace, cudaErrorInvalidPc,
        cudaErrorLaunchFailure, cudaErrorECCUncorrectable, cudaErrorNvlinkUncorrectable}) {
    EXPECT_TRUE(is_sticky(status)) << cudaGetErrorName(status);
  }
}

TEST(failure, errors_of_one_call_are_not) {
  for (const auto status :
       {cudaSuccess, cudaErrorNotReady, cudaErrorInvalidValue, cudaErrorMemoryAllocation, cudaErrorInvalidConfiguration,
        cudaErrorLaunchOutOfResources, cudaErrorStreamCaptureUnsupported, cudaErrorStreamCaptureImplicit,
        cudaErrorPeerAccessAlreadyEnabled, cudaErrorNoKernelImageForDevice}) {
    EXPECT_FALSE(is_sticky(status)) << cudaGetErrorName(status);
  }
}

TEST(failure, only_what_is_unsupported_is_passed_over) {
  EXPECT_EQ(unless_unsupported([] { return 3; }), 3);
  EXPECT_EQ(unless_unsupported([]() -> int { throw failure(GPUBENCH_MODULE_UNSUPPORTED, "no"); }), std::nullopt);
  EXPECT_THROW(unless_unsupported([]() -> int { throw failure(GPUBENCH_MODULE_DEVICE_ERROR, "no"); }), failure);
}

}  // namespace
}  // namespace gpubench::cuda
