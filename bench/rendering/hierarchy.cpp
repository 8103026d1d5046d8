#include "bench/rendering/hierarchy.hpp"

#include "bench/rendering/bounds.hpp"
#include "core/error.hpp"
#include "kernels/ray_intersection.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <utility>

namespace gpubench::rendering {
namespace {

using kernels::node_width;
using kernels::wide_node;

constexpr int bins = 16;
constexpr std::uint32_t most_in_leaf = 4;
// Of a step down a node, in tests of a triangle. Assumed: eight boxes at once cost about as much as one triangle.
constexpr float step_cost = 1;

struct binary_node {
  bounds box;
  std::uint32_t left = 0, right = 0;   // 0: a leaf, for the root is nobody's child
  std::uint32_t first = 0, count = 0;  // of `order`
  bool is_leaf() const { return left == 0; }
};

struct item {
  bounds box;
  std::array<float, 3> centre;
  std::uint32_t triangle;
};

struct split {
  float cost = std::numeric_limits<float>::infinity();
  int axis = 0, bin = 0;  // items up to this bin go left
};

int bin_of(float centre, float lower, float per_length) {
  return std::clamp(static_cast<int>((centre - lower) * per_length), 0, bins - 1);
}

class binary_tree {
 public:
  explicit binary_tree(const triangle_list& triangles) : items_(triangles.size()) {
    for (std::uint32_t i = 0; i < items_.size(); ++i) {
      auto& one = items_[i];
      one.box = bounds_of(triangles[i]);
      for (std::size_t axis = 0; axis < 3; ++axis)
        one.centre[axis] = 0.5F * (one.box.lower[axis] + one.box.upper[axis]);
      one.triangle = i;
    }
    nodes_.reserve(items_.size());
    build(0, static_cast<std::uint32_t>(items_.size()));
  }

  const std::vector<binary_node>& nodes() const { return nodes_; }
  const std::vector<item>& order() const { return items_; }

 private:
  std::uint32_t build(std::uint32_t first, std::uint32_t count) {
    const auto index = static_cast<std::uint32_t>(nodes_.size());
    nodes_.emplace_back();
    bounds box, centres;
    for (auto i = first; i < first + count; ++i) {
      box.add(items_[i].box);
      centres.add(kernels::vector3{items_[i].centre[0], items_[i].centre[1], items_[i].centre[2]});
    }
    nodes_[index].box = box;
    nodes_[index].first = first;
    nodes_[index].count = count;
    if (count == 1) return index;
    const split best = best_split(first, count, centres, box.half_area());
    if (count <= most_in_leaf && best.cost >= static_cast<float>(count)) return index;
    auto middle = divide(first, count, centres, best);
    // All centres in one place: halves are as good as any.
    if (middle == first || middle == first + count) middle = first + count / 2;
    const auto left = build(first, middle - first);
    const auto right = build(middle, first + count - middle);
    nodes_[index].left = left;
    nodes_[index].right = right;
    return index;
  }

  split best_split(std::uint32_t first, std::uint32_t count, const bounds& centres, float half_area) const {
    split best;
    for (int axis = 0; axis < 3; ++axis) {
      if (!(centres.extent(axis) > 0)) continue;
      std::array<bounds, bins> box;
      std::array<std::uint32_t, bins> held{};
      const float lower = centres.lower[axis], per_length = bins / centres.extent(axis);
      for (auto i = first; i < first + count; ++i) {
        const auto bin =
            static_cast<std::size_t>(bin_of(items_[i].centre[static_cast<std::size_t>(axis)], lower, per_length));
        box[bin].add(items_[i].box);
        ++held[bin];
      }
      // Costs of the left sides, then of the right ones from the other end.
      std::array<float, bins> left_cost{};
      bounds side;
      std::uint32_t in_side = 0;
      for (std::size_t bin = 0; bin + 1 < bins; ++bin) {
        side.add(box[bin]);
        in_side += held[bin];
        left_cost[bin] = side.half_area() * static_cast<float>(in_side);
      }
      side = {};
      in_side = 0;
      for (std::size_t bin = bins - 1; bin > 0; --bin) {
        side.add(box[bin]);
        in_side += held[bin];
        const float sum = left_cost[bin - 1] + side.half_area() * static_cast<float>(in_side);
        const float cost = step_cost + (half_area > 0 ? sum / half_area : static_cast<float>(count));
        if (cost < best.cost) best = {cost, axis, static_cast<int>(bin) - 1};
      }
    }
    return best;
  }

  std::uint32_t divide(std::uint32_t first, std::uint32_t count, const bounds& centres, const split& by) {
    const auto axis = static_cast<std::size_t>(by.axis);
    if (!(centres.extent(by.axis) > 0)) return first;
    const float lower = centres.lower[axis], per_length = bins / centres.extent(by.axis);
    const auto begin = items_.begin() + first;
    const auto middle = std::partition(
        begin, begin + count, [&](const item& one) { return bin_of(one.centre[axis], lower, per_length) <= by.bin; });
    return first + static_cast<std::uint32_t>(middle - begin);
  }

  std::vector<item> items_;
  std::vector<binary_node> nodes_;
};

class wide_tree {
 public:
  explicit wide_tree(const std::vector<binary_node>& from) : from_(from) { join(0, 1); }

  node_list take() { return std::move(nodes_); }

 private:
  std::uint32_t join(std::uint32_t binary, int depth) {
    // A step down leaves at most seven siblings waiting.
    if (depth * (node_width - 1) + 1 > kernels::stack_size)
      throw error(error_kind::internal, "a scene's hierarchy is too deep for the search's stack");
    const auto index = static_cast<std::uint32_t>(nodes_.size());
    nodes_.emplace_back();
    std::array<std::uint32_t, node_width> part{};
    const std::size_t parts = children_of(binary, part);
    wide_node node;
    for (std::size_t lane = 0; lane < node_width; ++lane) {
      const bounds box = lane < parts ? from_[part[lane]].box : bounds{};
      for (std::size_t axis = 0; axis < 3; ++axis) {
        node.bounds[0][axis][lane] = box.lower[axis];
        node.bounds[1][axis][lane] = box.upper[axis];
      }
      node.child[lane] = lane < parts ? child_of(part[lane], depth) : kernels::leaf_of(0, 0);
    }
    nodes_[index] = node;
    return index;
  }

  std::uint32_t child_of(std::uint32_t binary, int depth) {
    const auto& node = from_[binary];
    return node.is_leaf() ? kernels::leaf_of(node.first, node.count) : join(binary, depth + 1);
  }

  /// Up to eight nodes that together cover a node: the largest is replaced by its children while there is room.
  std::size_t children_of(std::uint32_t binary, std::array<std::uint32_t, node_width>& part) const {
    part[0] = binary;
    std::size_t parts = 1;
    while (parts < node_width) {
      std::size_t chosen = parts;
      float most = -1;
      for (std::size_t i = 0; i < parts; ++i) {
        const auto& node = from_[part[i]];
        if (!node.is_leaf() && node.box.half_area() > most) {
          most = node.box.half_area();
          chosen = i;
        }
      }
      if (chosen == parts) break;
      const auto& node = from_[part[chosen]];
      part[chosen] = node.left;
      part[parts++] = node.right;
    }
    return parts;
  }

  const std::vector<binary_node>& from_;
  node_list nodes_;
};

}  // namespace

node_list build_hierarchy(triangle_list& triangles) {
  if (triangles.empty()) throw error(error_kind::usage, "a scene without triangles");
  if (triangles.size() > kernels::leaf_first_mask)
    throw error(error_kind::usage, "a scene of more than 2^27 triangles");
  const binary_tree tree(triangles);
  triangle_list ordered;
  ordered.reserve(triangles.size());
  for (const auto& one : tree.order()) ordered.push_back(triangles[one.triangle]);
  triangles = std::move(ordered);
  return wide_tree(tree.nodes()).take();
}

}  // namespace gpubench::rendering
