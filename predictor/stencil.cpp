#include "predictor/stencil.hpp"

#include <cmath>

#include "predictor/device_memory.hpp"

namespace gpubench::predictor {
namespace {

constexpr double tile_x = 32, tile_y = 16;
constexpr double index_instructions = 4;  // of a point

}  // namespace

double stencil_shape::taps() const {
  return box ? std::pow(2 * radius + 1, 3) : 6 * radius + 1;
}

vector_work stencil_work(double cache_bytes, const stencil_shape& s) {
  const double updates = s.points() * s.steps;
  vector_work w;
  (s.fp64 ? w.fp64 : w.fp32) = updates * s.taps();
  w.int32 = updates * index_instructions;
  w.near_bytes = updates * s.value_bytes * (s.box ? s.taps() : 4 * s.radius + 1);
  const double planes = (2 * s.radius + 1) * s.nx * s.ny * s.value_bytes;
  const double rims = 2 * s.radius * (1 / tile_x + 1 / tile_y);
  w.bytes = updates * s.value_bytes * (2 + rims * missed_share(planes, cache_bytes));
  w.working_set_bytes = 2 * s.points() * s.value_bytes;
  w.threads = s.nx * s.ny * std::fmax(1, s.nz / 32);  // the march is cut where there are few tiles
  w.launches = s.steps;
  return w;
}

}  // namespace gpubench::predictor
