#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "imports/importer.hpp"

// The two forms of nccl-tests' output; nccl_tests.cpp registers the importer and chooses between them.
namespace gpubench::imports {

imported_file read_nccl_tests_text(const source_file& file, const import_options& options);
imported_file read_nccl_tests_json(const source_file& file, const import_options& options);

/// The ranks of a file: how many, on which GPUs of how many nodes. Host names are counted and not kept.
class nccl_ranks {
 public:
  /// @param group  which of the communicators it is in (NCCL_TESTS_SPLIT, NCCL_TESTS_SPLIT_MASK)
  void add(int device, const std::string& host, std::string gpu, std::int64_t group);
  /// Of each communicator; 0 where that is not known.
  std::int64_t count() const;
  std::int64_t groups() const { return static_cast<std::int64_t>(ranks_by_group_.size()); }
  /// Why their number is not known, as a note to the file; empty where it is.
  std::string why_unknown() const;
  /// "gpu0", "gpu0-7", "gpu0,2", and "gpu0-7 on 2 nodes"; "gpu" where no rank is known.
  std::string device() const;
  /// The GPUs of the first node.
  std::vector<results::gpu_environment> gpus() const { return gpus_; }

 private:
  std::map<std::int64_t, std::int64_t> ranks_by_group_;
  std::set<int> devices_;
  std::set<std::string> hosts_;
  std::string first_host_;
  std::vector<results::gpu_environment> gpus_;
};

}  // namespace gpubench::imports
