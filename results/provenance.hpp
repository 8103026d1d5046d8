#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gpubench::results {

/// A file of another tool that measurements were read from.
struct import_source {
  std::string file;    ///< its name, without folders
  std::string format;  ///< "nccl-tests", "nvbandwidth-json", ...: the importer that read it
  std::string tool;    ///< "nccl-tests"
  std::optional<std::string> tool_version;
  std::optional<std::string> measured_at;  ///< as the file states it, which may be without a time zone
  std::uint64_t bytes = 0;                 ///< size of the file
  std::optional<std::string> sha256 = {};  ///< of the file, 64 hexadecimal digits; earlier versions did not record it

  friend bool operator==(const import_source&, const import_source&) = default;
};

/// Where a run that gpubench did not measure comes from.
struct import_provenance {
  std::string imported_at;  ///< UTC, ISO 8601
  std::vector<import_source> sources;

  friend bool operator==(const import_provenance&, const import_provenance&) = default;
};

/// The tools with their versions, each once: "nccl-tests 2.17.6, BabelStream 5.0".
std::string tools_of(const import_provenance& provenance);

}  // namespace gpubench::results
