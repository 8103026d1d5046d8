#include "core/units.hpp"
#include "profiles/detail/loaders.hpp"

#include <utility>

namespace gpubench::profiles::detail {
namespace {

const file_columns instance_columns{
    {"provider", "instance_type", "vcpus", "host_memory_gib", "source", "date"},
    {"gpu", "gpu_count", "gpu_fraction", "gpu_memory_gib", "cpu", "physical_cores", "gpu_interconnect",
     "gpu_interconnect_gb_per_second", "network_gbit_per_second", "network_kind", "local_ssd_gb", "note"}};

// Sizes of cards are given in GB or GiB, and a slice may round up.
constexpr double size_tolerance = 1.02;

void read_gpu_part(instance& type, const catalogue& known, row_reader& row) {
  type.gpu = row.text("gpu");
  const auto count = row.integer("gpu_count", {0, 256, "GPUs"});
  type.gpu_count = count.value_or(0);
  const bool fraction_given = !row.text("gpu_fraction").empty();
  type.gpu_fraction = row.number("gpu_fraction", {-1e9, 1e9, ""}).value_or(1);
  type.gpu_memory_bytes = row.scaled("gpu_memory_gib", gib, {0.25, 4096, "GiB"});
  if (fraction_given && !(type.gpu_fraction > 0 && type.gpu_fraction <= 1)) {
    row.refuse("gpu_fraction", fmt::format("gpu_fraction {} is not above 0 and at most 1", row.text("gpu_fraction")),
               "a whole GPU is 1, one of seven MIG slices 0.142857");
    type.gpu_fraction = 1;
  }
  if (type.gpu.empty()) {
    if (type.gpu_count > 0)
      row.refuse("gpu_count", fmt::format("gpu_count is {} but no GPU is named", type.gpu_count),
                 "name the GPU, or leave gpu_count empty for a CPU-only instance");
    if (type.gpu_memory_bytes) row.refuse("gpu_memory_gib", "gpu_memory_gib without a GPU");
    return;
  }
  const auto* gpu = known.find_gpu(type.gpu);
  if (!gpu) {
    row.refuse("gpu", fmt::format("GPU '{}' is not in gpus.csv", type.gpu), suggestion(type.gpu, gpu_names(known)));
    return;
  }
  type.gpu = gpu->name;
  if (type.gpu_count < 1 && (count || row.text("gpu_count").empty()))
    row.refuse("gpu_count", fmt::format("gpu_count of an instance with GPU '{}' is not at least 1", type.gpu));
  if (!type.gpu_memory_bytes) type.gpu_memory_bytes = gpu->memory_bytes * type.gpu_fraction;
  if (*type.gpu_memory_bytes > gpu->memory_bytes * size_tolerance)
    row.refuse("gpu_memory_gib",
               fmt::format("gpu_memory_gib {:g} is more than the {:g} GiB of a {}", *type.gpu_memory_bytes / gib,
                           gpu->memory_bytes / gib, gpu->name),
               "the column holds the memory of one GPU, not of all");
}

instance read_instance(const catalogue& known, row_reader& row) {
  instance type;
  type.provider = row.required("provider");
  type.type = row.required("instance_type");
  read_gpu_part(type, known, row);
  type.cpu = row.text("cpu");
  if (!type.cpu.empty()) {
    const auto* cpu = known.find_cpu(type.cpu);
    if (!cpu)
      row.refuse("cpu", fmt::format("CPU '{}' is not in cpus.csv", type.cpu), suggestion(type.cpu, cpu_names(known)));
    else
      type.cpu = cpu->name;
  }
  type.vcpus = row.number("vcpus", {0.125, 4096, "vCPUs"});
  type.physical_cores = row.number("physical_cores", {0.125, 4096, "cores"});
  if (type.vcpus && type.physical_cores && *type.physical_cores > *type.vcpus)
    row.refuse("physical_cores", "there are more physical cores than vCPUs");
  type.host_memory_bytes = row.scaled("host_memory_gib", gib, {0.25, 65'536, "GiB"});
  const auto link = row.one_of("gpu_interconnect", {"none", "pcie", "nvlink", "nvswitch", "infinity-fabric"});
  if (link) type.gpu_interconnect = *parse_interconnect(*link);
  type.gpu_interconnect_bytes_per_second = row.scaled("gpu_interconnect_gb_per_second", giga, {1, 100'000, "GB/s"});
  type.network_bits_per_second = row.scaled("network_gbit_per_second", giga, {0.01, 100'000, "Gbit/s"});
  type.network_kind = row.text("network_kind");
  type.local_ssd_bytes = row.scaled("local_ssd_gb", giga, {0, 1e6, "GB"});
  type.origin = row.origin();
  return type;
}

}  // namespace

std::vector<std::string> instance_names(const catalogue& known) {
  std::vector<std::string> names;
  for (const auto& type : known.instances) names.push_back(type.name());
  return names;
}

void load_instances(const file_list& files, catalogue& into, findings& sink) {
  keyed_rows<instance> rows(into.instances);
  for (const auto& file : files) {
    rows.start_file();
    each_row(file, instance_columns, sink, [&](row_reader& row) {
      auto type = read_instance(into, row);
      const auto name = type.name();
      const auto key = key_of({type.provider, type.type});
      rows.add(key, std::move(type), fmt::format("instance '{}'", name), "instance_type", row);
    });
  }
  into.index();
}

}  // namespace gpubench::profiles::detail
