#include "core/host_name.hpp"

#include <unistd.h>

#include <array>

namespace gpubench {

std::string host_name() {
  std::array<char, 256> name{};
  const bool known = ::gethostname(name.data(), name.size() - 1) == 0 && name.front() != '\0';
  return known ? name.data() : "unknown";
}

}  // namespace gpubench
