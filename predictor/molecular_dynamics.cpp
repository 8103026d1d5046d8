#include "predictor/molecular_dynamics.hpp"

#include "predictor/device_memory.hpp"

namespace gpubench::predictor {
namespace {

constexpr double pair_instructions = 17, pair_integers = 5;
constexpr double line_bytes = 128, list_entry_bytes = 4;
constexpr double gathers_from_l2 = 0.3;
constexpr double values_of_an_atom = 31, position_values = 4;
constexpr double candidates_of_an_entry = 6.4, candidate_instructions = 8, candidate_integers = 4;
constexpr double launches_of_a_step = 4;

}  // namespace

vector_work lennard_jones_work(double cache_bytes, const lennard_jones_shape& s) {
  const double atom_steps = s.atoms * s.steps, pairs = atom_steps * s.neighbours;
  const double candidates = pairs * candidates_of_an_entry / s.rebuild_every;
  const double value_bytes = s.fp64 ? 8 : 4;
  vector_work w;
  (s.fp64 ? w.fp64 : w.fp32) = pairs * pair_instructions + candidates * candidate_instructions;
  w.int32 = pairs * pair_integers + candidates * candidate_integers;
  w.special = pairs;
  const double gathers = pairs + candidates;
  w.near_bytes = gathers * line_bytes;
  w.l2_bytes = gathers * gathers_from_l2 * position_values * value_bytes;
  const double positions = s.atoms * position_values * value_bytes;
  w.bytes = pairs * list_entry_bytes * (1 + 1 / s.rebuild_every) + atom_steps * values_of_an_atom * value_bytes +
            w.l2_bytes * missed_share(positions, cache_bytes);
  w.working_set_bytes = s.atoms * (s.neighbours * list_entry_bytes + values_of_an_atom * value_bytes / 2);
  w.threads = s.atoms;
  w.launches = s.steps * launches_of_a_step;
  return w;
}

}  // namespace gpubench::predictor
