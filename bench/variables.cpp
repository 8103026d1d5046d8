#include "bench/variables.hpp"

#include <unistd.h>

#include <algorithm>
#include <iterator>

namespace gpubench::bench {

namespace {

constexpr const char* prefixes[] = {
    "OMP_",  "GOMP_",   "KMP_",   "OPENBLAS_", "GOTO_NUM_THREADS",      "DNNL_", "ONEDNN_", "MKL_",
    "CUDA_", "CUBLAS_", "CUDNN_", "NCCL_",     "NVIDIA_VISIBLE_DEVICES", "GPUBENCH_TEST_",
    // What decides how Open MPI moves data; its launcher sets many others for itself.
    "OMPI_MCA_coll", "OMPI_MCA_btl", "OMPI_MCA_pml", "OMPI_MCA_mtl", "UCX_"};
constexpr const char* secret_words[] = {"TOKEN", "KEY", "SECRET", "PASSWORD", "PASSWD", "CREDENTIAL"};

bool is_chosen(const std::string& name) {
  const auto starts = [&](const char* prefix) { return name.rfind(prefix, 0) == 0; };
  const auto holds = [&](const char* word) { return name.find(word) != std::string::npos; };
  return std::any_of(std::begin(prefixes), std::end(prefixes), starts) &&
         std::none_of(std::begin(secret_words), std::end(secret_words), holds);
}

}  // namespace

std::map<std::string, std::string> chosen_variables(const std::vector<std::string>& environment) {
  std::map<std::string, std::string> chosen;
  for (const auto& entry : environment) {
    const auto equals = entry.find('=');
    if (equals == std::string::npos) continue;
    const std::string name = entry.substr(0, equals);
    if (is_chosen(name)) chosen[name] = entry.substr(equals + 1);
  }
  return chosen;
}

std::vector<std::string> process_environment() {
  std::vector<std::string> entries;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) entries.emplace_back(*entry);
  return entries;
}

}  // namespace gpubench::bench
