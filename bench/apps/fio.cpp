#include "bench/apps/fio.hpp"

#include "core/error.hpp"
#include "core/process.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace gpubench::bench {
namespace {

using nlohmann::json;

bool reads(const fio_job& job) {
  return job.pattern == "read" || job.pattern == "randread";
}

[[noreturn]] void refuse(const std::string& what) {
  throw error(error_kind::environment, "fio: " + what, "try it by hand: fio --version");
}

/// fio names what failed on standard error, above its JSON, with its own name before it.
std::string first_line(const std::string& text) {
  const std::size_t from = text.rfind("fio: ", 0) == 0 ? 5 : 0;
  return text.substr(from, text.find('\n') - from);
}

}  // namespace

std::vector<std::string> fio_arguments(const fio_job& job, const std::string& file) {
  std::vector<std::string> all{
      "fio", "--name=gpubench", "--filename=" + file, "--output-format=json", "--ioengine=libaio", "--group_reporting",
      // Other blocks each time: those of the last time may lie in a cache below.
      "--randrepeat=0", "--refill_buffers", "--rw=" + job.pattern, fmt::format("--bs={:.0f}", job.block_bytes),
      fmt::format("--iodepth={}", job.depth), fmt::format("--numjobs={}", job.jobs),
      fmt::format("--direct={:d}", job.direct), fmt::format("--offset={:.0f}", job.offset_bytes),
      fmt::format("--size={:.0f}", job.file_bytes - job.offset_bytes)};
  if (job.sync_every > 0) all.push_back(fmt::format("--fsync={}", job.sync_every));
  if (job.sync_at_end) all.emplace_back("--end_fsync=1");
  if (job.seconds > 0) {
    all.push_back(fmt::format("--runtime={:.0f}ms", 1000 * job.seconds));
    all.emplace_back("--time_based");
  }
  if (job.check)
    all.insert(all.end(), {"--verify=crc32c", "--do_verify=1", "--verify_fatal=1", "--verify_state_save=0"});
  return all;
}

fio_result read_fio(std::string_view text, bool of_reads) {
  // Warnings may stand above the document.
  const auto begin = text.find('{');
  const json document =
      begin == std::string_view::npos ? json() : json::parse(text.substr(begin), nullptr, /*allow_exceptions=*/false);
  if (!document.is_object() || !document.contains("jobs") || !document["jobs"].is_array() || document["jobs"].empty())
    refuse("its output is no report of a job");
  const json& job = document["jobs"][0];
  if (const int code = job.value("error", 0); code != 0) refuse(fmt::format("an operation failed, error {}", code));
  const auto part = job.find(of_reads ? "read" : "write");
  if (part == job.end()) refuse("its report lacks what was asked for");
  fio_result result;
  result.bytes = part->value("io_bytes", 0.0);
  result.bytes_per_second = part->value("bw_bytes", 0.0);
  result.operations_per_second = part->value("iops", 0.0);
  if (!(result.bytes > 0) || !(result.bytes_per_second > 0) || !(result.operations_per_second > 0))
    refuse("it moved nothing in its time");
  return result;
}

fio_result run_fio(const fio_job& job, const std::string& file) {
  if (!is_program("fio")) throw error(error_kind::environment, "fio is not installed", "apt-get install fio");
  const process_result done = run_process(fio_arguments(job, file));
  // It ends by itself on Ctrl-C, with the report of what it did: no figure of a whole sample.
  if (done.exit_code != 0) refuse(first_line(done.errors.empty() ? "ended early" : done.errors));
  if (done.output.find("terminating on signal") != std::string::npos ||
      done.errors.find("terminating on signal") != std::string::npos)
    refuse("interrupted");
  return read_fio(done.output, reads(job));
}

}  // namespace gpubench::bench
