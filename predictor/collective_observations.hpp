#pragma once

#include "core/csv.hpp"
#include "profiles/catalogue.hpp"
#include "results/run.hpp"

#include <string>
#include <utility>
#include <vector>

#include "predictor/collective_fit.hpp"

namespace gpubench::predictor {

/// Collectives inside one node to calibrate on.
struct collective_observations {
  std::vector<std::pair<std::string, std::string>> conditions;  ///< column and value that a table's row must have
  std::vector<collective_observation> rows;
  std::vector<std::string> origins;  ///< "nccl.csv:17", of each row
  std::size_t passed_over = 0;       ///< of several nodes, in place, or of forced algorithms
};

/// Whether a table is of collectives: it has sizes (`bytes` or `message_size_bytes`) and numbers of ranks (`ranks` or
/// `n_gpus`).
bool is_collective_table(const csv_table& table);

/// Columns gpu, op, ranks or n_gpus, bytes or message_size_bytes (nccl-tests' size), a time as measured_seconds() takes
/// it, and where there dtype or precision (else fp16), nodes, interconnect (else the part's usual link).
/// @throws error: input at file:line:column for a GPU, collective, type or link that is not known, or sizes that are
///         not possible.
void add_collectives(const csv_table& table, const profiles::catalogue& known, collective_observations& to);

/// What `gpubench collective` measured between the GPUs of one machine, out of place, sums where something is summed,
/// and with NCCL's own choice of the algorithm.
void add_collectives(const results::run& run, const profiles::catalogue& known, collective_observations& to);

}  // namespace gpubench::predictor
