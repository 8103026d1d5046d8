#include "core/units.hpp"
#include "profiles/detail/loaders.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace gpubench::profiles::detail {
namespace {

using models::precision;

const file_columns gpu_columns{{"name", "vendor", "memory_gib", "source", "date"},
                               {"architecture",
                                "compute_capability",
                                "multiprocessors",
                                "boost_clock_mhz",
                                "memory_type",
                                "memory_bandwidth_gb_per_second",
                                "l2_cache_mib",
                                "fp64_tflop_per_second",
                                "fp64_tensor_tflop_per_second",
                                "fp32_tflop_per_second",
                                "tf32_tflop_per_second",
                                "fp16_tflop_per_second",
                                "bf16_tflop_per_second",
                                "fp8_tflop_per_second",
                                "fp4_tflop_per_second",
                                "int8_top_per_second",
                                "nvlink_gb_per_second",
                                "pcie_generation",
                                "pcie_lanes",
                                "tdp_watts",
                                "mig_max_instances",
                                "nvenc_engines",
                                "nvdec_engines",
                                "ecc",
                                "release_year",
                                "note"}};

constexpr std::array<std::pair<precision, std::string_view>, 8> rate_columns{
    {{precision::fp64, "fp64_tflop_per_second"},
     {precision::fp32, "fp32_tflop_per_second"},
     {precision::tf32, "tf32_tflop_per_second"},
     {precision::fp16, "fp16_tflop_per_second"},
     {precision::bf16, "bf16_tflop_per_second"},
     {precision::fp8, "fp8_tflop_per_second"},
     {precision::fp4, "fp4_tflop_per_second"},
     {precision::int8, "int8_top_per_second"}}};

// Pairs of which the second is never the faster one on any part: a unit of the wider type can run the narrower one, and
// the vendors publish it so. fp16 against fp32 and int8 against the others are left out on purpose: Pascal cards run
// fp16 at 1/64 of fp32, CDNA 1 runs bf16 at half of fp16, and the B300 has next to no int8.
constexpr std::array<std::pair<precision, precision>, 7> never_slower{{{precision::fp4, precision::fp8},
                                                                       {precision::fp8, precision::fp16},
                                                                       {precision::fp8, precision::bf16},
                                                                       {precision::fp16, precision::tf32},
                                                                       {precision::bf16, precision::tf32},
                                                                       {precision::tf32, precision::fp32},
                                                                       {precision::fp32, precision::fp64}}};

// Data sheets round: equal rates may differ in the last digit.
constexpr double rounding = 0.98;

std::string_view column_of(precision p) {
  for (const auto& [kind, column] : rate_columns)
    if (kind == p) return column;
  return {};
}

void check_rates(const gpu_spec& gpu, row_reader& row) {
  for (const auto& [faster, slower] : never_slower) {
    const auto high = gpu.dense_peak(faster);
    const auto low = gpu.dense_peak(slower);
    if (!high || !low || *high >= *low * rounding) continue;
    row.refuse(column_of(faster),
               fmt::format("{} rate {:g} TFLOP/s is below the {} rate {:g} TFLOP/s", models::to_string(faster),
                           *high / tera, models::to_string(slower), *low / tera),
               "write dense rates: a figure with structured sparsity is twice as high");
  }
}

// Libraries multiply fp64 on the tensor cores that have it. Only after check_rates(): CDNA 2 publishes an fp64 matrix
// rate above its fp32 vector rate.
void use_fp64_tensor_rate(gpu_spec& gpu, row_reader& row) {
  constexpr std::string_view column = "fp64_tensor_tflop_per_second";
  const auto tensor = row.scaled(column, tera, {0.001, 1'000'000, "TFLOP/s"});
  if (!tensor) return;
  auto& peak = gpu.dense_peak_flop_per_second[static_cast<std::size_t>(precision::fp64)];
  if (peak && *tensor < *peak * rounding) row.refuse(column, "fp64 tensor rate is below the fp64 vector rate");
  peak = tensor;
}

gpu_spec read_gpu(row_reader& row) {
  gpu_spec gpu;
  gpu.name = row.required("name");
  gpu.vendor = row.required("vendor");
  gpu.architecture = row.text("architecture");
  gpu.compute_capability = row.text("compute_capability");
  gpu.multiprocessors = row.integer("multiprocessors", {1, 2000, ""});
  gpu.boost_clock_hertz = row.scaled("boost_clock_mhz", 1e6, {100, 5000, "MHz"});
  gpu.memory_bytes = row.required_number("memory_gib", {0.25, 4096, "GiB"}).value_or(0) * gib;
  gpu.memory_type = row.text("memory_type");
  gpu.memory_bandwidth_bytes_per_second = row.scaled("memory_bandwidth_gb_per_second", giga, {5, 100'000, "GB/s"});
  gpu.l2_bytes = row.scaled("l2_cache_mib", mib, {0.0625, 4096, "MiB"});
  for (const auto& [kind, column] : rate_columns)
    gpu.dense_peak_flop_per_second[static_cast<std::size_t>(kind)] =
        row.scaled(column, tera, {0.001, 1'000'000, "TFLOP/s"});
  gpu.nvlink_bytes_per_second = row.scaled("nvlink_gb_per_second", giga, {1, 100'000, "GB/s"});
  gpu.pcie_generation = row.integer("pcie_generation", {1, 9, ""});
  gpu.pcie_lanes = row.integer("pcie_lanes", {1, 32, "lanes"});
  gpu.tdp_watts = row.number("tdp_watts", {5, 10'000, "W"});
  gpu.mig_max_instances = row.integer("mig_max_instances", {0, 64, "slices"});
  gpu.nvenc_engines = row.integer("nvenc_engines", {0, 64, "engines"});
  gpu.nvdec_engines = row.integer("nvdec_engines", {0, 64, "engines"});
  gpu.ecc = row.yes_or_no("ecc");
  gpu.release_year = row.integer("release_year", {2000, 2100, ""});
  gpu.origin = row.origin();
  check_rates(gpu, row);
  use_fp64_tensor_rate(gpu, row);
  return gpu;
}

}  // namespace

std::vector<std::string> gpu_names(const catalogue& known) {
  std::vector<std::string> names;
  for (const auto& gpu : known.gpus) names.push_back(gpu.name);
  return names;
}

void load_gpus(const file_list& files, catalogue& into, findings& sink) {
  keyed_rows<gpu_spec> rows(into.gpus);
  for (const auto& file : files) {
    rows.start_file();
    each_row(file, gpu_columns, sink, [&](row_reader& row) {
      auto gpu = read_gpu(row);
      const auto name = gpu.name;
      rows.add(key_of({name}), std::move(gpu), fmt::format("GPU '{}'", name), "name", row);
    });
  }
  into.index();
}

void load_gpu_aliases(const file_list& files, catalogue& into, findings& sink) {
  std::vector<gpu_alias> aliases;
  keyed_rows<gpu_alias> rows(aliases);
  for (const auto& file : files) {
    rows.start_file();
    each_row(file, {{"alias", "name", "source", "date"}, {"note"}}, sink, [&](row_reader& row) {
      gpu_alias alias{row.required("alias"), row.required("name"), row.origin()};
      const auto* meant = alias.name.empty() ? nullptr : into.find_gpu(alias.name);
      if (!alias.name.empty() && (!meant || meant->name != alias.name))
        row.refuse("name", fmt::format("GPU '{}' is not in gpus.csv", alias.name),
                   suggestion(alias.name, gpu_names(into)));
      const auto* taken = alias.alias.empty() ? nullptr : into.find_gpu(alias.alias);
      if (taken && meant && taken != meant)
        row.refuse("alias", fmt::format("alias '{}' is the name of another GPU", alias.alias));
      const auto text = alias.alias;
      rows.add(key_of({text}), std::move(alias), fmt::format("alias '{}'", text), "alias", row);
    });
  }
  into.gpu_aliases = std::move(aliases);
  into.index();
}

}  // namespace gpubench::profiles::detail
