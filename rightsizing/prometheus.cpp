#include "rightsizing/prometheus.hpp"

#include "core/encoding.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "results/json_field.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>

#include "rightsizing/metric_names.hpp"
#include "rightsizing/prometheus_labels.hpp"

namespace gpubench::rightsizing {
namespace {

using results::json_field;

/// Prometheus refuses more than 11,000 points a series in one query (web/api/v1, "exceeded maximum resolution").
constexpr double most_points = 10'000;
/// A chunk of a query over many GPUs must stay of a size that can be read at once.
constexpr double usual_points = 2'016;
constexpr double longest_step_seconds = 86'400;

struct found_series {
  label_set labels;
  series values;
};

class api {
 public:
  explicit api(const prometheus_question& question) : question_(question) {}

  /// Names of the metrics that the window has, of those that are of use.
  std::set<std::string> names() {
    // One expression is asked for, as a server may hold a million names.
    const std::string wanted =
        R"({__name__=~"DCGM_FI_.*|gpubench_.*|nvidia_smi_.*|node_cpu_seconds_total|container_cpu_usage_seconds_total|kube_node_labels|kube_pod_container_resource_limits"})";
    const auto data = ask(fmt::format("/api/v1/label/__name__/values?start={:.3f}&end={:.3f}&match[]={}",
                                      question_.begin_seconds, question_.end_seconds, http::percent_encode(wanted)));
    return of_answer([&] {
      std::set<std::string> found;
      const json_field root(data, place_);
      for (const auto& name : root.at("data").texts()) found.insert(name);
      return found;
    });
  }

  /// The series of an expression over the window; several points of one time, at the borders of chunks, are the
  /// caller's.
  std::vector<found_series> range(const std::string& expression) {
    std::map<label_set, series> merged;
    const double chunk = std::min(usual_points, most_points) * question_.step_seconds;
    for (double begin = question_.begin_seconds; begin <= question_.end_seconds; begin += chunk) {
      const double end = std::min(question_.end_seconds, begin + chunk - question_.step_seconds);
      const auto answer = ask(fmt::format("/api/v1/query_range?start={:.3f}&end={:.3f}&step={:.3f}&query={}", begin,
                                          end, question_.step_seconds, http::percent_encode(expression)));
      of_answer([&] { add_matrix(answer, merged); });
    }
    std::vector<found_series> all;
    all.reserve(merged.size());
    for (auto& [labels, values] : merged) all.push_back({labels, std::move(values)});
    return all;
  }

  /// Labels of the series of an expression at the end of the window.
  std::vector<label_set> at_end(const std::string& expression) {
    const auto data =
        ask(fmt::format("/api/v1/query?time={:.3f}&query={}", question_.end_seconds, http::percent_encode(expression)));
    return of_answer([&] {
      std::vector<label_set> found;
      const json_field root(data, place_);
      for (const auto& each : root.at("data").at("result").elements()) found.push_back(each.at("metric").text_map());
      return found;
    });
  }

  const std::set<std::string>& warnings() const { return warnings_; }

 private:
  /// Readers of JSON speak of files; this is a server.
  template <class Read>
  static auto of_answer(const Read& read) -> decltype(read()) {
    try {
      return read();
    } catch (const error& cause) {
      if (cause.kind() != error_kind::input) throw;
      throw error(
          cause.kind(), cause.where(), fmt::format("its answer is not of Prometheus' API: {}", cause.what()),
          "give the address of Prometheus, or of a server with its HTTP API, with its prefix: https://HOST/prometheus");
    }
  }

  json ask(const std::string& target) {
    const auto answer = http::get(question_.server, target, "the Prometheus server", question_.limits);
    place_ = question_.server.shown() + target.substr(0, target.find('?'));
    json document;
    try {
      document = parse_json(answer.body, place_);
    } catch (const error& cause) {
      if (answer.status >= 500 || answer.status == 429 || answer.status == 403) refuse_status(answer.status, "");
      const bool page = answer.is_web_page();
      throw error(
          error_kind::input, {place_, 0, 0},
          page ? fmt::format("answers with a web page (status {}){}, not with Prometheus' API", answer.status,
                             answer.redirected_to.empty() ? "" : " of " + answer.redirected_to + ", where it redirects")
               : fmt::format("answers what is not the JSON of Prometheus' API (status {}): {}", answer.status,
                             cause.what()),
          answer.redirected_to.empty()
              ? "give the address under which /api/v1 lies, with its prefix: https://HOST/prometheus"
              : "that may be a page to log in at: give an address that answers without one, or takes "
                "https://USER:PASSWORD@HOST");
    }
    if (!document.is_object() || !document.contains("status") || !document["status"].is_string())
      throw error(error_kind::input, {place_, 0, 0}, "answers JSON that is not of Prometheus' API: it has no status",
                  "give the address under which /api/v1 lies, with its prefix: https://HOST/prometheus");
    const json_field root(document, place_);
    if (root.at("status").text() != "success") {
      const auto why = root.find("error");
      refuse_status(answer.status, why && why->is_text() ? printable(why->text()) : "");
    }
    if (const auto warned = root.find("warnings"))
      for (const auto& each : warned->texts()) warnings_.insert(printable(each));
    return document;
  }

  [[noreturn]] void refuse_status(int status, const std::string& why) const {
    // Of a question's text only the matchers are the user's; servers refuse it for limits of their own too.
    constexpr int bad_request = 400, forbidden = 403;
    const bool cannot_be_read = to_lower(why).find("pars") != std::string::npos;
    if (status == bad_request && cannot_be_read && !question_.matchers.empty())
      throw error(error_kind::usage,
                  fmt::format("--match {}: the server does not take it: {}", question_.matchers, why),
                  "label matchers as PromQL has them: cluster=\"a\",team=~\"x|y\"");
    if (status == forbidden)
      throw error(error_kind::environment,
                  fmt::format("the Prometheus server at {} does not let this user read (status {})", place_, status),
                  "ask for the right to query it, or name another user in the address: https://USER:PASSWORD@HOST");
    throw error(
        error_kind::environment,
        fmt::format("the Prometheus server at {} failed (status {}){}{}", place_, status, why.empty() ? "" : ": ", why),
        "ask for less at once: a shorter --window or a longer --step");
  }

  void add_matrix(const json& document, std::map<label_set, series>& into) const {
    const json_field data = json_field(document, place_).at("data");
    if (data.at("resultType").text() != "matrix")
      throw error(error_kind::input, {place_, 0, 0}, "a range query was answered with no matrix");
    for (const auto& each : data.at("result").elements()) {
      auto& values = into[each.at("metric").text_map()];
      // Read without json_field: a window has hundreds of thousands of points.
      for (const auto& point : each.at("values").value()) {
        if (!point.is_array() || point.size() != 2 || !point[0].is_number() || !point[1].is_string())
          each.at("values").refuse("holds what is no [time, \"value\"]");
        const double at = point[0].get<double>();
        if (!(at >= question_.begin_seconds - question_.step_seconds &&
              at <= question_.end_seconds + question_.step_seconds))
          each.at("values").refuse(fmt::format("holds time {}, outside of the window that was asked for", at));
        const auto& text = point[1].get_ref<const std::string&>();
        // These are no observations, as of a division by nothing.
        if (text == "NaN" || text == "+Inf" || text == "-Inf") continue;
        const auto value = parse_number(text);
        if (!value || !std::isfinite(*value))
          each.at("values").refuse(fmt::format("holds '{}', which is no number", printable(text)));
        // A point is the mean of the step before it: its time is the middle of that.
        values.push_back({at - question_.step_seconds / 2, *value});
      }
    }
  }

  const prometheus_question& question_;
  std::string place_;
  std::set<std::string> warnings_;
};

class reader {
 public:
  explicit reader(const prometheus_question& question)
      : question_(question), api_(question), step_(fmt::format("{}s", std::llround(question.step_seconds))) {}

  history read() {
    result_.begin_seconds = question_.begin_seconds;
    result_.end_seconds = question_.end_seconds;
    result_.step_seconds = question_.step_seconds;
    result_.are_means = true;
    result_.source = "Prometheus at " + question_.server.shown();
    names_ = api_.names();
    read_gpus();
    if (devices_.empty()) refuse_empty();
    read_utilization_peaks();
    read_models();
    read_instance_types();
    read_hosts();
    drop_cut_gpus();
    for (auto& [key, device] : devices_) {
      device.history.owner = longest_owner(device.owners);
      result_.devices.push_back(std::move(device.history));
    }
    if (!question_.owner_label.empty() && std::all_of(result_.devices.begin(), result_.devices.end(),
                                                      [](const auto& each) { return each.owner.empty(); }))
      result_.notes.push_back(
          fmt::format("no series of a GPU has the label '{}' (--owner-label): whose they are is not known",
                      printable(question_.owner_label)));
    for (const auto& warning : api_.warnings())
      result_.notes.push_back("The server says its answer may be partial: " + warning);
    settle(result_);
    return std::move(result_);
  }

 private:
  struct seen_gpu {
    device_history history;
    gpu_identity identity;
    std::map<std::string, std::size_t> owners;  ///< by observations
    label_set pod;                              ///< namespace and pod of the longest owner's series
    std::size_t pod_observations = 0;
  };

  bool has(const std::string& name) const { return names_.count(name) > 0; }

  void read_gpus() {
    for (const auto& metric : prometheus_metrics()) {
      const std::string name(metric.name);
      if (!has(name)) continue;
      const bool largest = metric.of == signal::memory_used || metric.of == signal::memory_total;
      const auto found = api_.range(of_steps(largest ? "max_over_time" : "avg_over_time", name));
      if (found.empty()) continue;
      result_.units.push_back(unit_sentence(metric));
      for (const auto& each : found) add(each, metric);
    }
  }

  std::string of_steps(const char* function, const std::string& name) const {
    return fmt::format("{}({}{}[{}])", function, name, question_.matchers.empty() ? "" : "{" + question_.matchers + "}",
                       step_);
  }

  /// Asked for where it decides: a mean of whole per cent is not whole.
  void read_utilization_peaks() {
    const auto is_low = [&](const std::string& key, const known_metric& metric) {
      const auto source = sources_.find({key, signal::gpu_utilization});
      const auto* values = devices_[key].history.find(signal::gpu_utilization);
      return source != sources_.end() && source->second == metric.name && values != nullptr &&
             is_low_utilization(*values);
    };
    for (const auto& metric : prometheus_metrics()) {
      if (metric.of != signal::gpu_utilization || metric.factor == 1 ||
          std::none_of(devices_.begin(), devices_.end(), [&](const auto& each) { return is_low(each.first, metric); }))
        continue;
      for (const auto& found : api_.range(of_steps("max_over_time", std::string(metric.name)))) {
        const auto key = identity_of(found.labels).key();
        if (devices_.count(key) == 0 || !is_low(key, metric)) continue;
        auto& peaks = devices_[key].history.utilization_peaks;
        for (const auto& each : found.values) peaks.push_back({each.at_seconds, each.value * metric.factor});
      }
    }
  }

  void add(const found_series& found, const known_metric& metric) {
    const auto identity = identity_of(found.labels);
    auto& into = devices_[identity.key()];
    // Two exporters that tell the same of one GPU: the first in the list of names is enough.
    const auto source = sources_.emplace(std::pair(identity.key(), metric.of), metric.name).first->second;
    if (source != metric.name) return;
    if (into.history.signals.empty()) {
      into.identity = identity;
      into.history.host = printable(identity.host);
      into.history.gpu = printable(identity.gpu);
      into.history.uuid = printable(identity.uuid);
    }
    if (into.history.model.empty()) into.history.model = printable(identity.model);
    if (into.history.slice.empty()) into.history.slice = printable(identity.slice);
    if (into.history.instance_type.empty()) into.history.instance_type = printable(identity.instance_type);
    auto& values = into.history.signals[metric.of];
    for (const auto& each : found.values) values.push_back({each.at_seconds, each.value * metric.factor});
    const auto owner = owner_of(found.labels, question_.owner_label);
    if (owner.empty()) return;
    auto& seen = into.owners[printable(owner)];
    seen += found.values.size();
    if (seen > into.pod_observations) {
      into.pod_observations = seen;
      into.pod = pod_of(found.labels);
    }
  }

  static std::string longest_owner(const std::map<std::string, std::size_t>& owners) {
    const auto most = std::max_element(owners.begin(), owners.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
    return most == owners.end() ? std::string() : most->first;
  }

  [[noreturn]] void refuse_empty() const {
    const auto any = std::any_of(names_.begin(), names_.end(), [](const std::string& name) {
      return name.rfind("DCGM_FI_", 0) == 0 || name.rfind("gpubench_gpu_", 0) == 0 || name.rfind("nvidia_smi_", 0) == 0;
    });
    throw error(error_kind::input, {result_.source, 0, 0},
                any ? "has metrics of GPUs, but none in this window that says what they did"
                    : "has no metric of a GPU in this window",
                "is a GPU exporter scraped (DCGM exporter, gpubench monitor, nvidia_gpu_exporter, Telegraf)? Another "
                "--window, --until or --match may have some");
  }

  /// nvidia_gpu_exporter tells names in a metric of their own.
  void read_models() {
    if (!has("nvidia_smi_gpu_info")) return;
    for (const auto& labels : api_.at_end(over_window("nvidia_smi_gpu_info"))) {
      const auto uuid = first_label(labels, {"uuid"});
      for (auto& [key, device] : devices_)
        if (device.history.model.empty() && !uuid.empty() && device.identity.uuid == uuid)
          device.history.model = printable(first_label(labels, {"name"}));
    }
  }

  /// A GPU that is cut into slices does nothing itself: its slices do.
  void drop_cut_gpus() {
    std::set<std::pair<std::string, std::string>> cut;
    for (const auto& [key, device] : devices_)
      if (!device.history.slice.empty()) cut.emplace(device.history.host, device.history.gpu);
    std::erase_if(devices_, [&](const auto& each) {
      const auto& gpu = each.second.history;
      return gpu.slice.empty() && cut.count({gpu.host, gpu.gpu}) > 0;
    });
  }

  std::string over_window(const std::string& metric) const {
    return fmt::format("last_over_time({}[{}s])", metric,
                       std::llround(question_.end_seconds - question_.begin_seconds));
  }

  void read_instance_types() {
    if (!has("kube_node_labels")) return;
    for (const auto& labels : api_.at_end(over_window("kube_node_labels"))) {
      const auto type = first_label(labels, {"label_node_kubernetes_io_instance_type"});
      const auto node = first_label(labels, {"node"});
      if (type.empty() || node.empty()) continue;
      for (auto& [key, device] : devices_)
        if (device.history.instance_type.empty() && is_on_host(device.identity, node))
          device.history.instance_type = printable(type);
    }
  }

  /// Gives every GPU of the hosts that a series is of its values.
  void add_host(const std::vector<found_series>& found, signal of,
                const std::function<bool(const seen_gpu&, const label_set&)>& belongs) {
    for (const auto& each : found)
      for (auto& [key, device] : devices_) {
        if (device.history.find(of) != nullptr || !belongs(device, each.labels)) continue;
        device.history.signals[of] = each.values;
      }
  }

  void read_hosts() {
    const auto on_host = [](const seen_gpu& gpu, const label_set& labels) {
      return is_on_host(gpu.identity, first_label(labels, {"instance", "node", "host"}));
    };
    const auto of_pod = [](const seen_gpu& gpu, const label_set& labels) {
      return !gpu.pod.empty() && gpu.pod == pod_of(labels);
    };
    // A pod's own limit binds before its node does.
    if (has("container_cpu_usage_seconds_total")) {
      const auto used = fmt::format(
          "sum by (namespace, pod) (rate(container_cpu_usage_seconds_total{{container!=\"\",container!=\"POD\"}}[{}]))",
          step_);
      add_host(api_.range(used), signal::host_cores_used, of_pod);
      if (has("kube_pod_container_resource_limits"))
        add_host(api_.range(used + " / sum by (namespace, pod) (kube_pod_container_resource_limits{resource=\"cpu\"})"),
                 signal::host_cpu, of_pod);
    }
    if (has("gpubench_host_cpu_busy_seconds_total")) {
      const auto used = fmt::format("sum by (instance) (rate(gpubench_host_cpu_busy_seconds_total[{}]))", step_);
      add_host(api_.range(used), signal::host_cores_used, on_host);
      if (has("gpubench_host_cpus"))
        add_host(api_.range(used + " / max by (instance) (gpubench_host_cpus)"), signal::host_cpu, on_host);
    }
    if (has("node_cpu_seconds_total")) {
      const auto used =
          fmt::format("sum by (instance) (rate(node_cpu_seconds_total{{mode!~\"idle|iowait\"}}[{}]))", step_);
      add_host(api_.range(used), signal::host_cores_used, on_host);
      add_host(api_.range(used + " / count by (instance) (node_cpu_seconds_total{mode=\"idle\"})"), signal::host_cpu,
               on_host);
    }
  }

  const prometheus_question& question_;
  api api_;
  std::string step_;
  history result_;
  std::set<std::string> names_;
  std::map<std::string, seen_gpu> devices_;
  std::map<std::pair<std::string, signal>, std::string_view> sources_;
};

}  // namespace

history read_prometheus(const prometheus_question& question) {
  if (question.step_seconds < 1 || question.step_seconds > longest_step_seconds ||
      question.end_seconds - question.begin_seconds < question.step_seconds)
    throw error(error_kind::usage, "the step must be from 1 s to 1 d, and no longer than the window",
                "as --window 7d --step 5m");
  return reader(question).read();
}

}  // namespace gpubench::rightsizing
