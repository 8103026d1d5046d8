#include "monitoring/dashboard.hpp"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "monitoring/metrics.hpp"

namespace gpubench::monitoring {
namespace {

using enum metric_id;

/// How a metric is asked for: gauges as they are, counters as their rate.
struct line {
  metric_id id;
  std::string legend;
};

struct panel {
  std::string title, unit, about;  ///< unit as Grafana names it
  std::vector<line> lines;
};

struct row_of_panels {
  std::string title;
  std::vector<panel> panels;
};

const std::string of_gpu = "{{gpu}} {{slice}}";

std::vector<row_of_panels> layout() {
  const auto gpu = [](const char* what) { return of_gpu + " " + what; };
  return {{"What the GPUs do",
           {{"GPU utilisation",
             "percentunit",
             "A kernel ran: says nothing of how much of the GPU it used. Absent under MIG: see the engine.",
             {{gpu_utilization, of_gpu}, {gpu_graphics_engine_active, gpu("engine")}}},
            {"Tensor cores",
             "percentunit",
             "Near 1: bound by arithmetic. Hopper and later.",
             {{gpu_tensor_active, of_gpu}}},
            {"Memory bandwidth",
             "percentunit",
             "Share of the peak. Near 0.8: bound by memory bandwidth.",
             {{gpu_dram_active, of_gpu}, {gpu_memory_utilization, gpu("controller busy")}}},
            {"Multiprocessors",
             "percentunit",
             "Active, and how full of warps.",
             {{gpu_sm_active, of_gpu}, {gpu_sm_occupancy, gpu("occupancy")}}},
            {"Vector pipes",
             "percentunit",
             "FP64, FP32 and FP16 without tensor cores.",
             {{gpu_fp64_active, gpu("fp64")}, {gpu_fp32_active, gpu("fp32")}, {gpu_fp16_active, gpu("fp16")}}},
            {"Video engines",
             "percentunit",
             "",
             {{gpu_encoder_utilization, gpu("encoder")}, {gpu_decoder_utilization, gpu("decoder")}}}}},
          {"Memory, power, clocks",
           {{"Device memory",
             "bytes",
             "",
             {{gpu_memory_used, gpu("used")}, {gpu_memory_free, gpu("free")}, {gpu_memory_total, gpu("total")}}},
            {"Power", "watt", "", {{gpu_power, of_gpu}, {gpu_power_limit, gpu("limit")}, {gpu_energy, gpu("mean")}}},
            {"Clocks", "hertz", "", {{gpu_sm_clock, gpu("sm")}, {gpu_memory_clock, gpu("memory")}}},
            {"Temperature", "celsius", "", {{gpu_temperature, of_gpu}, {gpu_memory_temperature, gpu("memory")}}},
            {"Clock held down", "bool", "By reason; 1 while it lasts.", {{gpu_clock_slowed, gpu("{{reason}}")}}},
            {"Processes", "short", "", {{gpu_processes, of_gpu}}}}},
          {"Links and faults",
           {{"PCIe traffic", "Bps", "", {{gpu_pcie_transmit, gpu("out")}, {gpu_pcie_receive, gpu("in")}}},
            {"NVLink traffic", "Bps", "", {{gpu_nvlink_transmit, gpu("out")}, {gpu_nvlink_receive, gpu("in")}}},
            {"PCIe link",
             "short",
             "Generation and lanes; idle links drop to a lower generation.",
             {{gpu_pcie_generation, gpu("generation")}, {gpu_pcie_width, gpu("lanes")}}},
            {"GPUs that answer",
             "bool",
             "0: lost, or not allowed.",
             {{gpu_up, of_gpu}, {gpu_info, gpu("{{driver_version}}")}}},
            {"Memory errors and replays",
             "cps",
             "A second.",
             {{gpu_ecc_corrected, gpu("corrected")},
              {gpu_ecc_uncorrected, gpu("uncorrected")},
              {gpu_pcie_replays, gpu("PCIe replays")}}},
            {"Replaced memory rows",
             "short",
             "",
             {{gpu_rows_remapped, gpu("{{cause}}")}, {gpu_row_remap_pending, gpu("pending")}}}}},
          {"Host",
           {{"CPUs in use",
             "short",
             "",
             {{host_cpu_busy, "in use"},
              {host_cpu_iowait, "waiting for disks"},
              {host_cpus, "all"},
              {cgroup_cpu_used, "this container"},
              {cgroup_cpu_limit, "its limit"}}},
            {"Host memory",
             "bytes",
             "",
             {{host_memory_available, "available"},
              {host_memory_total, "all"},
              {cgroup_memory_used, "this container"},
              {cgroup_memory_limit, "its limit"}}},
            {"Disks", "Bps", "", {{host_disk_read, "{{device}} read"}, {host_disk_written, "{{device}} written"}}},
            {"Disks busy", "percentunit", "", {{host_disk_busy, "{{device}}"}}},
            {"Network",
             "Bps",
             "",
             {{host_network_receive, "{{interface}} in"}, {host_network_transmit, "{{interface}} out"}}},
            {"Waiting",
             "percentunit",
             "Share of time in which some task waited, or the container was held back.",
             {{host_pressure, "for {{resource}}"}, {cgroup_cpu_throttled, "held back by the CPU limit"}}}}},
          {"Exporter",
           {{"CPU of the exporter", "percentunit", "Of one core.", {{exporter_cpu, "{{instance}}"}}},
            {"NVML",
             "bool",
             "1 where NVML is loaded and answers.",
             {{exporter_nvml_up, "{{instance}}"}, {exporter_info, "{{version}}: {{nvml}}"}}},
            {"Last sample", "dateTimeFromNow", "", {{exporter_last_sample, "{{instance}}"}}}}}};
}

std::string query(const metric& of) {
  const std::string labels =
      of.scope == metric_scope::gpu ? R"({instance=~"$instance",gpu=~"$gpu"})" : R"({instance=~"$instance"})";
  if (of.type == metric_type::counter) return fmt::format("rate({}{}[$__rate_interval])", of.name, labels);
  if (of.id == exporter_last_sample) return fmt::format("{}{} * 1000", of.name, labels);
  return fmt::format("{}{}", of.name, labels);
}

json data_source() {
  return {{"type", "prometheus"}, {"uid", "${datasource}"}};
}

json variable(const char* name, const std::string& query_text) {
  return {{"name", name},
          {"type", "query"},
          {"label", name},
          {"datasource", data_source()},
          {"query", {{"query", query_text}, {"refId", name}}},
          {"refresh", 2},
          {"multi", true},
          {"includeAll", true},
          {"current", {{"text", "All"}, {"value", "$__all"}}}};
}

constexpr int panels_a_row = 3, panel_width = 24 / panels_a_row, panel_height = 8;

json graph(const panel& shown, int id, int x, int y) {
  json targets = json::array();
  char reference = 'A';
  for (const auto& each : shown.lines)
    targets.push_back({{"refId", std::string(1, reference++)},
                       {"datasource", data_source()},
                       {"expr", query(metric_of(each.id))},
                       {"legendFormat", each.legend}});
  return {{"id", id},
          {"type", "timeseries"},
          {"title", shown.title},
          {"description", shown.about},
          {"datasource", data_source()},
          {"gridPos", {{"x", x}, {"y", y}, {"w", panel_width}, {"h", panel_height}}},
          {"fieldConfig", {{"defaults", {{"unit", shown.unit}, {"min", 0}}}, {"overrides", json::array()}}},
          {"targets", std::move(targets)}};
}

}  // namespace

json grafana_dashboard() {
  json panels = json::array();
  int id = 0, y = 0;
  for (const auto& row : layout()) {
    panels.push_back({{"id", ++id},
                      {"type", "row"},
                      {"title", row.title},
                      {"collapsed", false},
                      {"gridPos", {{"x", 0}, {"y", y++}, {"w", 24}, {"h", 1}}},
                      {"panels", json::array()}});
    int column = 0;
    for (const auto& each : row.panels) {
      panels.push_back(graph(each, ++id, column * panel_width, y));
      if (++column == panels_a_row) {
        column = 0;
        y += panel_height;
      }
    }
    if (column != 0) y += panel_height;
  }
  const std::string up(metric_of(gpu_up).name), cpus(metric_of(host_cpus).name);
  return {{"uid", "gpubench"},
          {"title", "gpubench: GPUs and their hosts"},
          {"tags", {"gpubench", "gpu"}},
          {"schemaVersion", 36},
          {"version", 1},
          {"editable", true},
          {"refresh", "30s"},
          {"time", {{"from", "now-6h"}, {"to", "now"}}},
          {"templating",
           {{"list",
             {{{"name", "datasource"}, {"type", "datasource"}, {"label", "data source"}, {"query", "prometheus"}},
              variable("instance", fmt::format("label_values({}, instance)", cpus)),
              variable("gpu", fmt::format("label_values({}{{instance=~\"$instance\"}}, gpu)", up))}}}},
          {"annotations", {{"list", json::array()}}},
          {"panels", std::move(panels)}};
}

}  // namespace gpubench::monitoring
