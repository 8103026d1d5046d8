#include "predictor/path_tracing.hpp"

namespace gpubench::predictor {
namespace {

constexpr double box_instructions = 14, box_integers = 4, box_bytes = 32;
constexpr double triangle_instructions = 35, triangle_bytes = 48;
constexpr double shading_instructions = 200, ray_bytes = 64;
constexpr double past_first_cache = 0.5;

}  // namespace

vector_work path_tracing_work(double rays, const ray_cost& cost) {
  vector_work w;
  w.fp32 = rays * (cost.instructions > 0 ? cost.instructions
                                         : cost.box_tests * box_instructions +
                                               cost.triangle_tests * triangle_instructions + shading_instructions);
  w.int32 = rays * cost.box_tests * box_integers;
  w.special = rays * cost.triangle_tests;
  const double scene = cost.bytes > 0 ? cost.bytes : cost.box_tests * box_bytes + cost.triangle_tests * triangle_bytes;
  w.near_bytes = rays * scene;
  w.l2_bytes = rays * scene * past_first_cache;
  w.bytes = rays * ray_bytes;
  w.threads = rays;
  return w;
}

vector_assumptions path_tracing_assumptions(const ray_cost& cost) {
  return {0.6, cost.coherent ? 0.7 : 0.2, 0.4, 3, 0.027, 0.5};
}

}  // namespace gpubench::predictor
