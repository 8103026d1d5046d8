#include "predictor/residual_surface.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <nanoflann.hpp>
#include <utility>

namespace gpubench::predictor {
namespace {

constexpr std::size_t neighbours = 8;
constexpr double nearness = 0.05;  // squared octaves that are added, so that an exact hit does not silence the others
constexpr double fitting_weight = 0.25;  // of the residual 0, which is taken to lie two octaves away: 1 / 2^2
constexpr double faded_from = 2;         // octaves

constexpr float same_shape = 1e-4F;  // squared octaves: what is left of sizes after they were written to a file

struct cloud {
  std::vector<residual_point> points;

  std::size_t kdtree_get_point_count() const { return points.size(); }
  float kdtree_get_pt(std::size_t i, std::size_t dimension) const { return points[i].at[dimension]; }
  template <class Box>
  bool kdtree_get_bbox(Box&) const {
    return false;
  }
};

}  // namespace

struct residual_surface::index {
  using tree_type = nanoflann::KDTreeSingleIndexAdaptor<nanoflann::L2_Simple_Adaptor<float, cloud>, cloud,
                                                        static_cast<int>(most_features), std::uint32_t>;
  explicit index(std::vector<residual_point> list)
      : points{std::move(list)},
        tree(static_cast<int>(most_features), points, nanoflann::KDTreeSingleIndexAdaptorParams(8)) {
    tree.buildIndex();
  }

  cloud points;
  tree_type tree;
};

residual_surface::residual_surface(std::vector<residual_point> points) {
  if (!points.empty()) points_ = std::make_shared<const index>(std::move(points));
}

residual_lookup residual_surface::at(const feature_vector& where) const {
  if (!points_) return {};
  std::array<std::uint32_t, neighbours> found{};
  std::array<float, neighbours> squared{};
  const std::size_t count = points_->tree.knnSearch(where.data(), neighbours, found.data(), squared.data());
  // A shape that was measured is its own measurement, or the mean of several.
  double same = 0, same_sum = 0;
  for (std::size_t i = 0; i < count && squared[i] < same_shape; ++i) {
    ++same;
    same_sum += points_->points.points[found[i]].log_residual;
  }
  if (same > 0) return {same_sum / same, 0};
  double weights = fitting_weight, sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const double weight = 1 / (squared[i] + nearness);
    weights += weight;
    sum += weight * points_->points.points[found[i]].log_residual;
  }
  const double distance = std::sqrt(static_cast<double>(squared[0]));
  // Eight shapes that agree would outweigh the prior at any distance: beyond two octaves half is lost with each.
  const double fade = std::exp2(-std::max(0.0, distance - faded_from));
  return {fade * sum / weights, distance};
}

}  // namespace gpubench::predictor
