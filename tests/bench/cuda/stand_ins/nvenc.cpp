// A stand-in for libnvidia-encode.so.1 that "encodes" into made-up streams of the right form. What it does wrong is
// scripted by $FAKE_NVENC, which is read at every call:
//   too_old           knows version 10.0 of the interface
//   no_engine, no_device, session_limit   what opening a session returns
//   no_hevc, small    makes H.264 alone; pictures of at most 1280 x 720
//   encode_error      the sixth picture fails
//   holds_back        the first picture gives nothing out yet, as with B pictures
//   loses_a_picture, wrong_size, starves   streams that are wrong
#include <nvEncodeAPI.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <set>
#include <string>

#include "../../made_video.hpp"

namespace {

using gpubench::video::append;
using gpubench::video::picture_size;
using gpubench::video::stream_bytes;
using gpubench::video::video_codec;

bool is(const char* fault) {
  const char* const scripted = std::getenv("FAKE_NVENC");
  return scripted != nullptr && std::strcmp(scripted, fault) == 0;
}

/// What a session has, to see that all of it is given back and nothing is used that is not there.
struct session {
  video_codec codec = video_codec::h264;
  picture_size size;
  std::uint32_t bytes_per_picture = 0;
  std::uint32_t frames = 0;
  bool has_ended = false;
  std::set<void*> registered, mapped;
  std::map<void*, stream_bytes> outputs;
  std::set<void*> written;  ///< outputs that hold a picture not yet read
  std::string error;
};

int open_sessions = 0;
std::uintptr_t next_handle = 0x1000;

void* new_handle() {
  return reinterpret_cast<void*>(next_handle += 16);
}

NVENCSTATUS fail(session* s, NVENCSTATUS status, const char* why) {
  s->error = why;
  return status;
}

session* of(void* encoder) {
  return static_cast<session*>(encoder);
}

NVENCSTATUS open_session(NV_ENC_OPEN_ENCODE_SESSION_EX_PARAMS* asked, void** encoder) {
  if (is("no_engine")) return NV_ENC_ERR_UNSUPPORTED_DEVICE;
  if (is("no_device")) return NV_ENC_ERR_NO_ENCODE_DEVICE;
  if (is("session_limit")) return NV_ENC_ERR_OUT_OF_MEMORY;
  if (asked->version != NV_ENC_OPEN_ENCODE_SESSION_EX_PARAMS_VER || asked->apiVersion != NVENCAPI_VERSION)
    return NV_ENC_ERR_INVALID_VERSION;
  if (asked->device == nullptr || asked->deviceType != NV_ENC_DEVICE_TYPE_CUDA) return NV_ENC_ERR_INVALID_DEVICE;
  ++open_sessions;
  *encoder = new session;
  return NV_ENC_SUCCESS;
}

NVENCSTATUS destroy(void* encoder) {
  session* const s = of(encoder);
  const bool is_clean = s->registered.empty() && s->mapped.empty() && s->outputs.empty();
  if (is_clean) --open_sessions;
  delete s;
  return is_clean ? NV_ENC_SUCCESS : NV_ENC_ERR_GENERIC;
}

NVENCSTATUS codec_count(void*, std::uint32_t* count) {
  *count = is("no_hevc") ? 1 : 2;
  return NV_ENC_SUCCESS;
}

NVENCSTATUS codecs(void*, GUID* all, std::uint32_t size, std::uint32_t* count) {
  const GUID known[] = {NV_ENC_CODEC_H264_GUID, NV_ENC_CODEC_HEVC_GUID};
  codec_count(nullptr, count);
  if (size < *count) return NV_ENC_ERR_INVALID_PARAM;
  std::copy_n(known, *count, all);
  return NV_ENC_SUCCESS;
}

NVENCSTATUS capability(void*, GUID, NV_ENC_CAPS_PARAM* asked, int* value) {
  if (asked->version != NV_ENC_CAPS_PARAM_VER) return NV_ENC_ERR_INVALID_VERSION;
  const bool is_width = asked->capsToQuery == NV_ENC_CAPS_WIDTH_MAX;
  *value = is("small") ? (is_width ? 1280 : 720) : 4096;
  return NV_ENC_SUCCESS;
}

NVENCSTATUS preset(void*, GUID, GUID which, NV_ENC_TUNING_INFO tuning, NV_ENC_PRESET_CONFIG* out) {
  if (out->version != NV_ENC_PRESET_CONFIG_VER || out->presetCfg.version != NV_ENC_CONFIG_VER)
    return NV_ENC_ERR_INVALID_VERSION;
  if (std::memcmp(&which, &NV_ENC_PRESET_P4_GUID, sizeof which) != 0) return NV_ENC_ERR_UNSUPPORTED_PARAM;
  if (tuning != NV_ENC_TUNING_INFO_LOW_LATENCY) return NV_ENC_ERR_UNSUPPORTED_PARAM;
  return NV_ENC_SUCCESS;
}

NVENCSTATUS initialize(void* encoder, NV_ENC_INITIALIZE_PARAMS* asked) {
  session* const s = of(encoder);
  if (asked->version != NV_ENC_INITIALIZE_PARAMS_VER || asked->encodeConfig->version != NV_ENC_CONFIG_VER)
    return NV_ENC_ERR_INVALID_VERSION;
  const auto& rate = asked->encodeConfig->rcParams;
  if (rate.rateControlMode != NV_ENC_PARAMS_RC_CBR || asked->encodeConfig->frameIntervalP != 1)
    return fail(s, NV_ENC_ERR_INVALID_PARAM, "no constant bit rate, or B pictures");
  s->codec = std::memcmp(&asked->encodeGUID, &NV_ENC_CODEC_H264_GUID, sizeof(GUID)) == 0 ? video_codec::h264
                                                                                         : video_codec::hevc;
  s->size = {asked->encodeWidth, asked->encodeHeight};
  s->bytes_per_picture = rate.averageBitRate / 8 / (asked->frameRateNum / asked->frameRateDen);
  return NV_ENC_SUCCESS;
}

NVENCSTATUS register_resource(void* encoder, NV_ENC_REGISTER_RESOURCE* known) {
  if (known->version != NV_ENC_REGISTER_RESOURCE_VER) return NV_ENC_ERR_INVALID_VERSION;
  if (known->resourceToRegister == nullptr || known->pitch < known->width) return NV_ENC_ERR_RESOURCE_REGISTER_FAILED;
  known->registeredResource = new_handle();
  of(encoder)->registered.insert(known->registeredResource);
  return NV_ENC_SUCCESS;
}

NVENCSTATUS unregister_resource(void* encoder, void* resource) {
  return of(encoder)->registered.erase(resource) == 1 ? NV_ENC_SUCCESS : NV_ENC_ERR_RESOURCE_NOT_REGISTERED;
}

NVENCSTATUS map(void* encoder, NV_ENC_MAP_INPUT_RESOURCE* asked) {
  if (asked->version != NV_ENC_MAP_INPUT_RESOURCE_VER) return NV_ENC_ERR_INVALID_VERSION;
  if (!of(encoder)->registered.contains(asked->registeredResource)) return NV_ENC_ERR_MAP_FAILED;
  asked->mappedResource = new_handle();
  of(encoder)->mapped.insert(asked->mappedResource);
  return NV_ENC_SUCCESS;
}

NVENCSTATUS unmap(void* encoder, void* resource) {
  return of(encoder)->mapped.erase(resource) == 1 ? NV_ENC_SUCCESS : NV_ENC_ERR_RESOURCE_NOT_MAPPED;
}

NVENCSTATUS create_output(void* encoder, NV_ENC_CREATE_BITSTREAM_BUFFER* made) {
  if (made->version != NV_ENC_CREATE_BITSTREAM_BUFFER_VER) return NV_ENC_ERR_INVALID_VERSION;
  made->bitstreamBuffer = new_handle();
  of(encoder)->outputs[made->bitstreamBuffer];
  return NV_ENC_SUCCESS;
}

NVENCSTATUS destroy_output(void* encoder, void* buffer) {
  return of(encoder)->outputs.erase(buffer) == 1 ? NV_ENC_SUCCESS : NV_ENC_ERR_INVALID_PARAM;
}

NVENCSTATUS encode(void* encoder, NV_ENC_PIC_PARAMS* asked) {
  session* const s = of(encoder);
  if (asked->version != NV_ENC_PIC_PARAMS_VER) return NV_ENC_ERR_INVALID_VERSION;
  if (asked->encodePicFlags & NV_ENC_PIC_FLAG_EOS) {
    s->has_ended = true;
    return NV_ENC_SUCCESS;
  }
  if (s->has_ended) return fail(s, NV_ENC_ERR_INVALID_CALL, "a picture after the end");
  if (!s->mapped.contains(asked->inputBuffer)) return fail(s, NV_ENC_ERR_INVALID_PARAM, "a picture that is not mapped");
  const auto output = s->outputs.find(asked->outputBitstream);
  if (output == s->outputs.end()) return fail(s, NV_ENC_ERR_INVALID_PARAM, "no such output");
  if (s->written.contains(output->first)) return fail(s, NV_ENC_ERR_INVALID_CALL, "an output that was not read yet");
  const std::uint32_t frame = s->frames++;
  if (is("encode_error") && frame == 5) return fail(s, NV_ENC_ERR_GENERIC, "the engine gave up");
  if (is("holds_back") && frame == 0) return NV_ENC_ERR_NEED_MORE_INPUT;
  const bool is_key = (asked->encodePicFlags & NV_ENC_PIC_FLAG_FORCEIDR) != 0;
  s->written.insert(output->first);
  output->second.clear();
  picture_size stated = s->size;
  if (is("wrong_size")) stated.height += 8;
  if ((asked->encodePicFlags & NV_ENC_PIC_FLAG_OUTPUT_SPSPPS) != 0)
    append(output->second, gpubench::video::made_parameter_set(s->codec, stated));
  if (is("loses_a_picture") && frame % 60 == 30) return NV_ENC_SUCCESS;
  const int filling = static_cast<int>(is("starves") ? s->bytes_per_picture / 20 : s->bytes_per_picture * 3 / 4);
  append(output->second, gpubench::video::made_slice(s->codec, is_key, true, filling));
  return NV_ENC_SUCCESS;
}

NVENCSTATUS lock(void* encoder, NV_ENC_LOCK_BITSTREAM* locked) {
  session* const s = of(encoder);
  if (locked->version != NV_ENC_LOCK_BITSTREAM_VER) return NV_ENC_ERR_INVALID_VERSION;
  if (!s->written.contains(locked->outputBitstream))
    return fail(s, NV_ENC_ERR_INVALID_CALL, "nothing was written there");
  stream_bytes& bytes = s->outputs[locked->outputBitstream];
  locked->bitstreamBufferPtr = bytes.data();
  locked->bitstreamSizeInBytes = static_cast<std::uint32_t>(bytes.size());
  return NV_ENC_SUCCESS;
}

NVENCSTATUS unlock(void* encoder, void* output) {
  return of(encoder)->written.erase(output) == 1 ? NV_ENC_SUCCESS : NV_ENC_ERR_INVALID_CALL;
}

const char* last_error(void* encoder) {
  return of(encoder)->error.c_str();
}

}  // namespace

extern "C" {

NVENCSTATUS NvEncodeAPIGetMaxSupportedVersion(std::uint32_t* version) {
  *version = is("too_old") ? 10U << 4 : NVENCAPI_MAJOR_VERSION << 4 | NVENCAPI_MINOR_VERSION;
  return NV_ENC_SUCCESS;
}

NVENCSTATUS NvEncodeAPICreateInstance(NV_ENCODE_API_FUNCTION_LIST* list) {
  if (list->version != NV_ENCODE_API_FUNCTION_LIST_VER) return NV_ENC_ERR_INVALID_VERSION;
  list->nvEncOpenEncodeSessionEx = open_session;
  list->nvEncDestroyEncoder = destroy;
  list->nvEncGetEncodeGUIDCount = codec_count;
  list->nvEncGetEncodeGUIDs = codecs;
  list->nvEncGetEncodeCaps = capability;
  list->nvEncGetEncodePresetConfigEx = preset;
  list->nvEncInitializeEncoder = initialize;
  list->nvEncRegisterResource = register_resource;
  list->nvEncUnregisterResource = unregister_resource;
  list->nvEncMapInputResource = map;
  list->nvEncUnmapInputResource = unmap;
  list->nvEncCreateBitstreamBuffer = create_output;
  list->nvEncDestroyBitstreamBuffer = destroy_output;
  list->nvEncEncodePicture = encode;
  list->nvEncLockBitstream = lock;
  list->nvEncUnlockBitstream = unlock;
  list->nvEncGetLastErrorString = last_error;
  return NV_ENC_SUCCESS;
}

/// Not of NVENC: sessions that were opened and not closed with nothing left in them.
int fake_nvenc_open_sessions() {
  return open_sessions;
}
}
