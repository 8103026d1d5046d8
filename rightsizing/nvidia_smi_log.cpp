#include "rightsizing/nvidia_smi_log.hpp"

#include "core/csv.hpp"
#include "core/encoding.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>

#include "rightsizing/metric_names.hpp"
#include "rightsizing/observed_step.hpp"

namespace gpubench::rightsizing {
namespace {

/// More than other files may have: a week of eight GPUs, a line a second, is 600 MB.
constexpr std::uintmax_t most_log_bytes = std::uintmax_t{2} << 30;

/// "utilization.gpu [%]": name and unit.
struct column {
  std::string header, name, unit;
};

column column_of(const std::string& header) {
  const auto text = trim(header);
  const auto bracket = text.find(" [");
  if (bracket == std::string_view::npos || text.back() != ']') return {header, std::string(text), ""};
  return {header, std::string(trim(text.substr(0, bracket))),
          std::string(text.substr(bracket + 2, text.size() - bracket - 3))};
}

/// Ours for one of a unit that nvidia-smi writes; nothing for another.
std::optional<double> factor_of(std::string_view unit) {
  if (unit == "%") return 0.01;
  if (unit == "MiB" || unit == "MB") return mib;
  if (unit == "GiB") return gib;
  if (unit == "KiB") return kib;
  return std::nullopt;
}

bool is_unknown(std::string_view text) {
  return text.empty() || text.front() == '[' || text == "N/A" || text == "ERR!" || text == "Unknown Error";
}

/// "2026/11/26 10:04:05.123", whatever its zone, or ISO 8601.
std::optional<double> time_of(std::string_view text) {
  std::string plain(trim(text));
  std::replace(plain.begin(), plain.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(plain.size(), 10)), '/',
               '-');
  return parse_utc_seconds(plain);
}

class log_reader {
 public:
  explicit log_reader(const csv_table& table) : table_(table) {
    for (const auto& header : table.header()) columns_.push_back(column_of(header));
    own_ = find("gpu_up") != nullptr && find("time") != nullptr;
  }

  history read() {
    const column* time = find(own_ ? "time" : "timestamp");
    const auto wanted = signals();
    if (time == nullptr || wanted.empty())
      throw error(error_kind::input, {table_.file(), 1, 0},
                  time == nullptr ? "is no log that says when: it has no column 'timestamp'"
                                  : "says neither utilization.gpu nor memory.used",
                  "nvidia-smi --query-gpu=timestamp,index,uuid,name,utilization.gpu,memory.used,memory.total "
                  "--format=csv -l 10");
    for (std::size_t i = 0; i < table_.size(); ++i) {
      try {
        read_line(table_[i], *time, wanted);
      } catch (const error& cause) {
        if (cause.kind() != error_kind::input) throw;
        skipped_.push_back(cause);
      }
    }
    add_skipped();
    finish();
    return std::move(result_);
  }

 private:
  using wanted_signals = std::vector<std::pair<const column*, const known_metric*>>;

  /// A line is taken whole or not at all.
  void read_line(const csv_table::row& row, const column& time, const wanted_signals& wanted) {
    const auto at_text = trim(row.text(time.header));
    if (at_text == time.name) return;  // the header again, of a log that was gone on with
    row.require_whole();
    const auto at = time_of(at_text);
    if (!at) row.refuse(time.header, "is no time", "as 2026/11/26 10:04:05.123, or 2026-11-26T10:04:05Z");
    std::vector<std::pair<signal, double>> values;
    for (const auto& [from, metric] : wanted)
      if (const auto value = value_of(row, *from, *metric)) values.emplace_back(metric->of, *value);
    auto& device = device_of(row);
    for (const auto& [of, value] : values) device.signals[of].push_back({*at, value});
    if (own_) add_host(row, device, *at);
    times_.push_back(*at);
  }

  /// What else writes into a log costs its own lines. A file of which it is the most is no log.
  void add_skipped() {
    if (skipped_.size() > times_.size()) throw skipped_.front();
    constexpr std::size_t most_named = 3;
    for (std::size_t i = 0; i < std::min(skipped_.size(), most_named); ++i)
      result_.notes.push_back(fmt::format("{}: this line was left out: {}", skipped_[i].where().to_string(),
                                          printable(skipped_[i].what())));
    if (skipped_.size() > most_named)
      result_.notes.push_back(fmt::format("{} more of such lines were left out",
                                          format_number(static_cast<double>(skipped_.size() - most_named))));
  }

  const column* find(std::string_view name) const {
    const auto found =
        std::find_if(columns_.begin(), columns_.end(), [&](const column& each) { return each.name == name; });
    return found == columns_.end() ? nullptr : &*found;
  }

  wanted_signals signals() {
    wanted_signals wanted;
    for (const auto& metric : own_ ? monitor_columns() : nvidia_smi_fields()) {
      const auto* from = find(metric.name);
      if (from == nullptr) continue;
      wanted.emplace_back(from, &metric);
      result_.units.push_back(unit_sentence(metric));
      if (!from->unit.empty() && !factor_of(from->unit))
        throw error(error_kind::input, {table_.file(), 1, 0},
                    fmt::format("the unit '{}' of {} is not known", printable(from->unit), metric.name));
    }
    return wanted;
  }

  std::optional<double> value_of(const csv_table::row& row, const column& from, const known_metric& metric) const {
    const auto text = trim(row.text(from.header));
    if (is_unknown(text)) return std::nullopt;
    const auto blank = text.find(' ');
    const auto unit = blank == std::string_view::npos ? std::string_view(from.unit) : trim(text.substr(blank));
    const auto number = parse_number(text.substr(0, blank));
    const auto factor = unit.empty() ? std::optional(metric.factor) : factor_of(unit);
    if (!number || !factor || *number < 0) row.refuse(from.header, "is no amount", "as '45 %' or '1024 MiB'");
    return *number * *factor;
  }

  /// Our own log counts the CPU time of the host, which says how many CPUs were in use from one line to the next.
  void add_host(const csv_table::row& row, device_history& device, double at) {
    const auto cell = [&](const char* name) -> std::optional<double> {
      const auto* from = find(name);
      return from == nullptr ? std::nullopt : parse_number(trim(row.text(from->header)));
    };
    const auto cpus = cell("host_cpus"), busy = cell("host_cpu_busy_seconds_total");
    if (!cpus || !busy || *cpus <= 0) return;
    auto& last = host_before_[device.gpu + " " + device.uuid];
    const double seconds = at - last.at_seconds;
    // A longer pause, or a counter that fell, is a new start.
    constexpr double longest_pause_seconds = 3600;
    if (seconds > 0 && seconds <= longest_pause_seconds && *busy >= last.value) {
      const double cores = std::min((*busy - last.value) / seconds, *cpus);
      device.signals[signal::host_cores_used].push_back({at, cores});
      device.signals[signal::host_cpu].push_back({at, cores / *cpus});
    }
    last = {at, *busy};
  }

  std::string text_of(const csv_table::row& row, std::initializer_list<const char*> names) const {
    for (const char* name : names)
      if (const auto* from = find(name)) return printable(trim(row.text(from->header)));
    return {};
  }

  device_history& device_of(const csv_table::row& row) {
    const auto gpu = text_of(row, {"index", "gpu"});
    const auto uuid = text_of(row, {"uuid", "gpu_uuid"});
    const auto [place, is_new] = places_.emplace(gpu + " " + uuid, result_.devices.size());
    if (is_new) {
      device_history device;
      device.gpu = gpu.empty() ? "0" : gpu;
      device.uuid = uuid;
      device.model = text_of(row, {"name", "gpu_name"});
      device.slice = text_of(row, {"slice"});
      device.host = text_of(row, {"host", "hostname"});
      result_.devices.push_back(std::move(device));
    }
    return result_.devices[place->second];
  }

  void finish() {
    if (times_.empty()) throw error(error_kind::input, {table_.file(), 0, 0}, "has no lines");
    result_.source = table_.file();
    set_span(result_, times_);
    settle(result_);
  }

  const csv_table& table_;
  std::vector<column> columns_;
  bool own_ = false;
  history result_;
  std::map<std::string, std::size_t> places_;
  std::map<std::string, observation> host_before_;
  std::vector<double> times_;
  std::vector<error> skipped_;
};

}  // namespace

history read_log(const std::filesystem::path& file) {
  auto text = read_file(file, most_log_bytes);
  require_unpacked_text(text, file.string());
  const auto last = text.find_last_of('\n');
  const bool is_cut = last != std::string::npos && last + 1 < text.size() && text.find('\n') != last;
  const auto line = std::count(text.begin(), text.end(), '\n') + 1;
  if (is_cut) text.resize(last + 1);
  const auto table = csv_table::parse(text, file.string(), csv_table::ragged_records::kept);
  auto read = log_reader(table).read();
  if (is_cut)
    read.notes.push_back(
        fmt::format("{}:{}: the last line has no end and may be cut: it was left out", file.string(), line));
  return read;
}

}  // namespace gpubench::rightsizing
