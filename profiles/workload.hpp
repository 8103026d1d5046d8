#pragma once

#include "models/precision.hpp"
#include "models/transformer.hpp"
#include "profiles/provenance.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gpubench::profiles {

enum class workload_kind { cnn_train, cnn_infer, transformer_train, llm_serve, operators, host };
/// "cnn-train", "cnn-infer", "transformer-train", "llm-serve", "operators", "host"
std::string_view to_string(workload_kind kind);
std::optional<workload_kind> parse_workload_kind(std::string_view name);

/// How a server is to answer what arrives ([service] of a workload): percentiles of single requests.
struct service_level {
  std::optional<double> requests_per_second;
  double arrival_cv = 1;                              ///< of the times between requests: 1 Poisson, above it bursts
  double prompt_tokens_cv = 0, output_tokens_cv = 0;  ///< log-normal around prompt_tokens, output_tokens as means
  double prefix_cache_share = 0;                      ///< of prompt tokens that an earlier request left in the cache
  double tokens_per_step = 1;  ///< of a sequence, above 1 with speculative decoding, net of its cost
  std::optional<double> ttft_p95_seconds, ttft_p99_seconds;
  std::optional<double> tpot_p95_seconds, tpot_p99_seconds;
  std::optional<double> e2e_p95_seconds, e2e_p99_seconds;
  std::optional<double> availability;  ///< share of time with enough instances up
};

/// One entry of a list of operators ([[operators.list]]): work of one device, in the words of a table of cases.
struct listed_operator {
  std::string name;                            ///< as a user reads it: "camera rays"
  std::string params;                          ///< "op=linear;m=4096;n=4096;k=1024" (docs/prediction.md, "Cases")
  std::optional<models::precision> precision;  ///< the workload's where there is none
  double count = 1;                            ///< executions a step
  file_position position;
};

/// What is to be done (workloads/NAME.toml).
struct workload {
  std::string name;
  std::string alias;  ///< another name to ask for it by, usually a shorter one; may be empty
  std::string title;  ///< "ResNet-50 training, 90 epochs of 1.28 M images"
  std::string description;
  workload_kind kind = workload_kind::cnn_train;
  std::string network;     ///< "resnet50"; for transformers the name of the model, for people
  std::string unit;        ///< unit of work: "image", "token"
  double total_units = 0;  ///< the whole job, in units
  models::precision precision = models::precision::bf16;
  /// Precision on devices without tensor cores for `precision` (CPU, old GPUs).
  models::precision fallback_precision = models::precision::fp32;

  // cnn_train, cnn_infer
  std::int64_t image_size = 224;
  std::int64_t batch_per_device = 1;  ///< images, or sequences of a micro-batch

  // transformer_train, llm_serve
  models::transformer transformer;
  models::training_method training;
  std::int64_t sequence_length = 0;
  std::int64_t global_batch_sequences = 0;  ///< a training step's sequences over all devices; 0: micro-batch per device

  // llm_serve: a request has prompt_tokens in and output_tokens out; the unit is an output token
  std::int64_t prompt_tokens = 0, output_tokens = 0;
  std::optional<double> max_tpot_seconds, max_ttft_seconds;
  std::int64_t max_concurrency = 0;  ///< requests in flight per replica, at most
  service_level service;

  // operators: a step runs the list once, one after the other, on one device; devices share nothing
  std::vector<listed_operator> operators;
  double units_per_step = 1;
  double device_memory_bytes = 0;  ///< that a step holds
  /// Devices that can share the steps out; absent: any number. 1 where each step needs the one before it.
  std::optional<int> most_devices;

  // Host side, per unit of work
  double host_cpu_seconds_per_unit = 0;  ///< data preparation, on one core; of kind host all that there is to do
  std::string host_cpu;                  ///< kind host: catalogue name of the CPU that took it; empty: not known
  std::string host_benchmark;            ///< kind host: that measures it; empty: none does
  double bytes_read_per_unit = 0;        ///< from storage
  double prepared_bytes_per_unit = 0;    ///< what data preparation hands on; 0: not known, no other host can do it
  std::optional<double> storage_bytes_per_second;     ///< that a node reads and writes; absent: its network's rate
  std::optional<double> checkpoint_interval_seconds;  ///< training stands still while a checkpoint is written

  std::optional<double> rate_units_per_second;  ///< all the speed that is of use

  provenance origin;
};

/// @throws error: io, or input at file:line:column: unknown key or kind, missing or non-positive sizes.
workload load_workload(const std::filesystem::path& file);

/// All workloads of DIRECTORY/workloads, then of each overlay (same name replaces), by name.
std::vector<workload> load_workloads(const std::filesystem::path& directory,
                                     const std::vector<std::filesystem::path>& overlays = {});

/// Every finding in the workload files of these directories, one a file.
std::vector<error> validate_workloads(const std::filesystem::path& directory,
                                      const std::vector<std::filesystem::path>& overlays = {});

/// A workload by its name, else by its alias, or from a file when `name` ends in .toml.
/// @throws error: usage with the nearest names.
workload find_workload(const std::vector<workload>& known, const std::string& name);

}  // namespace gpubench::profiles
