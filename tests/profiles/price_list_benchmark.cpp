// Time of importing a price list of 4 MB: reading, screening, comparing with the shipped catalogue, writing the
// snapshot and loading it, as `gpubench catalog import --into` does.
#include "profiles/catalogue.hpp"
#include "profiles/price_lists/format.hpp"
#include "profiles/price_lists/screening.hpp"
#include "profiles/price_lists/snapshot.hpp"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "tests/temporary_folder.hpp"

namespace {

namespace fs = std::filesystem;
using namespace gpubench;

const fs::path data_directory = fs::path(GPUBENCH_SOURCE_DIR) / "profiles" / "data";

/// In SkyPilot's form: every AWS type of the catalogue and made-up CPU types, in 20 regions of three zones, until the
/// file has 4 MB. Prices by a linear congruential generator (Knuth, MMIX), so that every run sees the same.
std::string make_list(const profiles::catalogue& known) {
  constexpr std::size_t wanted_bytes = 4'000'000;
  std::uint64_t state = 7;
  const auto random = [&state] {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<double>(state >> 11) / 9007199254740992.0;
  };
  std::string text =
      "InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,GpuInfo,Price,SpotPrice,Region,"
      "AvailabilityZone,Arch\n";
  const auto add = [&](const std::string& type, const std::string& hardware, double price) {
    for (int region = 0; region < 20; ++region)
      for (int zone = 0; zone < 3; ++zone) {
        const auto place = "region-" + std::to_string(region);
        text += type + "," + hardware + "," + std::to_string(price) + "," +
                std::to_string(price * (0.3 + 0.3 * random())) + "," + place + "," + place + "-az" +
                std::to_string(zone) + ",x86_64\n";
      }
  };
  for (const auto& type : known.instances) {
    if (type.provider != "aws" || !type.has_gpu() || type.gpu_fraction < 1) continue;
    const auto count = std::to_string(type.gpu_count);
    const auto memory = std::to_string(static_cast<int>(*type.gpu_memory_bytes / (1 << 20)));
    add(type.type,
        type.gpu + "," + count + "," + std::to_string(type.vcpus.value_or(8)) + "," + "64,\"{'Gpus': [{'Name': '" +
            type.gpu + "', 'Manufacturer': 'NVIDIA', 'Count': " + count + ", 'MemoryInfo': {'SizeInMiB': " + memory +
            "}}], 'TotalGpuMemoryInMiB': " + memory + "}\"",
        2.0 * type.gpu_count);
  }
  for (int i = 0; text.size() < wanted_bytes; ++i)
    add("m" + std::to_string(i) + ".large", ",,8,32,", 0.4 * (1 + random()));
  return text;
}

struct prepared {
  profiles::catalogue known = profiles::load_catalogue(data_directory);
  temporary_folder made;
  fs::path folder = made.path();
  fs::path file = made.write("aws/vms.csv", make_list(known));
};

void import_skypilot_4_mb(benchmark::State& state) {
  const prepared with;
  const auto& format = profiles::find_price_list_format("skypilot");
  std::size_t prices = 0, refused = 0;
  for (auto _ : state) {
    profiles::price_list list;
    format.read(with.file, {"", "USD", &with.known}, list);
    const auto screened =
        profiles::screen(std::move(list), with.known, {{with.file.string(), {"benchmark", "2026-11-26", "", {}}}});
    const auto changes = profiles::compare(screened, with.known);
    profiles::snapshot head;
    head.format = "skypilot";
    head.date = "2026-11-26";
    head.made_at = "2026-11-26T00:00:00Z";
    head.tool_version = "benchmark";
    head.providers = {"aws"};
    const auto written = profiles::write_snapshot(
        with.folder / "snapshots", head, screened, changes,
        [&](const auto& made) { benchmark::DoNotOptimize(profiles::load_catalogue(data_directory, {made})); });
    prices = screened.prices.size();
    refused = screened.refused.size();
    state.PauseTiming();
    fs::remove_all(written.path);
    state.ResumeTiming();
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(fs::file_size(with.file)) *
                          static_cast<std::int64_t>(state.iterations()));
  state.counters["prices"] = static_cast<double>(prices);
  state.counters["refused"] = static_cast<double>(refused);
}

BENCHMARK(import_skypilot_4_mb)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace

BENCHMARK_MAIN();
