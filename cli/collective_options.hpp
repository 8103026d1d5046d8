#pragma once

#include "bench/collective/shape.hpp"
#include "bench/collective/transport.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gpubench::cli {

/// What `gpubench collective` was asked for.
struct collective_options {
  std::string instance;  ///< what this machine is, where DMI does not know
  std::string backend;   ///< "host", "cuda"; empty: cuda where every rank has it
  std::vector<collective::collective_kind> kinds;
  std::vector<collective::element_type> types;
  std::vector<collective::reduction> operations;
  bool in_place = false, out_of_place = false;  ///< neither: both
  double min_bytes = 8;
  std::optional<double> max_bytes;  ///< absent: 1 GiB on GPUs, 16 MiB on CPUs
  int factor = 2;
  bool sweep_algorithms = false;
  bool no_pairs = false;
  std::vector<std::string> allowed;                            ///< facts in which ranks may differ
  std::vector<std::pair<std::string, std::string>> variables;  ///< set on every rank before a library reads them
  std::optional<double> nic_bytes_per_second;
  std::chrono::duration<double> case_time{1};
  std::filesystem::path output_dir = ".";
  std::filesystem::path run_file;
};

/// Cases that belong together: one collective over all sizes, all else the same.
struct collective_sweep {
  std::string title;  ///< "all_reduce fp32 sum out_of_place"
  std::vector<collective::collective_case> cases;
};

/// What decides the calls that a rank makes, by option: ranks that differ in one would wait for each other, or write
/// past what the others send.
std::vector<std::pair<std::string, std::string>> options_of_all_ranks(const collective_options& options);

/// All sweeps that the options ask for, the same on every rank. Only what NCCL or MPI could do at all.
/// @param on_gpus  decides the default of the largest size, and whether algorithms can be forced
std::vector<collective_sweep> plan_sweeps(const collective_options& options, int ranks, bool on_gpus);

/// The rounds of exchanges in which every pair of ranks meets once.
std::vector<collective::collective_case> plan_pairs(int ranks, bool on_gpus);

}  // namespace gpubench::cli
