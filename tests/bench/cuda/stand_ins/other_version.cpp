// A module of a later version: whoever reads or calls anything but the version crashes.
#include <cstdint>

extern "C" {
extern const std::uint32_t gpubench_cuda_module;
const std::uint32_t gpubench_cuda_module = 999;
}
