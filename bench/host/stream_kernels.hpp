#pragma once

#include <cstddef>

namespace gpubench::bench {

// The inner loops of the memory benchmarks, each over `count` elements and compiled once for every vector length that
// matters, so that one program runs at full speed on every machine. Plain loops with ordinary stores: what a compiler
// makes of a user's code, and what STREAM measures. The source of these four is McCalpin, "STREAM: Sustainable Memory
// Bandwidth in High Performance Computers", https://www.cs.virginia.edu/stream/.
void stream_copy_range(double* c, const double* a, std::size_t count);
void stream_scale_range(double* b, const double* c, double scalar, std::size_t count);
void stream_add_range(double* c, const double* a, const double* b, std::size_t count);
void stream_triad_range(double* a, const double* b, const double* c, double scalar, std::size_t count);

void fill_range(double* a, double value, std::size_t count);
/// Adds in many interleaved partial sums, since one chain of additions would wait for the adder and not for the memory.
double sum_range(const double* a, std::size_t count);

}  // namespace gpubench::bench
