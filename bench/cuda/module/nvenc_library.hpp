#pragma once

#include <nvEncodeAPI.h>

#include <cstdint>
#include <string>

namespace gpubench::cuda {

struct nvenc_library {
  std::string missing;       ///< why it cannot be used; empty when it can
  std::uint32_t newest = 0;  ///< interface version that the driver knows: 16 x major + minor
  NV_ENCODE_API_FUNCTION_LIST call{};
};

/// "NV_ENC_ERR_GENERIC"; the number where the header has no name for it.
std::string nvenc_status_name(NVENCSTATUS status);

/// @param session  whose last error is told too; may be null
/// @throws failure: out of device memory, device lost, device error.
void require(const nvenc_library& library, NVENCSTATUS status, const char* call, void* session);

}  // namespace gpubench::cuda
