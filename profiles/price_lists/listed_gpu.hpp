#pragma once

#include "profiles/catalogue.hpp"

#include <optional>
#include <string>

namespace gpubench::profiles::detail {

/// The GPU that a list means. Where the name alone gives one of another memory ("A100" of 80 GiB), the name with the
/// memory after it is tried: "A100-80GB".   @return nullptr when unknown.
/// @param memory_bytes  of one GPU, if listed
const gpu_spec* find_listed_gpu(const catalogue& known, const std::string& name, std::optional<double> memory_bytes);

/// Whether two sizes of GPU memory are one: lists round between GB and GiB, and take off what the driver reserves.
bool is_same_memory(double a_bytes, double b_bytes);

}  // namespace gpubench::profiles::detail
