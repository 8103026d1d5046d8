#include "core/units.hpp"
#include "profiles/detail/loaders.hpp"

#include <cmath>
#include <utility>

namespace gpubench::profiles::detail {
namespace {

const file_columns cpu_columns{
    {"name", "vendor", "source", "date"},
    {"microarchitecture", "cores_per_socket", "threads_per_core", "base_ghz", "all_core_turbo_ghz", "simd",
     "matrix_instructions", "fp32_flop_per_cycle_per_core", "bf16_flop_per_cycle_per_core",
     "int8_op_per_cycle_per_core", "memory_channels", "memory_type", "memory_mt_per_second",
     "memory_bandwidth_gb_per_second_per_socket", "l3_mib", "tdp_watts", "release_year", "note"}};

// A channel of DDR4 and DDR5 is 64 data bits wide (JEDEC JESD79): bandwidth = channels x transfers x 8 bytes.
void check_bandwidth(const cpu_spec& cpu, std::optional<double> transfers_per_second, row_reader& row) {
  if (!cpu.memory_channels || !transfers_per_second || !cpu.memory_bandwidth_bytes_per_second) return;
  const double expected = *cpu.memory_channels * *transfers_per_second * 8;
  if (std::abs(*cpu.memory_bandwidth_bytes_per_second - expected) <= 0.005 * expected) return;
  row.refuse("memory_bandwidth_gb_per_second_per_socket",
             fmt::format("memory bandwidth {:g} GB/s is not channels x MT/s x 8 bytes = {:g} GB/s",
                         *cpu.memory_bandwidth_bytes_per_second / giga, expected / giga),
             "the figure is that of one socket");
}

cpu_spec read_cpu(row_reader& row) {
  constexpr sane_range per_cycle{1, 65'536, "per cycle"};
  cpu_spec cpu;
  cpu.name = row.required("name");
  cpu.vendor = row.required("vendor");
  cpu.microarchitecture = row.text("microarchitecture");
  cpu.cores_per_socket = row.integer("cores_per_socket", {1, 2048, "cores"});
  cpu.threads_per_core = row.integer("threads_per_core", {1, 8, "threads"});
  cpu.base_clock_hertz = row.scaled("base_ghz", giga, {0.5, 8, "GHz"});
  cpu.all_core_turbo_hertz = row.scaled("all_core_turbo_ghz", giga, {0.5, 8, "GHz"});
  cpu.simd = split(row.text("simd"), ' ');
  cpu.matrix_instructions = split(row.text("matrix_instructions"), ' ');
  cpu.fp32_flop_per_cycle_per_core = row.number("fp32_flop_per_cycle_per_core", per_cycle);
  cpu.bf16_flop_per_cycle_per_core = row.number("bf16_flop_per_cycle_per_core", per_cycle);
  cpu.int8_op_per_cycle_per_core = row.number("int8_op_per_cycle_per_core", per_cycle);
  cpu.memory_channels = row.integer("memory_channels", {1, 64, "channels"});
  cpu.memory_type = row.text("memory_type");
  const auto transfers = row.scaled("memory_mt_per_second", 1e6, {400, 20'000, "MT/s"});
  cpu.memory_bandwidth_bytes_per_second =
      row.scaled("memory_bandwidth_gb_per_second_per_socket", giga, {1, 10'000, "GB/s"});
  cpu.l3_bytes = row.scaled("l3_mib", mib, {0.5, 16'384, "MiB"});
  cpu.tdp_watts = row.number("tdp_watts", {1, 2000, "W"});
  cpu.release_year = row.integer("release_year", {2000, 2100, ""});
  cpu.origin = row.origin();
  if (cpu.base_clock_hertz && cpu.all_core_turbo_hertz && *cpu.all_core_turbo_hertz < *cpu.base_clock_hertz)
    row.refuse("all_core_turbo_ghz", "all-core turbo is below the base clock");
  if (cpu.fp32_flop_per_cycle_per_core && cpu.bf16_flop_per_cycle_per_core &&
      *cpu.bf16_flop_per_cycle_per_core < *cpu.fp32_flop_per_cycle_per_core)
    row.refuse("bf16_flop_per_cycle_per_core", "bf16 rate is below the fp32 rate",
               "leave the cell empty where the CPU has no bf16 instruction");
  check_bandwidth(cpu, transfers, row);
  return cpu;
}

}  // namespace

std::vector<std::string> cpu_names(const catalogue& known) {
  std::vector<std::string> names;
  for (const auto& cpu : known.cpus) names.push_back(cpu.name);
  return names;
}

void load_cpus(const file_list& files, catalogue& into, findings& sink) {
  keyed_rows<cpu_spec> rows(into.cpus);
  for (const auto& file : files) {
    rows.start_file();
    each_row(file, cpu_columns, sink, [&](row_reader& row) {
      auto cpu = read_cpu(row);
      const auto name = cpu.name;
      rows.add(key_of({name}), std::move(cpu), fmt::format("CPU '{}'", name), "name", row);
    });
  }
  into.index();
}

}  // namespace gpubench::profiles::detail
