#pragma once

#include "bench/rendering/scene_arrays.hpp"

namespace gpubench::rendering {

/// A bounding volume hierarchy over triangles, which are put into the order of its leaves; the first node is the root.
/// Split by the surface area heuristic over 16 bins an axis (Wald, "On fast construction of SAH-based bounding volume
/// hierarchies", 2007) into a binary tree, whose nodes are then joined, the largest first, into nodes of up to eight
/// children (Wald, Benthin and Boulos, "Getting rid of packets", 2008).
/// @throws error: usage for no triangles, and for more than fit the numbering of leaves (2^27); internal for a tree
/// deeper than the search's stack.
node_list build_hierarchy(triangle_list& triangles);

}  // namespace gpubench::rendering
