#pragma once

// Several versions of a loop, the processor's best chosen when the program starts; as a call, never in line. By single
// features rather than "arch=", which GCC 11 compares with the processor's exact model and from GCC 12 on knows by
// level: "fma" is the 256-bit class with fused multiply-adds (Haswell and Zen on), as each cloud processor with AVX2
// has them. Left out where the tool chain cannot, and under sanitizers, whose run times are not up when the choice is
// made.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define GPUBENCH_VECTOR_CLONES __attribute__((noinline, target_clones("avx512f", "fma", "default")))
#else
#define GPUBENCH_VECTOR_CLONES
#endif

// The same with all that a version calls put in line, so that it is compiled for it too.
#if defined(__GNUC__) && !defined(__clang__)
#define GPUBENCH_FLAT_VECTOR_CLONES GPUBENCH_VECTOR_CLONES __attribute__((flatten))
#else
#define GPUBENCH_FLAT_VECTOR_CLONES GPUBENCH_VECTOR_CLONES
#endif
