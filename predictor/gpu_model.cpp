#include "predictor/gpu_model.hpp"

#include "core/error.hpp"

#include <algorithm>
#include <cmath>

namespace gpubench::predictor {
namespace {

constexpr double same_shape_octaves = 0.01;
constexpr double interpolation_octaves = 2;
/// Another type of numbers lies that far away. Coefficients that were fitted on other kernels than those of this shape
/// are worth what another GPU's are.
constexpr double foreign_octaves = 3;

basis basis_of(nearness near) {
  switch (near) {
    case nearness::device:
      return basis::calibrated;
    case nearness::architecture:
      return basis::architecture;
    case nearness::other:
      break;
  }
  return basis::data_sheet;
}

}  // namespace

gpu_model::gpu_model(const gpu_traits& on, const operator_calibration& known) : on_(on) {
  for (const operator_family* family : operator_families()) {
    family_state state;
    state.family = family;
    state.known = &known.of(*family);
    state.own = state.known->find(on.name);
    state.coefficients = state.known->coefficients_for(*family, on);
    state.near = state.known->nearest_to(on);
    families_.push_back(std::move(state));
  }
}

estimate gpu_model::time(const operator_call& call) const {
  const auto state =
      std::find_if(families_.begin(), families_.end(), [&](const family_state& s) { return s.family->covers(call); });
  if (state == families_.end()) {
    throw error(error_kind::internal, "no model of operator kind '" + std::string(models::kind_of(call.shape)) + "'");
  }
  const kernel_time analytic = state->family->time(on_, call, state->coefficients.data());
  estimate e;
  e.bound_by = analytic.bound_by;
  nearness near = state->near;
  double correction = 0;
  const feature_vector where = state->family->features(call);
  if (state->own && !state->own->surface.empty()) {
    const residual_lookup found = state->own->surface.at(where);
    correction = found.log_residual;
    if (found.distance >= foreign_octaves && near == nearness::device) near = nearness::architecture;
    e.basis = basis_of(near);
    if (found.distance < interpolation_octaves) e.basis = basis::interpolated;
    if (found.distance < same_shape_octaves) e.basis = basis::measured;
  } else if (!state->own && state->known->transfer > 0) {
    correction = state->known->transfer * state->known->mean_surface.at(where).log_residual;
    e.basis = basis_of(near);
  } else {
    e.basis = basis_of(near);
  }
  e.seconds = analytic.seconds * std::exp(correction);
  const residual_band& band = state->known->bands[static_cast<std::size_t>(near)];
  e.low = e.seconds * band.low;
  e.high = e.seconds * band.high;
  return e;
}

}  // namespace gpubench::predictor
