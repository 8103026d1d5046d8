#pragma once

#include "planner/calibration.hpp"
#include "planner/recommend.hpp"
#include "profiles/catalogue.hpp"
#include "profiles/workload.hpp"

#include <chrono>
#include <string>

namespace gpubench::planner::testing {

inline const calibration& shipped() {
  static const calibration known = [] {
    const std::string data = std::string(GPUBENCH_SOURCE_DIR) + "/profiles/data";
    calibration loaded = calibration::load(data);
    loaded.use_operators(predictor::load_operator_calibration(data));
    return loaded;
  }();
  return known;
}

inline std::chrono::system_clock::time_point on_2026_11_22() {
  return std::chrono::system_clock::time_point(std::chrono::seconds(1795305600));
}

inline profiles::gpu_spec gpu(std::string name, std::string architecture, double memory_gib, double gb_per_second,
                              double fp32_tera, double bf16_tera) {
  profiles::gpu_spec g;
  g.name = std::move(name);
  g.vendor = "NVIDIA";
  g.architecture = std::move(architecture);
  g.memory_bytes = memory_gib * 1073741824.0;
  g.memory_type = gb_per_second > 1000 ? "HBM2e" : "GDDR6";
  g.memory_bandwidth_bytes_per_second = gb_per_second * 1e9;
  g.dense_peak_flop_per_second[static_cast<std::size_t>(models::precision::fp32)] = fp32_tera * 1e12;
  if (bf16_tera > 0) {
    g.dense_peak_flop_per_second[static_cast<std::size_t>(models::precision::fp16)] = bf16_tera * 1e12;
    g.dense_peak_flop_per_second[static_cast<std::size_t>(models::precision::bf16)] = bf16_tera * 1e12;
  }
  g.nvlink_bytes_per_second = 600e9;
  g.pcie_generation = 4;
  g.pcie_lanes = 16;
  g.release_year = 2020;
  return g;
}

inline profiles::instance gpu_instance(std::string provider, std::string type, std::string gpu_name, int count,
                                       double fraction = 1) {
  profiles::instance i;
  i.provider = std::move(provider);
  i.type = std::move(type);
  i.gpu = std::move(gpu_name);
  i.gpu_count = count;
  i.gpu_fraction = fraction;
  i.vcpus = 16.0 * count;
  i.host_memory_bytes = 128e9;
  i.gpu_interconnect = count > 1 ? profiles::interconnect::nvswitch : profiles::interconnect::none;
  i.network_bits_per_second = 100e9;
  return i;
}

inline profiles::price price_of(const profiles::instance& type, double usd, profiles::price_model model,
                                std::string region = "here-1") {
  profiles::price p;
  p.provider = type.provider;
  p.instance_type = type.type;
  p.region = std::move(region);
  p.model = model;
  p.amount_per_hour = usd;
  p.currency = "USD";
  p.origin.date = "2026-10-01";
  p.origin.source = "test";
  return p;
}

/// Two GPUs, a slice, a CPU, a type without a price and a GPU without data.
inline profiles::catalogue small_catalogue() {
  using profiles::price_model;
  profiles::catalogue c;
  c.gpus.push_back(gpu("A100", "Ampere", 80, 2039, 19.5, 312));
  c.gpus.push_back(gpu("T4", "Turing", 16, 320, 8.1, 65));
  profiles::gpu_spec unknown;
  unknown.name = "Mystery";
  unknown.vendor = "NVIDIA";
  unknown.memory_bytes = 16e9;
  c.gpus.push_back(unknown);
  profiles::cpu_spec cpu;
  cpu.name = "Xeon";
  cpu.vendor = "Intel";
  cpu.microarchitecture = "Emerald Rapids";
  cpu.cores_per_socket = 48;
  cpu.threads_per_core = 2;
  cpu.all_core_turbo_hertz = 3e9;
  cpu.fp32_flop_per_cycle_per_core = 64;
  cpu.memory_bandwidth_bytes_per_second = 307.2e9;
  c.cpus.push_back(cpu);
  c.instances.push_back(gpu_instance("acme", "a1", "A100", 1));
  c.instances.push_back(gpu_instance("acme", "a8", "A100", 8));
  c.instances.push_back(gpu_instance("acme", "t1", "T4", 1));
  c.instances.push_back(gpu_instance("acme", "t-half", "T4", 1, 0.5));
  c.instances.push_back(gpu_instance("bolt", "m1", "Mystery", 1));
  c.instances.push_back(gpu_instance("bolt", "a1", "A100", 1));
  profiles::instance cpu_only;
  cpu_only.provider = "acme";
  cpu_only.type = "c48";
  cpu_only.cpu = "Xeon";
  cpu_only.vcpus = 96;
  cpu_only.physical_cores = 48;
  cpu_only.host_memory_bytes = 192e9;
  cpu_only.network_bits_per_second = 25e9;
  c.instances.push_back(cpu_only);
  c.prices.push_back(price_of(c.instances[0], 3.0, price_model::on_demand));
  c.prices.push_back(price_of(c.instances[0], 1.2, price_model::spot));
  c.prices.push_back(price_of(c.instances[1], 26.0, price_model::on_demand));
  c.prices.push_back(price_of(c.instances[2], 0.5, price_model::on_demand));
  c.prices.push_back(price_of(c.instances[3], 0.3, price_model::on_demand));
  c.prices.push_back(price_of(c.instances[4], 0.1, price_model::on_demand));
  c.prices.push_back(price_of(c.instances[6], 4.0, price_model::on_demand));
  c.rates.add("USD", {1.0, "2026-10-01", "definition"});
  c.index();
  return c;
}

inline profiles::workload resnet_training() {
  profiles::workload w;
  w.name = "resnet50-train";
  w.kind = profiles::workload_kind::cnn_train;
  w.network = "resnet50";
  w.unit = "image";
  w.total_units = 1e7;
  w.precision = models::precision::fp16;
  w.batch_per_device = 64;
  return w;
}

inline models::transformer llama_8b() {
  models::transformer t;
  t.layers = 32;
  t.hidden = 4096;
  t.heads = 32;
  t.kv_heads = 8;
  t.head_dim = 128;
  t.ffn = 14336;
  t.gated_ffn = true;
  t.vocabulary = 128256;
  return t;
}

inline models::transformer llama_70b() {
  models::transformer t = llama_8b();
  t.layers = 80;
  t.hidden = 8192;
  t.heads = 64;
  t.ffn = 28672;
  return t;
}

}  // namespace gpubench::planner::testing
