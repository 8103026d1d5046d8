#pragma once

#include <string>

#include "predictor/prediction_case.hpp"

namespace gpubench::predictor {

/// Whether the case is a copy over a link or within a device: op=copy with bytes= (with rows= it is the element-wise
/// kernel), op=memcpy, or the name of a kind of copy.
bool is_copy(const std::string& op, const case_parameters& parameters);

/// op=copy;kind=host_to_device|device_to_host|device_to_device|peer;bytes;memory=pinned|pageable;interconnect
/// Kinds also by h2d, d2h, d2d, p2p. `interconnect` is that between the GPUs of a peer copy.
/// @throws error: input naming what is missing or impossible.
case_answer copy_case(const std::string& op, const prediction_case& what, const case_parameters& parameters,
                      case_context& with);

}  // namespace gpubench::predictor
