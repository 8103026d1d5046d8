#include "rightsizing/cloudwatch.hpp"

#include "core/csv.hpp"
#include "core/encoding.hpp"
#include "core/file.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "core/units.hpp"
#include "results/json_field.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "rightsizing/metric_names.hpp"
#include "rightsizing/observed_step.hpp"

namespace gpubench::rightsizing {
namespace {

using results::json_field;

/// Which GPU, of which machine, a datum is of.
struct dimensions {
  std::string machine, type, index, model;
};

class collector {
 public:
  explicit collector(std::string file) : file_(std::move(file)) {}

  /// @param unit  of CloudWatch: "Percent", "Megabytes"; empty or "None" where it is the metric's usual one
  /// @return whether the metric is one of use
  bool add(std::string_view metric, const dimensions& of, double at_seconds, double value, std::string_view unit) {
    const auto* known = find_metric(cloudwatch_metrics(), metric);
    if (known == nullptr) return false;
    const auto [place, is_new] = places_.emplace(std::tuple(of.machine, of.index), result_.devices.size());
    if (is_new) {
      device_history device;
      device.host = printable(of.machine);
      device.gpu = of.index;
      result_.devices.push_back(std::move(device));
    }
    auto& device = result_.devices[place->second];
    if (device.instance_type.empty()) device.instance_type = printable(of.type);
    if (device.model.empty()) device.model = printable(of.model);
    device.signals[known->of].push_back({at_seconds, value * factor_of(*known, unit)});
    state_unit(*known, unit);
    times_.push_back(at_seconds);
    return true;
  }

  void note(std::string what) {
    if (std::find(result_.notes.begin(), result_.notes.end(), what) == result_.notes.end())
      result_.notes.push_back(std::move(what));
  }

  history finish() {
    if (result_.devices.empty())
      throw error(error_kind::input, {file_, 0, 0}, "has no metric of the CloudWatch agent's nvidia_smi_*",
                  "export nvidia_smi_utilization_gpu and nvidia_smi_memory_used: docs/monitoring.md");
    share_host_cpu();
    if (result_.devices.empty())
      throw error(error_kind::input, {file_, 0, 0}, "has metrics of a machine, but none that says what a GPU did",
                  "export nvidia_smi_utilization_gpu and nvidia_smi_memory_used too: docs/monitoring.md");
    // Statistics of a period; who exports the maximum instead has no finer ones either.
    result_.are_means = true;
    result_.source = file_;
    set_span(result_, std::move(times_));
    settle(result_);
    return std::move(result_);
  }

 private:
  /// CloudWatch names bytes by its own words; the agent's megabytes are nvidia-smi's MiB.
  double factor_of(const known_metric& known, std::string_view unit) const {
    if (unit.empty() || unit == "None") return known.factor;
    if (is_fraction(known.of)) {
      if (unit == "Percent") return known.factor;
    } else {
      if (unit == "Bytes") return 1;
      if (unit == "Kilobytes") return kib;
      if (unit == "Megabytes") return mib;
      if (unit == "Gigabytes") return gib;
      if (unit == "Terabytes") return 1024 * gib;
    }
    throw error(error_kind::input, {file_, 0, 0},
                fmt::format("{} is in '{}', which is no unit of it", known.name, printable(unit)),
                is_fraction(known.of) ? "CloudWatch's unit is Percent" : "CloudWatch's units are Bytes to Terabytes");
  }

  void state_unit(const known_metric& known, std::string_view unit) {
    if (!used_.emplace(&known, unit).second) return;
    static const std::map<std::string_view, std::string_view> for_people{
        {"Bytes", "bytes"}, {"Kilobytes", "KiB"}, {"Megabytes", "MiB"}, {"Gigabytes", "GiB"}, {"Terabytes", "TiB"}};
    auto stated = known;
    const auto found = for_people.find(unit);
    if (found != for_people.end()) stated.unit = found->second;
    const auto sentence = unit_sentence(stated);
    if (std::find(result_.units.begin(), result_.units.end(), sentence) == result_.units.end())
      result_.units.push_back(sentence);
  }

  /// Metrics of a machine have no GPU's index: they are those of all its GPUs.
  void share_host_cpu() {
    std::map<std::string, series> of_machine;
    for (const auto& device : result_.devices)
      if (const auto* cpu = device.find(signal::host_cpu)) of_machine[device.host] = *cpu;
    const auto is_gpu = [](const device_history& device) {
      return device.find(signal::gpu_utilization) != nullptr || device.find(signal::memory_used) != nullptr;
    };
    for (auto& device : result_.devices) {
      const auto cpu = of_machine.find(device.host);
      if (is_gpu(device) && cpu != of_machine.end()) device.signals[signal::host_cpu] = cpu->second;
    }
    std::erase_if(result_.devices, [&](const auto& device) { return !is_gpu(device); });
    for (auto& device : result_.devices)
      if (device.gpu.empty()) device.gpu = "0";
  }

  std::string file_;
  history result_;
  std::map<std::tuple<std::string, std::string>, std::size_t> places_;
  std::set<std::pair<const known_metric*, std::string>> used_;
  std::vector<double> times_;
};

bool wants_maximum(std::string_view metric) {
  return metric.rfind("nvidia_smi_memory", 0) == 0;
}

/// "2026-11-20T00:00:00Z", "+00:00" likewise, or seconds or milliseconds since 1970.
std::optional<double> time_of(const json_field& at) {
  if (at.is_text()) {
    std::string text = at.text();
    const std::string zero_offset = "+00:00";
    if (text.size() > zero_offset.size() && text.compare(text.size() - zero_offset.size(), 6, zero_offset) == 0)
      text.resize(text.size() - zero_offset.size());
    return parse_utc_seconds(text);
  }
  constexpr double in_milliseconds_from = 1e11;
  const double number = at.number();
  return number > in_milliseconds_from ? number / 1000 : number;
}

double require_time(const json_field& at) {
  const auto time = time_of(at);
  if (!time) at.refuse("is no time in UTC", "as 2026-11-20T00:00:00Z");
  return *time;
}

/// Whether a word may be a GPU's index. No machine has a hundred GPUs, and numbers in models' names are no smaller:
/// "RTX PRO 6000".
bool may_be_index(const std::string& word) {
  constexpr int above_any_index = 100;
  const auto number = parse_integer(word);
  return number && *number >= 0 && *number < above_any_index;
}

/// A label of get-metric-data: its words are the metric's name and, in any order, machine, type, index and model.
struct read_label {
  std::string metric;
  dimensions of;
};
std::optional<read_label> take_apart(const json_field& from) {
  read_label result;
  std::vector<std::string> rest, before_model, in_or_after_model;
  for (const auto& word : split(from.text(), ' ')) {
    if (find_metric(cloudwatch_metrics(), word) != nullptr)
      result.metric = word;
    else if (word.rfind("i-", 0) == 0)
      result.of.machine = word;
    else if (may_be_index(word) && rest.empty())
      before_model.push_back(word);
    else if (word.find('.') != std::string::npos && result.of.type.empty())
      result.of.type = word;
    else if (!word.empty()) {
      if (may_be_index(word)) in_or_after_model.push_back(word);
      rest.push_back(word);
    }
  }
  if (result.metric.empty()) return std::nullopt;
  const auto& indices = before_model.empty() ? in_or_after_model : before_model;
  if (indices.size() > 1)
    from.refuse(fmt::format("does not tell the GPU's index: it may be {}", join(indices, " or ")),
                "the label's words: instance, type, index, model, metric (docs/monitoring.md)");
  if (!indices.empty()) result.of.index = indices.front();
  if (before_model.empty() && !indices.empty()) rest.erase(std::find(rest.begin(), rest.end(), indices.front()));
  result.of.model = join(rest, " ");
  return result;
}

void add_metric_data(const json_field& root, collector& into) {
  if (root.find("NextToken"))
    into.note(
        "The export is not whole: it ends with a NextToken, after which there is more; ask again with --next-token, or "
        "let the AWS CLI follow it (without --no-paginate, --max-items).");
  for (const auto& each : root.at("MetricDataResults").elements()) {
    const auto label = take_apart(each.at("Label"));
    if (!label) continue;
    if (const auto status = each.find("StatusCode"); status && status->text() != "Complete")
      into.note(
          fmt::format("The export is not whole: CloudWatch says {} of {}.", printable(status->text()), label->metric));
    const auto times = each.at("Timestamps").elements();
    const auto values = each.at("Values").elements();
    if (times.size() != values.size()) each.refuse("has another number of times than of values");
    for (std::size_t i = 0; i < times.size(); ++i)
      into.add(label->metric, label->of, require_time(times[i]), values[i].number(), "");
  }
}

void add_statistics(const json_field& root, collector& into) {
  const auto metric = root.at("Label").text();
  for (const auto& each : root.at("Datapoints").elements()) {
    const auto maximum = each.find("Maximum");
    const auto value = wants_maximum(metric) && maximum ? maximum
                       : each.find("Average")           ? each.find("Average")
                                                        : maximum;
    if (!value) each.refuse("has neither Average nor Maximum", "ask with --statistics Average Maximum");
    const auto unit = each.find("Unit");
    into.add(metric, {}, require_time(each.at("Timestamp")), value->number(), unit ? unit->text() : "");
  }
}

void add_stream_line(const json_field& line, collector& into) {
  const auto metric = line.at("metric_name").text();
  if (find_metric(cloudwatch_metrics(), metric) == nullptr) return;
  dimensions of;
  for (const auto& [key, value] : line.at("dimensions").members()) {
    if (key == "InstanceId") of.machine = value.text();
    if (key == "InstanceType") of.type = value.text();
    if (key == "index") of.index = value.text();
    if (key == "name") of.model = value.text();
  }
  const auto value = line.at("value");
  const double count = value.at("count").number();
  if (count <= 0) return;
  const double taken = wants_maximum(metric) ? value.at("max").number() : value.at("sum").number() / count;
  const auto unit = line.find("unit");
  into.add(metric, of, require_time(line.at("timestamp")), taken, unit ? unit->text() : "");
}

/// A line is a document of its own, of which the parser counts the lines.
json parse_stream_line(std::string_view line, const std::string& file, std::size_t number) {
  try {
    return parse_foreign_json(line, file);
  } catch (const error& cause) {
    throw error(cause.kind(), {file, number, cause.where().column}, cause.what(), cause.hint());
  }
}

void add_json(const std::string& text, const std::string& file, collector& into) {
  const auto first_line = trim(std::string_view(text).substr(0, text.find('\n')));
  const bool is_stream =
      first_line.find("\"metric_stream_name\"") != std::string_view::npos && first_line.back() == '}';
  if (is_stream) {
    std::size_t number = 0;
    for (std::size_t begin = 0; begin < text.size(); ++number) {
      const auto end = std::min(text.find('\n', begin), text.size());
      const auto line = std::string_view(text).substr(begin, end - begin);
      begin = end + 1;
      if (trim(line).empty()) continue;
      const auto document = parse_stream_line(line, file, number + 1);
      const std::string place = fmt::format("{}:{}", file, number + 1);
      add_stream_line(json_field(document, place), into);
    }
    return;
  }
  const auto document = parse_foreign_json(text, file);
  const json_field root(document, file, &text);
  if (document.is_object() && document.contains("MetricDataResults"))
    add_metric_data(root, into);
  else if (document.is_object() && document.contains("Datapoints"))
    add_statistics(root, into);
  else
    root.refuse("is no export of CloudWatch: it has neither MetricDataResults nor Datapoints",
                "aws cloudwatch get-metric-data: docs/monitoring.md");
}

class long_table {
 public:
  explicit long_table(const csv_table& table) : table_(table) {
    for (const auto& header : table.header()) by_name_[simple(header)] = header;
  }

  void add_to(collector& into) const {
    const auto at = require({"timestamp", "time"});
    const auto metric = require({"metricname", "metric"});
    const auto average = find({"value", "average", "avg"}), maximum = find({"maximum", "max"});
    if (average.empty() && maximum.empty())
      throw error(error_kind::input, {table_.file(), 1, 0}, "has no column 'value', 'average' or 'maximum'");
    for (std::size_t i = 0; i < table_.size(); ++i) {
      const auto row = table_[i];
      const auto& name = row.text(metric);
      const auto time = parse_utc_seconds(trim(row.text(at)));
      if (!time) row.refuse(at, "is no time in UTC", "as 2026-11-20T00:00:00Z");
      const bool take_maximum = average.empty() || (wants_maximum(name) && !maximum.empty());
      const auto value = row.number(take_maximum ? maximum : average);
      if (!value) continue;
      into.add(name,
               {text(row, {"instanceid"}), text(row, {"instancetype"}), text(row, {"index"}), text(row, {"name"})},
               *time, *value, text(row, {"unit"}));
    }
  }

 private:
  /// "Metric Name", "metric_name" and "MetricName" are one.
  static std::string simple(std::string_view header) {
    std::string plain;
    for (const char c : to_lower(trim(header)))
      if (c != '_' && c != ' ') plain += c;
    return plain;
  }

  std::string find(std::initializer_list<const char*> names) const {
    for (const char* name : names) {
      const auto found = by_name_.find(name);
      if (found != by_name_.end()) return found->second;
    }
    return {};
  }

  std::string require(std::initializer_list<const char*> names) const {
    auto column = find(names);
    if (column.empty())
      throw error(error_kind::input, {table_.file(), 1, 0}, fmt::format("has no column '{}'", *names.begin()),
                  "columns by name: timestamp, metric_name, value, unit, InstanceId, InstanceType, index, name");
    return column;
  }

  std::string text(const csv_table::row& row, std::initializer_list<const char*> names) const {
    const auto column = find(names);
    return column.empty() ? std::string() : std::string(trim(row.text(column)));
  }

  const csv_table& table_;
  std::map<std::string, std::string> by_name_;
};

}  // namespace

history read_cloudwatch(const std::filesystem::path& file) {
  const auto text = read_file(file);
  require_utf8(text, file.string());
  collector into(file.string());
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first != std::string::npos && (text[first] == '{' || text[first] == '['))
    add_json(text, file.string(), into);
  else
    long_table(csv_table::parse(text, file.string())).add_to(into);
  return into.finish();
}

}  // namespace gpubench::rightsizing
