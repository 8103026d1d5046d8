#include "core/error.hpp"
#include "core/file.hpp"
#include "core/units.hpp"
#include "results/run.hpp"

#include <fmt/format.h>

#include <chrono>
#include <utility>

namespace gpubench::results {

run_writer::run_writer(std::filesystem::path path, run head) : path_(std::move(path)), run_(std::move(head)) {
  write();
}

void run_writer::add(measurement m) {
  if (const auto defect = defect_of(m)) throw error(error_kind::internal, fmt::format("{}: {}", full_name(m), *defect));
  run_.measurements.push_back(std::move(m));
  write();
}

void run_writer::finish() {
  run_.finished_at = format_utc(std::chrono::system_clock::now());
  write();
}

void run_writer::write() const {
  save_run(path_, run_);
}

void save_run(const std::filesystem::path& path, const run& value) {
  // Names that the system reports may hold bytes that are not UTF-8; they must not cost the run.
  const auto text = to_json(value).dump(1, ' ', false, json::error_handler_t::replace);
  if (text.size() >= most_read_bytes)
    throw error(error_kind::input, {path.string(), 0, 0},
                fmt::format("the run file would have {} MiB, and more than {} are not read", text.size() >> 20,
                            most_read_bytes >> 20),
                fmt::format("it has {} measurements: make several runs of them", value.measurements.size()));
  write_file_atomically(path, text + "\n");
}

}  // namespace gpubench::results
