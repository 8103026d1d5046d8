#pragma once

#include "predictor/gpu_traits.hpp"

namespace gpubench::predictor {

/// Share of the data sheet's bandwidth that a kernel reaches which reads and writes long arrays, as a class of memory
/// and controller typically does. ECC kept in the memory itself takes its part on GDDR boards up to Turing.
///
/// Sources: Jia et al., Dissecting the NVIDIA Turing T4 GPU via Microbenchmarking (2019), table 3.1 (P100, V100, T4);
/// te42kyfo/gpu-benches gpu-stream, scale and triad (A100 40 and 80 GB, A40, L40, H100-PCIe, MI100, MI210).
double typical_stream_share(const gpu_traits& on);

/// Rate of reading from L2 with all multiprocessors. Bytes a clock and multiprocessor: about 20 up to Turing (Jia et
/// al., as above), 36 on A100 and Hopper and 15 on GDDR boards since Ampere (te42kyfo/gpu-benches gpu-l2-cache, 2024).
double l2_bytes_per_second(const gpu_traits& on);

/// Data that stay near the multiprocessors between two passes over them: L2, and since Volta the first-level caches,
/// which keep what is read (NVIDIA, Volta tuning guide, "Unified Shared Memory/L1/Texture Cache"); of each at least
/// 64 KiB, what Turing has.
double near_cache_bytes(const gpu_traits& on);

/// Share, 0 to 1, of the traffic of a working set of so many bytes that goes to device memory although it was used
/// just before: none up to 60 % of L2, where the lines of its slices are still evenly taken, all from 100 %.
double missed_share(double working_set_bytes, double l2_bytes);

/// Threads that a multiprocessor holds: 1024 on Turing; else 2048, or 1536 on the GDDR parts since Ampere. Source:
/// NVIDIA, CUDA C++ Programming Guide, technical specifications per compute capability.
double resident_threads(const gpu_traits& on);

/// Time to move `bytes`, of which a working set of `working_set_bytes` was used just before and may be in L2.
/// @param share  of the data sheet's bandwidth for what goes to device memory
double transfer_seconds(const gpu_traits& on, double bytes, double working_set_bytes, double share);

}  // namespace gpubench::predictor
