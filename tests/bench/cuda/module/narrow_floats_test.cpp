// Our conversions against those of the CUDA toolkit's headers, which run on the CPU too.
#include "kernels/narrow_floats.hpp"

#include <cuda_fp8.h>
#include <gtest/gtest.h>

#include <cmath>

namespace gpubench::kernels {
namespace {

float toolkit_value(unsigned code, __nv_fp8_interpretation_t kind) {
  return __half2float(__half(__nv_cvt_fp8_to_halfraw(static_cast<__nv_fp8_storage_t>(code), kind)));
}

TEST(toolkit_floats, fp8_codes_are_the_same_numbers) {
  for (unsigned code = 0; code < 256; ++code) {
    const float ours = from_narrow(e4m3(), code);
    const float theirs = toolkit_value(code, __NV_E4M3);
    EXPECT_TRUE(ours == theirs || (std::isnan(ours) && std::isnan(theirs))) << code;
    const float wide = toolkit_value(code, __NV_E5M2);
    if (std::isfinite(wide)) {
      EXPECT_EQ(from_narrow(e5m2(), code), wide) << code;
    }
  }
}

TEST(toolkit_floats, fp8_rounding_is_the_same) {
  for (int i = -5000; i <= 5000; ++i) {
    // From far below the smallest subnormal number to beyond the largest.
    const float value = static_cast<float>(i < 0 ? -1 : 1) *
                        std::ldexp(1.0f + static_cast<float>(std::abs(i) % 97) / 97, std::abs(i) % 41 - 24);
    EXPECT_EQ(to_narrow(e4m3(), value), __nv_cvt_float_to_fp8(value, __NV_SATFINITE, __NV_E4M3)) << value;
    EXPECT_EQ(to_narrow(e5m2(), value), __nv_cvt_float_to_fp8(value, __NV_SATFINITE, __NV_E5M2)) << value;
  }
}

}  // namespace
}  // namespace gpubench::kernels
