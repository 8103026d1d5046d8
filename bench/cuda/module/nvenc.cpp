#include "bench/cuda/module/nvenc.hpp"

#include "bench/cuda/module/failure.hpp"
#include "bench/cuda/module/nvenc_library.hpp"

#include <algorithm>
#include <cstring>

// Order of calls and meaning of fields: NVIDIA, "NVENC Video Encoder API Programming Guide".
namespace gpubench::cuda {

namespace {

using video::video_codec;

GUID guid_of(video_codec codec) {
  return codec == video_codec::h264 ? NV_ENC_CODEC_H264_GUID : NV_ENC_CODEC_HEVC_GUID;
}

const char* name_of(video_codec codec) {
  return codec == video_codec::h264 ? "H.264" : "HEVC";
}

bool equal(const GUID& left, const GUID& right) {
  return std::memcmp(&left, &right, sizeof left) == 0;
}

/// A session, or the reason that a reader can act on: the interface says "out of memory" where a driver grants no
/// further session to a program, or to all of them.
void* open_session(const nvenc_library& library, void* context) {
  NV_ENC_OPEN_ENCODE_SESSION_EX_PARAMS asked{};
  asked.version = NV_ENC_OPEN_ENCODE_SESSION_EX_PARAMS_VER;
  asked.deviceType = NV_ENC_DEVICE_TYPE_CUDA;
  asked.device = context;
  asked.apiVersion = NVENCAPI_VERSION;
  void* opened = nullptr;
  const NVENCSTATUS status = library.call.nvEncOpenEncodeSessionEx(&asked, &opened);
  if (status == NV_ENC_SUCCESS) return opened;
  // What failed must be destroyed too, where there is a handle (programming guide, "Opening an Encode Session").
  if (opened != nullptr) library.call.nvEncDestroyEncoder(opened);
  const std::string name = nvenc_status_name(status);
  if (status == NV_ENC_ERR_NO_ENCODE_DEVICE || status == NV_ENC_ERR_UNSUPPORTED_DEVICE) {
    throw failure(GPUBENCH_MODULE_UNSUPPORTED, "this GPU has no NVENC encoder, or none that may be used here (" + name +
                                                   "), as A100, H100 and H200 have none");
  }
  if (status == NV_ENC_ERR_OUT_OF_MEMORY || status == NV_ENC_ERR_INCOMPATIBLE_CLIENT_KEY) {
    throw failure(GPUBENCH_MODULE_DEVICE_ERROR,
                  "nvEncOpenEncodeSessionEx: " + name + ": no further encoding session is granted",
                  "end other programs that encode: drivers of some GPUs limit how many sessions there are");
  }
  require(library, status, "nvEncOpenEncodeSessionEx", nullptr);
  return opened;
}

}  // namespace

/// The session with all that belongs to it, so that a constructor that fails half-way leaves nothing behind.
struct video_encoder::session {
  session(const nvenc_library& with, void* context, const encoder_settings& asked)
      : library(with), settings(asked), handle(open_session(with, context)) {}
  session(const session&) = delete;
  session& operator=(const session&) = delete;

  ~session() {
    if (device_work_hangs()) return;
    if (is_initialized) {
      NV_ENC_PIC_PARAMS end{};
      end.version = NV_ENC_PIC_PARAMS_VER;
      end.encodePicFlags = NV_ENC_PIC_FLAG_EOS;
      static_cast<void>(library.call.nvEncEncodePicture(handle, &end));
    }
    for (void* picture : mapped) static_cast<void>(library.call.nvEncUnmapInputResource(handle, picture));
    for (void* picture : registered) static_cast<void>(library.call.nvEncUnregisterResource(handle, picture));
    for (void* buffer : outputs) static_cast<void>(library.call.nvEncDestroyBitstreamBuffer(handle, buffer));
    static_cast<void>(library.call.nvEncDestroyEncoder(handle));
  }

  void check(NVENCSTATUS status, const char* call) const { require(library, status, call, handle); }

  int capability(NV_ENC_CAPS which) const {
    NV_ENC_CAPS_PARAM asked{};
    asked.version = NV_ENC_CAPS_PARAM_VER;
    asked.capsToQuery = which;
    int value = 0;
    check(library.call.nvEncGetEncodeCaps(handle, guid_of(settings.codec), &asked, &value), "nvEncGetEncodeCaps");
    return value;
  }

  /// @throws failure: unsupported
  void require_support() const {
    std::uint32_t count = 0;
    check(library.call.nvEncGetEncodeGUIDCount(handle, &count), "nvEncGetEncodeGUIDCount");
    std::vector<GUID> codecs(count);
    check(library.call.nvEncGetEncodeGUIDs(handle, codecs.data(), count, &count), "nvEncGetEncodeGUIDs");
    codecs.resize(std::min<std::size_t>(codecs.size(), count));
    const GUID wanted = guid_of(settings.codec);
    if (std::none_of(codecs.begin(), codecs.end(), [&](const GUID& one) { return equal(one, wanted); })) {
      throw failure(GPUBENCH_MODULE_UNSUPPORTED,
                    std::string("the encoder of this GPU makes no ") + name_of(settings.codec));
    }
    const int width = capability(NV_ENC_CAPS_WIDTH_MAX), height = capability(NV_ENC_CAPS_HEIGHT_MAX);
    if (static_cast<int>(settings.size.width) > width || static_cast<int>(settings.size.height) > height) {
      throw failure(GPUBENCH_MODULE_UNSUPPORTED, std::string("the encoder of this GPU makes ") +
                                                     name_of(settings.codec) + " of at most " + std::to_string(width) +
                                                     " x " + std::to_string(height) + " pixels");
    }
  }

  /// The preset's configuration with a constant bit rate, and one key picture, which encode() asks for.
  void initialize() {
    NV_ENC_PRESET_CONFIG preset{};
    preset.version = NV_ENC_PRESET_CONFIG_VER;
    preset.presetCfg.version = NV_ENC_CONFIG_VER;
    const GUID codec = guid_of(settings.codec);
    check(library.call.nvEncGetEncodePresetConfigEx(handle, codec, NV_ENC_PRESET_P4_GUID,
                                                    NV_ENC_TUNING_INFO_LOW_LATENCY, &preset),
          "nvEncGetEncodePresetConfigEx");
    NV_ENC_CONFIG config = preset.presetCfg;
    config.version = NV_ENC_CONFIG_VER;
    config.gopLength = NVENC_INFINITE_GOPLENGTH;
    config.frameIntervalP = 1;
    config.rcParams.rateControlMode = NV_ENC_PARAMS_RC_CBR;
    config.rcParams.averageBitRate = settings.bits_per_second;
    config.rcParams.maxBitRate = settings.bits_per_second;
    // The preset's buffer is for another rate: 0 takes the usual one for this.
    config.rcParams.vbvBufferSize = config.rcParams.vbvInitialDelay = 0;
    config.rcParams.enableLookahead = 0;
    if (settings.codec == video_codec::h264) {
      config.encodeCodecConfig.h264Config.idrPeriod = NVENC_INFINITE_GOPLENGTH;
    } else {
      config.encodeCodecConfig.hevcConfig.idrPeriod = NVENC_INFINITE_GOPLENGTH;
    }
    NV_ENC_INITIALIZE_PARAMS asked{};
    asked.version = NV_ENC_INITIALIZE_PARAMS_VER;
    asked.encodeGUID = codec;
    asked.presetGUID = NV_ENC_PRESET_P4_GUID;
    asked.tuningInfo = NV_ENC_TUNING_INFO_LOW_LATENCY;
    asked.encodeWidth = asked.darWidth = asked.maxEncodeWidth = settings.size.width;
    asked.encodeHeight = asked.darHeight = asked.maxEncodeHeight = settings.size.height;
    asked.frameRateNum = settings.pictures_per_second;
    asked.frameRateDen = 1;
    asked.enablePTD = 1;
    asked.encodeConfig = &config;
    check(library.call.nvEncInitializeEncoder(handle, &asked), "nvEncInitializeEncoder");
    is_initialized = true;
  }

  void map(void* picture) {
    NV_ENC_REGISTER_RESOURCE known{};
    known.version = NV_ENC_REGISTER_RESOURCE_VER;
    known.resourceType = NV_ENC_INPUT_RESOURCE_TYPE_CUDADEVICEPTR;
    known.width = known.pitch = settings.size.width;
    known.height = settings.size.height;
    known.resourceToRegister = picture;
    known.bufferFormat = NV_ENC_BUFFER_FORMAT_NV12;
    known.bufferUsage = NV_ENC_INPUT_IMAGE;
    check(library.call.nvEncRegisterResource(handle, &known), "nvEncRegisterResource");
    registered.push_back(known.registeredResource);
    NV_ENC_MAP_INPUT_RESOURCE asked{};
    asked.version = NV_ENC_MAP_INPUT_RESOURCE_VER;
    asked.registeredResource = known.registeredResource;
    check(library.call.nvEncMapInputResource(handle, &asked), "nvEncMapInputResource");
    mapped.push_back(asked.mappedResource);
  }

  void add_output() {
    NV_ENC_CREATE_BITSTREAM_BUFFER made{};
    made.version = NV_ENC_CREATE_BITSTREAM_BUFFER_VER;
    check(library.call.nvEncCreateBitstreamBuffer(handle, &made), "nvEncCreateBitstreamBuffer");
    outputs.push_back(made.bitstreamBuffer);
  }

  void submit(std::size_t index) {
    const std::size_t period = std::max<std::size_t>(1, 2 * mapped.size() - 2), place = index % period;
    NV_ENC_PIC_PARAMS asked{};
    asked.version = NV_ENC_PIC_PARAMS_VER;
    asked.inputWidth = asked.inputPitch = settings.size.width;
    asked.inputHeight = settings.size.height;
    asked.inputBuffer = mapped[place < mapped.size() ? place : period - place];
    asked.outputBitstream = outputs[index % in_flight];
    asked.bufferFmt = NV_ENC_BUFFER_FORMAT_NV12;
    asked.pictureStruct = NV_ENC_PIC_STRUCT_FRAME;
    asked.frameIdx = static_cast<std::uint32_t>(submitted);
    asked.inputTimeStamp = submitted++;
    if (index == 0) asked.encodePicFlags = NV_ENC_PIC_FLAG_FORCEIDR | NV_ENC_PIC_FLAG_OUTPUT_SPSPPS;
    check(library.call.nvEncEncodePicture(handle, &asked), "nvEncEncodePicture");
  }

  /// Waits for a picture and adds its bytes to the stream.
  void take(std::size_t index) {
    NV_ENC_LOCK_BITSTREAM locked{};
    locked.version = NV_ENC_LOCK_BITSTREAM_VER;
    locked.outputBitstream = outputs[index % in_flight];
    check(library.call.nvEncLockBitstream(handle, &locked), "nvEncLockBitstream");
    const auto* bytes = static_cast<const std::uint8_t*>(locked.bitstreamBufferPtr);
    stream.insert(stream.end(), bytes, bytes + locked.bitstreamSizeInBytes);
    check(library.call.nvEncUnlockBitstream(handle, locked.outputBitstream), "nvEncUnlockBitstream");
  }

  const nvenc_library& library;
  encoder_settings settings;
  void* handle;
  bool is_initialized = false;
  std::vector<void*> registered, mapped, outputs;
  std::uint64_t submitted = 0;
  std::vector<std::uint8_t> stream;
};

video_encoder::video_encoder(const nvenc_library& library, void* context, const encoder_settings& settings,
                             const device_pictures& pictures)
    : session_(std::make_unique<session>(library, context, settings)) {
  session_->require_support();
  session_->initialize();
  for (void* picture : pictures) session_->map(picture);
  for (std::size_t i = 0; i < in_flight; ++i) session_->add_output();
}

video_encoder::~video_encoder() = default;

const std::vector<std::uint8_t>& video_encoder::encode(std::size_t count) {
  session_->stream.clear();
  for (std::size_t i = 0; i < count; ++i) {
    if (i >= in_flight) session_->take(i - in_flight);
    session_->submit(i);
  }
  for (std::size_t i = count - std::min(count, in_flight); i < count; ++i) session_->take(i);
  return session_->stream;
}

}  // namespace gpubench::cuda
