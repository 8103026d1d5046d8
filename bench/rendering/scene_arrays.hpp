#pragma once

#include "core/huge_page_allocator.hpp"
#include "kernels/scene.hpp"

#include <vector>

namespace gpubench::rendering {

/// What rays read at random places.
using triangle_list = std::vector<kernels::triangle, huge_page_allocator<kernels::triangle>>;
using node_list = std::vector<kernels::wide_node, huge_page_allocator<kernels::wide_node>>;

}  // namespace gpubench::rendering
