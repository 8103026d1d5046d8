#include "bench/apps/fio.hpp"
#include "bench/apps/storage_file.hpp"
#include "bench/registry.hpp"
#include "core/process.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

namespace gpubench::bench {

namespace {

/// Long enough for a steady rate, short enough for some samples.
constexpr double sample_seconds = 0.5;
/// What a sample's time is stated for; fio moves more or less.
constexpr double sample_bytes = 256 * mib, sample_operations = 1000;
constexpr double checked_bytes = 16 * mib;

/// One way in which programs use storage.
struct storage_use {
  const char* name;
  const char* description;
  const char* pattern;
  double block_bytes;
  std::vector<std::int64_t> depths;
  int jobs = 1;
  bool counts_operations = false;
  bool sync_each = false;
  bool whole_file = false;  ///< once, and synchronised at its end
};

const std::vector<storage_use>& uses() {
  static const std::vector<storage_use> all{
      {"storage_read", "Reading a file from its beginning to its end", "read", 1 * mib, {32, 1}},
      {"storage_write", "Writing a file from its beginning to its end", "write", 1 * mib, {32, 1}},
      {"storage_dataset_scan",
       "Reading 128 KiB pieces of a file in random order by four readers, as a loader does",
       "randread",
       128 * kib,
       {8},
       4},
      {"storage_checkpoint",
       "Writing a file in pieces of 4 MiB and synchronising it, as a checkpoint is",
       "write",
       4 * mib,
       {8},
       1,
       false,
       false,
       true},
      {"storage_random_read", "Reading 4 KiB blocks of a file in random order", "randread", 4 * kib, {32, 1}, 1, true},
      {"storage_random_write",
       "Writing 4 KiB blocks of a file in random order",
       "randwrite",
       4 * kib,
       {32, 1},
       1,
       true},
      {"storage_sync",
       "Writing 4 KiB and waiting until it is safe, as databases do",
       "write",
       4 * kib,
       {1},
       1,
       true,
       true}};
  return all;
}

/// The file that all cases of a run use, filled once.
std::shared_ptr<storage_file>& kept_file() {
  static std::shared_ptr<storage_file> file;
  return file;
}

class storage_case : public prepared_case {
 public:
  storage_case(const storage_use& use, const results::parameters& params, const machine& where)
      : use_(use), place_(look_at(where.storage_folder)), bytes_(where.storage_file_bytes) {
    if (!kept_file()) {
      const auto made = std::make_shared<storage_file>(where.storage_folder, bytes_);
      direct_ = made->can_be_direct();
      // Blocks that were never written are read without a disk: a file that is not full serves no case.
      fill(*made);
      kept_file() = made;
    }
    file_ = kept_file();
    direct_ = file_->can_be_direct();
    job_.pattern = use.pattern;
    job_.block_bytes = use.block_bytes;
    job_.depth = static_cast<int>(results::integer_parameter(params, "depth").value());
    job_.jobs = use.jobs;
    job_.direct = direct_;
    job_.file_bytes = bytes_;
    if (use.whole_file) {
      job_.sync_at_end = true;
    } else {
      job_.seconds = sample_seconds;
    }
    if (use.sync_each) job_.sync_every = 1;
  }

  std::chrono::duration<double, std::nano> sample() override {
    const fio_result found = run_fio(job_, file_->path());
    if (is_sequential()) go_on_after(found.bytes);
    const double seconds = use_.counts_operations ? sample_operations / found.operations_per_second
                                                  : sample_bytes / found.bytes_per_second;
    return std::chrono::duration<double>(seconds);
  }

  results::verification verify() override {
    fio_job job = job_;
    job.pattern = "write";
    job.jobs = 1;
    job.seconds = 0;
    job.sync_every = 0;
    job.sync_at_end = false;
    job.offset_bytes = 0;
    job.file_bytes = checked_bytes;
    job.check = true;
    // run_fio() throws where a checksum differs.
    const fio_result written = run_fio(job, file_->path());
    if (!reads()) {
      return {"16 MiB written and read back, each block by its checksum: bytes missing", checked_bytes - written.bytes,
              0};
    }
    // Read as the samples were: in their order, by as many readers, each of which reads all of it.
    job.pattern = job_.pattern;
    job.jobs = job_.jobs;
    const fio_result read = run_fio(job, file_->path());
    return {"16 MiB written, then read as the samples were, each block by its checksum: bytes missing",
            std::max(checked_bytes - written.bytes, checked_bytes * job.jobs - read.bytes), 0};
  }

  std::map<std::string, std::string> method() override {
    return {{"file_system", place_.file_system},
            {"page_cache", direct_ ? "bypassed" : "used"},
            {"file_bytes", fmt::format("{:.0f}", bytes_)}};
  }

  std::vector<std::string> warnings() override {
    std::vector<std::string> all;
    if (place_.over_network)
      all.push_back("the folder is on a network mount (" + place_.file_system + "): the network is measured with it");
    if (place_.in_memory)
      all.emplace_back("the folder is in memory (tmpfs): no storage is measured");
    else if (!direct_)
      all.emplace_back("the file system has no direct access: the page cache is measured with it");
    return all;
  }

 private:
  bool reads() const { return job_.pattern == "read" || job_.pattern == "randread"; }
  bool is_sequential() const { return !use_.whole_file && (job_.pattern == "read" || job_.pattern == "write"); }

  /// The next sample begins where this one ended, so that it does not meet in a cache what this one left there; from
  /// the beginning where what is left of the file would not last.
  void go_on_after(double bytes) {
    job_.offset_bytes += std::ceil(bytes / job_.block_bytes) * job_.block_bytes;
    if (job_.offset_bytes + 2 * bytes > bytes_) job_.offset_bytes = 0;
  }

  void fill(const storage_file& file) const {
    fio_job job;
    job.pattern = "write";
    job.block_bytes = 1 * mib;
    job.depth = 8;
    job.direct = direct_;
    job.file_bytes = bytes_;
    run_fio(job, file.path());
  }

  const storage_use& use_;
  storage_place place_;
  double bytes_;
  bool direct_ = true;
  std::shared_ptr<storage_file> file_;
  fio_job job_;
};

std::optional<std::string> why_not(const machine& where) {
  if (where.storage_folder.empty()) return "needs a folder to measure: --storage-dir DIR";
  if (!is_program("fio")) return "fio is not installed: apt-get install fio";
  return std::nullopt;
}

benchmark_definition definition_of(const storage_use& use) {
  benchmark_definition definition;
  definition.name = use.name;
  definition.description = use.description;
  definition.backend = "host";
  definition.application = true;
  definition.cases = [&use](suite s, const machine&) {
    std::vector<results::parameters> cases;
    for (const std::int64_t depth : use.depths) {
      cases.push_back({{"block_bytes", static_cast<std::int64_t>(use.block_bytes)}, {"depth", depth}});
      if (s != suite::full) break;
    }
    return cases;
  };
  definition.work = [&use](const results::parameters&) {
    results::work_done work;
    work.bytes = use.counts_operations ? sample_operations * use.block_bytes : sample_bytes;
    if (use.counts_operations) {
      work.items = sample_operations;
      work.item = "operation";
    }
    return work;
  };
  definition.unavailable = [](const results::parameters&, const machine& where) { return why_not(where); };
  definition.prepare = [&use](const results::parameters& params, const machine& where) {
    return std::make_unique<storage_case>(use, params, where);
  };
  definition.overhead = [](const results::parameters&, const machine& where) {
    // Filling at 500 MB/s, checking, and as much again for slower disks.
    return std::chrono::duration<double>(2 + where.storage_file_bytes / 500e6);
  };
  definition.memory_group = "storage";
  definition.release = [] { kept_file().reset(); };
  return definition;
}

const std::vector<registration> all = [] {
  std::vector<registration> made;
  for (const storage_use& use : uses()) made.emplace_back(definition_of(use));
  return made;
}();

}  // namespace

}  // namespace gpubench::bench
