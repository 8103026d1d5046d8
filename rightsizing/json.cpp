#include "rightsizing/json.hpp"

#include "core/units.hpp"

#include <chrono>

#include "rightsizing/sentences.hpp"

namespace gpubench::rightsizing {
namespace {

std::string utc(double seconds) {
  return format_utc(std::chrono::system_clock::time_point(
      std::chrono::duration_cast<std::chrono::system_clock::duration>(std::chrono::duration<double>(seconds))));
}

void put(json& into, const char* key, const std::optional<double>& value) {
  if (value) into[key] = *value;
}

void put(json& into, const char* key, const std::string& value) {
  if (!value.empty()) into[key] = value;
}

json range_json(const range& of) {
  return {{"low", of.low}, {"expected", of.expected}, {"high", of.high}};
}

json device_json(const device_summary& of, const bound_finding& bound) {
  json device = json::object();
  put(device, "gpu", of.gpu);
  put(device, "uuid", of.uuid);
  put(device, "model", of.model);
  put(device, "slice", of.slice);
  put(device, "owner", of.owner);
  device["observed_fraction"] = of.covered;
  if (of.activity) {
    device["activity"] = {{"mean", of.activity->mean},
                          {"p95", of.activity->p95},
                          {"max", of.activity->max},
                          {"from", of.activity_is_engine ? "engine" : "utilization"}};
  }
  put(device, "busy_time_fraction", of.busy_time);
  put(device, "busy_p95", of.busy_p95);
  put(device, "idle_hours_fraction", of.idle_hours);
  put(device, "sm_active", of.sm_active);
  put(device, "tensor_active", of.tensor_active);
  put(device, "dram_active", of.dram_active);
  put(device, "fp64_active", of.fp64_active);
  put(device, "fp32_active", of.fp32_active);
  put(device, "fp16_active", of.fp16_active);
  put(device, "host_cpu_fraction", of.host_cpu);
  put(device, "pcie_bytes_per_second", of.pcie_bytes_per_second);
  put(device, "nvlink_bytes_per_second", of.nvlink_bytes_per_second);
  put(device, "memory_used_max_bytes", of.memory_used_max_bytes);
  put(device, "memory_total_bytes", of.memory_total_bytes);
  device["bound"] = to_string(bound.by);
  device["reason"] = bound.reason;
  return device;
}

json option_json(const option& of) {
  json made = {{"provider", of.instance->provider}, {"instance_type", of.instance->type},
               {"region", of.price->region},        {"price_model", profiles::to_string(of.price->model)},
               {"instances", of.instances},         {"usd_per_month", of.usd_per_month},
               {"gpus_used", of.used.gpus},         {"placement", of.used.how},
               {"busy", range_json(of.busy)},       {"speed", range_json(of.speed)},
               {"work_may_wait", of.may_wait}};
  if (of.other_precision) made["precision"] = models::to_string(*of.other_precision);
  return made;
}

json machine_json(const machine_advice& of) {
  json machine = json::object();
  put(machine, "host", of.host);
  machine["answer"] = to_string(of.answer);
  machine["sentence"] = of.sentence;
  if (of.instance != nullptr) {
    machine["present"] = {
        {"provider", of.instance->provider}, {"instance_type", of.instance->type}, {"assumed", of.instance_assumed}};
    put(machine["present"], "usd_per_month", of.usd_per_month);
  }
  if (of.choice) machine["choice"] = option_json(*of.choice);
  if (of.if_less_was_needed) machine["if_less_was_needed"] = option_json(*of.if_less_was_needed);
  if (of.if_work_may_wait) machine["if_work_may_wait"] = option_json(*of.if_work_may_wait);
  if (of.saving) machine["saving_usd_per_month"] = {{"low", of.saving->low}, {"high", of.saving->high}};
  machine["missing_evidence"] = of.missing;
  machine["devices"] = json::array();
  for (std::size_t i = 0; i < of.devices.size(); ++i)
    machine["devices"].push_back(device_json(of.devices[i], of.bounds[i]));
  return machine;
}

}  // namespace

json to_json(const advice& answer, const history& observed, const std::string& made_at, const std::string& command) {
  json document = {{"schema", "gpubench.rightsizing/1"},
                   {"made_at", made_at},
                   {"command", command},
                   {"observed",
                    {{"source", observed.source},
                     {"begin", utc(observed.begin_seconds)},
                     {"end", utc(observed.end_seconds)},
                     {"step_seconds", observed.step_seconds},
                     {"units", observed.units},
                     {"notes", observed.notes}}},
                   {"machines", json::array()},
                   {"notes", answer.notes}};
  for (const auto& each : answer.machines) document["machines"].push_back(machine_json(each));
  return document;
}

}  // namespace gpubench::rightsizing
