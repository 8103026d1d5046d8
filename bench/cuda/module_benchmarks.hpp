#pragma once

#include "bench/cuda/loader.hpp"
#include "bench/cuda/module_interface.h"
#include "bench/registry.hpp"

#include <vector>

namespace gpubench::bench {

/// What an initialised module offers, as the program's own types: its devices, and one definition per benchmark and
/// device. The definitions call the module, which therefore must stay loaded.
/// @throws error: internal when the module describes something that this program does not know.
std::vector<cuda_device> devices_of(const gpubench_module_table& module);
std::vector<benchmark_definition> benchmarks_of(const gpubench_module_table& module);

}  // namespace gpubench::bench
