#pragma once

#include "core/json.hpp"
#include "results/environment.hpp"
#include "results/measurement.hpp"
#include "results/provenance.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace gpubench::results {

/// The schema's name in every file; results/schema/gpubench.run-1.json describes it.
inline constexpr const char* run_schema = "gpubench.run/1";

/// Where a rank of a run of several ran, and the network that it speaks through.
struct rank_place {
  int rank = 0;
  std::string node;                                  ///< the host's name
  std::optional<std::string> interface;              ///< "eth0"; absent where none is known
  std::optional<double> interface_bytes_per_second;  ///< as the system states it; virtual ones often state none

  friend bool operator==(const rank_place&, const rank_place&) = default;
};

/// One run of a set of benchmarks on one machine, by gpubench or imported from the files of other tools.
struct run {
  std::string id;          ///< unique: start time and random digits
  std::string started_at;  ///< UTC, ISO 8601; of an imported run that states no such time, when it was imported
  std::optional<std::string> finished_at;  ///< absent when the run was cut short
  std::string tool_version;
  std::string suite;  ///< name of the suite, or "custom"
  std::optional<double> budget_seconds;
  /// What else was asked for, so that a resumed run asks for it again.
  bool burst = false;
  std::optional<double> soak_seconds;           ///< the longest soak; absent: none was asked for
  std::optional<std::string> backend;           ///< the only back-end; absent: all that work
  std::vector<std::string> devices;             ///< the only devices, as "cpu" and "gpu0"; empty: all
  std::optional<import_provenance> provenance;  ///< absent: measured by gpubench
  results::environment environment;             ///< of rank 0 in a run of several ranks
  std::vector<rank_place> ranks;                ///< of a run of several ranks, by rank; empty: of one
  std::vector<measurement> measurements;

  friend bool operator==(const run&, const run&) = default;
};

json to_json(const results::environment& e);
json to_json(const measurement& m);
json to_json(const run& value);

/// @param file  name used in positions.
/// @throws error: input for a missing or wrong field (naming it), another kind of file, or a newer schema.
run run_from_json(const json& document, const std::string& file);

/// @throws error: io if unreadable; input if empty, truncated, malformed, of a newer schema, or not a run.
run load_run(const std::filesystem::path& path);

/// Writes a finished run, whole or not at all.   @throws error: io; input for more than load_run() reads.
void save_run(const std::filesystem::path& path, const run& value);

/// Keeps a run file complete at every moment: the file is rewritten atomically after each measurement.
class run_writer {
 public:
  /// Writes the run's head at once, so that an unwritable place is refused before anything is measured.
  /// @throws error: io
  run_writer(std::filesystem::path path, run head);

  /// Appends one measurement and writes.
  /// @throws error: io; internal for one that no reader would accept (times not finite or negative, ok without samples,
  ///         statistics of other samples). The file on disk then still holds all earlier ones.
  void add(measurement m);
  /// Stamps the end time and writes.
  void finish();

  const run& current() const { return run_; }
  const std::filesystem::path& path() const { return path_; }

 private:
  void write() const;

  std::filesystem::path path_;
  run run_;
};

}  // namespace gpubench::results
