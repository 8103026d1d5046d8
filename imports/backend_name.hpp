#pragma once

#include <string>
#include <string_view>

namespace gpubench::imports {

/// A tool's name of what it drives GPUs by, in our terms: "CUDA" is "cuda", "ROCm" and "HIP" are "rocm", "SYCL2020" is
/// "sycl", "CPU" is "host". Others stay, in lower case.
std::string backend_name(std::string_view theirs);

}  // namespace gpubench::imports
