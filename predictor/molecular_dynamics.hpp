#pragma once

#include "predictor/vector_work.hpp"

namespace gpubench::predictor {

/// Time steps of a liquid with a Lennard-Jones force that is cut off.
struct lennard_jones_shape {
  double atoms = 0;
  double neighbours = 0;  ///< entries of an atom's list: every pair stands in both atoms' lists
  double steps = 1;
  double rebuild_every = 20;  ///< steps between two builds of the lists
  bool fp64 = false;
};

/// The work of a thread an atom over full neighbour lists and velocity Verlet, as LAMMPS runs them on GPUs (Brown et
/// al., "Implementing molecular dynamics on hybrid high performance computers - short range forces", Computer Physics
/// Communications 182, 2011):
/// - a pair: three differences, their squares summed, a comparison with the cutoff (7 instructions); (s/r)^6, its two
///   terms, the force and its three sums (10, and a reciprocal); 5 integer instructions. Threads of a warp that are
///   beyond the cutoff wait for the others.
/// - its memory: 4 bytes of list from device memory, and the neighbour's position, a line of the first-level cache of
/// its
///   own (one line a clock and multiprocessor), three in ten times from L2.
/// - an atom: position, velocity and force, 31 values read or written in force and integration.
/// - lists: 27 cells of a cutoff's side hold 27 / (4/3 pi) = 6.4 candidates an entry, 12 instructions each.
/// Four launches a step.
/// @param cache_bytes  L2 of a GPU, the last caches of a CPU
vector_work lennard_jones_work(double cache_bytes, const lennard_jones_shape& shape);

/// Latency of gathers and bookkeeping of whole programs, three times slower than their force kernel at worst: assumed.
inline constexpr vector_assumptions lennard_jones_assumptions{0.5, 1, 0.6, 3, 0.065, 0.6};

}  // namespace gpubench::predictor
