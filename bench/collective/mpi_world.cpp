#include "bench/collective/mpi_world.hpp"

#include "bench/cuda/loader.hpp"
#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <dlfcn.h>

#include <exception>
#include <system_error>

namespace gpubench::collective {

namespace {

/// The module's table from one file.
const gpubench_mpi_table& load(const std::filesystem::path& file) {
  // Global: plug-ins that MPI libraries open later expect to find the library's own symbols.
  void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_GLOBAL | RTLD_NODELETE);
  if (library == nullptr) {
    const char* reason = dlerror();
    throw error(error_kind::environment,
                fmt::format("{} cannot be loaded ({})", file.string(), reason != nullptr ? reason : "unknown reason"),
                "install the MPI library that it was built with, or build it again on this machine");
  }
  const auto* table = static_cast<const gpubench_mpi_table*>(dlsym(library, GPUBENCH_MPI_SYMBOL));
  if (table == nullptr)
    throw error(error_kind::environment, fmt::format("{} is not gpubench's MPI module", file.string()),
                "name the gpubench_mpi.so of this version of gpubench");
  if (table->interface_version != GPUBENCH_MPI_INTERFACE_VERSION)
    throw error(error_kind::environment,
                fmt::format("{} has interface version {}, this program needs {}", file.string(),
                            table->interface_version, GPUBENCH_MPI_INTERFACE_VERSION),
                "build or install the program and the module from the same version of gpubench");
  return *table;
}

}  // namespace

std::unique_ptr<mpi_world> mpi_world::start(std::chrono::duration<double> answer_limit) {
  std::vector<std::string> tried;
  for (const auto& candidate : bench::module_candidates("GPUBENCH_MPI_MODULE", "gpubench_mpi.so")) {
    std::error_code failed;
    tried.push_back(candidate.string());
    if (!std::filesystem::exists(candidate, failed)) continue;
    const auto path = std::filesystem::absolute(candidate, failed);
    const auto& table = load(failed ? candidate : path);
    if (table.initialize() != 0)
      throw error(error_kind::collective, fmt::format("MPI does not start: {}", table.last_error()));
    return std::unique_ptr<mpi_world>(new mpi_world(table, answer_limit));
  }
  throw error(error_kind::environment, fmt::format("no MPI module ({} not found)", join(tried, ", ")),
              "build gpubench where an MPI with its headers is installed (libopenmpi-dev), or name the file in "
              "GPUBENCH_MPI_MODULE");
}

mpi_world::~mpi_world() {
  // Finalising waits for the other ranks, which after an error may never come.
  if (std::uncaught_exceptions() == 0) table_.finalize();
}

void mpi_world::require_done(std::int32_t failed) const {
  if (failed != 0) throw error(error_kind::collective, fmt::format("MPI: {}", table_.last_error()));
}

void mpi_world::barrier() {
  require_done(table_.barrier());
}

void mpi_world::broadcast(void* data, std::size_t bytes) {
  require_done(table_.broadcast(data, bytes));
}

std::vector<int> mpi_world::gather(const void* mine, std::size_t bytes, void* all) {
  std::vector<std::int32_t> arrived(is_root() ? static_cast<std::size_t>(ranks()) : 0);
  require_done(table_.gather(mine, bytes, all, answer_limit_.count(), arrived.data()));
  std::vector<int> missing;
  for (std::size_t rank = 0; rank < arrived.size(); ++rank) {
    if (arrived[rank] == 0) missing.push_back(static_cast<int>(rank));
  }
  return missing;
}

}  // namespace gpubench::collective
