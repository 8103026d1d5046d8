#include "bench/host/openblas.hpp"

#include "bench/libraries.hpp"
#include "core/error.hpp"
#include "core/memory_room.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <thread>
#include <vector>

namespace gpubench::bench::host {
namespace {

constexpr const char* file_name = "libopenblas.so.0";
constexpr const char* kernels_variable = "OPENBLAS_CORETYPE";

/// Before it may be loaded: refused the memory for its buffers, OpenBLAS asks for it again and again, for ever (tried:
/// 0.3.21), while it is being loaded and at its first product.
void require_room_for_buffers(unsigned threads) {
  // One buffer a thread and one of the caller; releases differ in their size by processor, and this is the largest.
  constexpr double buffer_bytes = 128 * mib, library_bytes = 64 * mib;
  require_room_for((threads + 1) * buffer_bytes + threads * thread_stack_bytes() + library_bytes,
                   fmt::format("OpenBLAS on {} threads", threads));
}

void* open_library() {
  void* handle = dlopen(file_name, RTLD_NOW | RTLD_LOCAL);
  if (handle) return handle;
  const char* reason = dlerror();
  throw error(error_kind::environment, fmt::format("cannot load OpenBLAS: {}", reason ? reason : file_name),
              "install libopenblas0-openmp (scripts/setup.sh does)");
}

template <class Function>
Function function_of(void* handle, const char* name) {
  auto function = reinterpret_cast<Function>(dlsym(handle, name));
  if (function) return function;
  throw error(error_kind::environment, fmt::format("{} has no function {}", file_name, name),
              "another library stands in for OpenBLAS; install libopenblas0-openmp");
}

/// Takes the buffers of all threads and of the caller while there is room for them: OpenBLAS keeps them.
void multiply_once(const openblas_library& library, unsigned threads) {
  library.set_num_threads(static_cast<int>(threads));
  constexpr int size = 256;  // smaller products may do without
  const std::vector<float> a(std::size_t{size} * size, 1.0F);
  std::vector<float> c(a.size());
  library.sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, size, size, size, 1.0F, a.data(), size, a.data(), size, 0.0F,
                c.data(), size);
}

std::string kernels_of(void* handle) {
  return function_of<decltype(&openblas_get_corename)>(handle, "openblas_get_corename")();
}

std::optional<std::string> better_kernels_here(const std::string& chosen) {
#if defined(__x86_64__)
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  return better_kernels(chosen, __builtin_cpu_supports("avx2") != 0, avx512, __builtin_cpu_is("amd") != 0);
#else
  return chosen.empty() ? std::nullopt : std::optional<std::string>();
#endif
}

openblas_library load() {
  const unsigned threads = std::max(1U, std::thread::hardware_concurrency());
  require_room_for_buffers(threads);
  void* handle = open_library();
  if (const auto better = better_kernels_here(kernels_of(handle)); better && !std::getenv(kernels_variable)) {
    dlclose(handle);
    setenv(kernels_variable, better->c_str(), 0);
    handle = open_library();
  }
  openblas_library library;
  library.sgemm = function_of<decltype(library.sgemm)>(handle, "cblas_sgemm");
  library.dgemm = function_of<decltype(library.dgemm)>(handle, "cblas_dgemm");
  library.sgemv = function_of<decltype(library.sgemv)>(handle, "cblas_sgemv");
  library.set_num_threads = function_of<decltype(library.set_num_threads)>(handle, "openblas_set_num_threads");
  library.kernels = kernels_of(handle);
  library.configuration =
      std::string(trim(function_of<decltype(&openblas_get_config)>(handle, "openblas_get_config")()));
  multiply_once(library, threads);
  return library;
}

const library_registration registered{"openblas", [] { return openblas().configuration; }};

}  // namespace

const openblas_library& openblas() {
  static const openblas_library library = load();
  return library;
}

const openblas_library& openblas(int threads) {
  openblas().set_num_threads(std::max(1, threads));
  return openblas();
}

std::optional<std::string> openblas_unavailable() {
  try {
    const auto& library = openblas();
    const auto better = better_kernels_here(library.kernels);
    if (!better) return std::nullopt;
    return fmt::format("OpenBLAS uses its {} kernels, which do not suit this processor; set {}={}", library.kernels,
                       kernels_variable, *better);
  } catch (const error& e) {
    return fmt::format("{} ({})", e.what(), e.hint());
  }
}

std::optional<std::string> better_kernels(const std::string& chosen, bool has_avx2, bool has_avx512, bool is_amd) {
  // Kernels without 256-bit fused multiply-add, as OpenBLAS names them.
  constexpr std::string_view older[] = {"prescott", "core2",       "penryn",       "dunnington", "nehalem",
                                        "atom",     "athlon",      "opteron",      "barcelona",  "bobcat",
                                        "nano",     "generic",     "opteron_sse3", "bulldozer",  "piledriver",
                                        "unknown",  "steamroller", "excavator",    "sandybridge"};
  const std::string name = to_lower(chosen);
  const bool is_older = std::find(std::begin(older), std::end(older), name) != std::end(older);
  // Releases of this kind run their Haswell and Zen kernels on AMD's processors with AVX-512 by choice.
  if (has_avx512 && (is_older || (name == "haswell" && !is_amd))) return "SkylakeX";
  if (has_avx2 && is_older) return is_amd ? "Zen" : "Haswell";
  return std::nullopt;
}

}  // namespace gpubench::bench::host
