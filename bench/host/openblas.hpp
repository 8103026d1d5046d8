#pragma once

#include <cblas.h>

#include <optional>
#include <string>

namespace gpubench::bench::host {

/// OpenBLAS, loaded when it is first needed rather than linked: it chooses its kernels while it is being loaded, and a
/// release older than the processor takes those of a 2004 Pentium 4 (tried: 0.3.21 on an Emerald Rapids, a tenth of the
/// speed). Loading it ourselves lets us name better ones through its documented variable OPENBLAS_CORETYPE, unless the
/// user has set it.
struct openblas_library {
  decltype(&cblas_sgemm) sgemm = nullptr;
  decltype(&cblas_dgemm) dgemm = nullptr;
  decltype(&cblas_sgemv) sgemv = nullptr;
  decltype(&openblas_set_num_threads) set_num_threads = nullptr;
  std::string configuration;  ///< version, build options and kernels, in OpenBLAS's own words
  std::string kernels;        ///< "SkylakeX"
};

/// @throws error: environment when the library is missing or lacks a function; out_of_device_memory where its buffers
/// do not fit what this process may have
const openblas_library& openblas();
/// The same, set to as many threads whichever way it was built.
const openblas_library& openblas(int threads);

/// Why OpenBLAS cannot be measured here: it is missing, or its kernels are far older than the processor.
std::optional<std::string> openblas_unavailable();

/// Name for OPENBLAS_CORETYPE that suits a processor better than the kernels that OpenBLAS chose; nothing when they do.
std::optional<std::string> better_kernels(const std::string& chosen, bool has_avx2, bool has_avx512, bool is_amd);

}  // namespace gpubench::bench::host
