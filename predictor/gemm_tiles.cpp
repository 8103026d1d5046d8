#include "predictor/gemm_tiles.hpp"

#include <algorithm>

namespace gpubench::predictor {
namespace {

/// Beyond this many waves an idle part of the last one is too small to be worth a split.
constexpr double most_waves_to_split = 6;
/// A further part has to save this much.
constexpr double worth_it = 0.97;

constexpr std::array<gemm_tile, 6> fixed = {{{256, 128}, {128, 256}, {128, 128}, {128, 64}, {64, 128}, {64, 64}}};

/// Width of a tile of height 1 / `per_height` along one side that just fills the waves which the widest needs.
double filling_width(double along, double across, double per_height, double batch, double multiprocessors) {
  constexpr double widest = 256, step = 32;
  const double strips = round_up(along * per_height) * batch;
  const double waves = std::max(1.0, round_up(strips * round_up(across * (1 / widest)) / multiprocessors));
  const double in_a_strip = std::max(1.0, round_down(waves * multiprocessors / strips));
  return std::min(widest, step * round_up(across / in_a_strip * (1 / step)));
}

}  // namespace

gemm_tiles tiles_for(bool asynchronous, double m, double n, double batch, double multiprocessors) {
  if (!asynchronous) return {fixed, 6};
  gemm_tiles chosen;
  for (const double height : {128.0, 64.0}) {
    chosen.tile[chosen.count++] = {height, filling_width(m, n, 1 / height, batch, multiprocessors)};
    chosen.tile[chosen.count++] = {filling_width(n, m, 1 / height, batch, multiprocessors), height};
  }
  return chosen;
}

double split_of(double waves, double k) {
  if (k < 2 * least_split_k || waves > most_waves_to_split) return 1;
  const double most = round_down(k * (1 / least_split_k));
  if (2 * waves <= 1) return std::min(most, round_down(1 / waves));
  // Waves for each part of the contraction, for every number of parts.
  double best = 1, fewest = worth_it * round_up(waves);
  constexpr double inverse[] = {1.0 / 2, 1.0 / 3, 1.0 / 4, 1.0 / 5, 1.0 / 6};
  double parts = 1;
  for (const double share : inverse) {
    parts += 1;
    const double own = round_up(waves * parts) * share;
    const bool better = own < fewest && parts <= most;
    fewest = better ? own * worth_it : fewest;
    best = better ? parts : best;
  }
  return best;
}

}  // namespace gpubench::predictor
