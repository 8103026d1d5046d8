#pragma once

#include "core/csv.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "predictor/prediction_case.hpp"
#include "predictor/serving_step.hpp"

namespace gpubench::predictor {

/// A measured server at one number of requests in flight.
struct serving_observation {
  serving_case server;
  std::string model, gpu;
  std::string engine;  ///< as engine_name() writes it
  double version = 0;
  std::optional<double> tpot_seconds, ttft_seconds;  ///< means; one of them at least
  int fold = 0;                                      ///< 0 to 9, of the server's parameters
  std::string origin;                                ///< "servers.csv:17"
};

struct serving_observations {
  std::vector<std::pair<std::string, std::string>> conditions;  ///< column and value that a table's row must have
  std::vector<serving_observation> rows;
  std::vector<std::string> dropped;  ///< "servers.csv:17: reads 5.1 TB/s of each GPU, whose memory gives 3.35"
  std::size_t passed_over = 0;       ///< disaggregated, or of no stated engine version
};

/// Whether a table is of servers: it has isl, osl and concurrency.
bool is_serving_table(const csv_table& table);

/// Columns gpu, model (or serve), isl, osl, concurrency, engine, engine_version, tpot_ms or ttft_ms or both, and where
/// there precision, gpu_count (or n_gpus), tp_size, pp_size, attention_dp_size, mode. Rows that cannot be true (a token
/// in less time than the weights take to be read) are dropped.
/// @throws error: input at file:line:column for what is missing, unknown or impossible.
void add_servers(const csv_table& table, case_context& with, serving_observations& to);

}  // namespace gpubench::predictor
