#pragma once

#include "bench/video/coded_video.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gpubench::cuda {

/// The interface of NVENC, the video encoder of NVIDIA's GPUs, as a library of the driver has it.
struct nvenc_library;

/// That of $GPUBENCH_NVENC_LIBRARY, else libnvidia-encode.so.1. Opened at the first call.
const nvenc_library& nvenc();

/// The same of a file. Never throws: what is missing is asked by nvenc_unavailable().
nvenc_library open_nvenc(const std::string& file);

/// Why it cannot be used: left out of this build, no such library, or a driver that is older than this build's header.
std::optional<std::string> nvenc_unavailable(const nvenc_library& library);

/// "12.1", the newest interface that the driver knows; nothing where it is unavailable.
std::optional<std::string> nvenc_version(const nvenc_library& library);

struct encoder_settings {
  video::video_codec codec = video::video_codec::h264;
  video::picture_size size;
  std::uint32_t pictures_per_second = 60;  ///< that the bit rate is meant for, not a limit of speed
  std::uint32_t bits_per_second = 0;
};

/// Pictures in device memory, each NV12 without gaps between rows.
using device_pictures = std::vector<void*>;

/// One session of the encoder of a device: preset P4, tuning for low latency, constant bit rate, no B pictures.
class video_encoder {
 public:
  /// @param context   of the device (CUcontext)
  /// @param pictures  must outlive the encoder
  /// @throws failure: unsupported where the GPU has no encoder, or none for that codec and size; device error, where
  /// no further session is granted too; out of device memory.
  video_encoder(const nvenc_library& library, void* context, const encoder_settings& settings,
                const device_pictures& pictures);
  video_encoder(const video_encoder&) = delete;
  video_encoder& operator=(const video_encoder&) = delete;
  ~video_encoder();

  /// Pictures that are with the encoder at a time.
  static constexpr std::size_t in_flight = 4;

  /// Encodes `count` pictures, forth and back through those given, so that none jumps, beginning with a key picture.
  /// @return their stream, whose memory is used again by the next call
  /// @throws failure: device error, device lost. Nothing can be encoded afterwards.
  const std::vector<std::uint8_t>& encode(std::size_t count);

 private:
  struct session;
  std::unique_ptr<session> session_;
};

}  // namespace gpubench::cuda
