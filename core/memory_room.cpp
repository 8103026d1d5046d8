#include "core/memory_room.hpp"

#include "core/error.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <cstddef>
#include <limits>

namespace gpubench {

bool has_room_for(double bytes) {
  if (bytes <= 0) return true;
  if (bytes >= static_cast<double>(std::numeric_limits<std::ptrdiff_t>::max())) return false;
  const auto size = static_cast<std::size_t>(bytes);
  void* const probe = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (probe == MAP_FAILED) return false;
  ::munmap(probe, size);
  return true;
}

void require_room_for(double bytes, std::string_view what) {
  if (has_room_for(bytes)) return;
  throw error(error_kind::out_of_device_memory,
              fmt::format("not enough memory for {}: asked for {}", what, format_bytes(bytes)), hint_about_memory());
}

std::string hint_about_memory() {
  rlimit space{};
  if (::getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY)
    return fmt::format("this process may take {} of address space: raise that limit (ulimit -v)",
                       format_bytes(static_cast<double>(space.rlim_cur)));
  return "choose smaller sizes, free memory, or give the job or container more";
}

double thread_stack_bytes() {
  pthread_attr_t attributes;
  std::size_t bytes = 0;
  if (::pthread_attr_init(&attributes) != 0) return 0;
  ::pthread_attr_getstacksize(&attributes, &bytes);
  ::pthread_attr_destroy(&attributes);
  return static_cast<double>(bytes);
}

}  // namespace gpubench
