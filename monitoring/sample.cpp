#include "monitoring/sample.hpp"

#include "core/csv.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <sstream>

namespace gpubench::monitoring {
namespace {

/// Labels that say which GPU a row is of.
constexpr std::string_view names[] = {"gpu", "uuid", "name", "slice"};

bool has_column(const metric& of) {
  return of.own_labels.empty() && of.scope != metric_scope::exporter;
}

std::string label_of(const metric_labels& labels, std::string_view key) {
  const auto found = std::find_if(labels.begin(), labels.end(), [&](const auto& each) { return each.first == key; });
  return found == labels.end() ? std::string() : found->second;
}

}  // namespace

std::string to_prometheus(const sample& from) {
  std::vector<metric_family> families;
  families.reserve(all_metrics().size());
  for (const auto& each : all_metrics())
    families.emplace_back(std::string(each.name), std::string(each.help),
                          each.type == metric_type::gauge ? "gauge" : "counter");
  for (const auto& each : from.points) families[static_cast<std::size_t>(each.id)].add(each.labels, each.value);
  std::ostringstream text;
  for (const auto& each : families) each.write(text);
  return text.str();
}

std::string csv_header() {
  std::string header = "time";
  for (const auto name : names) header += fmt::format(",{}", name);
  for (const auto& each : all_metrics())
    if (has_column(each)) header += fmt::format(",{}", column_of(each));
  return header + "\n";
}

std::string to_csv(const sample& from) {
  // GPUs in the order in which they were read.
  std::vector<std::vector<std::string>> devices;
  std::map<std::vector<std::string>, std::map<metric_id, double>> values;
  std::map<metric_id, double> host;
  for (const auto& each : from.points) {
    const auto& of = metric_of(each.id);
    if (!has_column(of)) continue;
    if (of.scope == metric_scope::host) {
      host[each.id] = each.value;
      continue;
    }
    std::vector<std::string> device;
    for (const auto name : names) device.push_back(label_of(each.labels, name));
    if (values.count(device) == 0) devices.push_back(device);
    values[device][each.id] = each.value;
  }
  if (devices.empty()) devices.emplace_back(std::size(names));
  std::string text;
  for (const auto& device : devices) {
    text += format_utc(from.at);
    for (const auto& name : device) text += "," + csv_escape(name);
    for (const auto& each : all_metrics()) {
      if (!has_column(each)) continue;
      const auto& row = each.scope == metric_scope::host ? host : values[device];
      const auto found = row.find(each.id);
      text += found == row.end() ? "," : fmt::format(",{}", found->second);
    }
    text += "\n";
  }
  return text;
}

}  // namespace gpubench::monitoring
