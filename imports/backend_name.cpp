#include "imports/backend_name.hpp"

#include "core/text.hpp"

namespace gpubench::imports {

std::string backend_name(std::string_view theirs) {
  auto name = to_lower(trim(theirs));
  if (name == "hip") return "rocm";
  if (name == "mtl") return "metal";  // llama.cpp's devices: MTL0
  if (name == "cpu") return "host";
  if (name.rfind("sycl", 0) == 0) return "sycl";
  return name;
}

}  // namespace gpubench::imports
