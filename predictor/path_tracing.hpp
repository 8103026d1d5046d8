#pragma once

#include "predictor/vector_work.hpp"

namespace gpubench::predictor {

/// Rays through a scene, at a cost that the caller knows of it: it differs by a hundred times between scenes.
struct ray_cost {
  double instructions = 0;  ///< stated outright; 0: counted from the tests
  double bytes = 0;         ///< of the scene, read for a ray; 0: counted from the tests
  double box_tests = 0, triangle_tests = 0;
  bool coherent = false;  ///< neighbours go the same way: rays from the camera, shadows of one light
};

/// The work of software traversal, a thread a ray, in fp32; no hardware for rays is taken into account.
/// - a box: 6 multiply-adds to the slabs and 8 minima and maxima (Williams et al., "An efficient and robust ray-box
///   intersection algorithm", 2005); 32 bytes of its node; 4 integer instructions for the stack;
/// - a triangle: two cross products, four scalar products, bounds: 35 instructions and a reciprocal (Moeller and
///   Trumbore, "Fast, minimum storage ray/triangle intersection", 1997), 48 bytes;
/// - shading, random numbers, the ray itself: 200 instructions and 64 bytes. Assumed.
/// Nodes come from L2, half of them from the caches before it.
vector_work path_tracing_work(double rays, const ray_cost& cost);

/// Lanes of a warp that have something to do: Aila and Laine, "Understanding the efficiency of ray traversal on GPUs",
/// HPG 2009, find most of the loss there and little in memory. Of rays that scatter a fifth, between the two fifths
/// that they find of traversal alone and the tenth that `path_tracer` came to on an H200 (docs/performance.md); the
/// rest is assumed.
vector_assumptions path_tracing_assumptions(const ray_cost& cost);

}  // namespace gpubench::predictor
