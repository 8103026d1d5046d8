#include "cli/knowledge.hpp"
#include "cli/output.hpp"
#include "cli/program.hpp"
#include "cli/values.hpp"
#include "core/text.hpp"
#include "core/units.hpp"
#include "report/table.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <memory>
#include <optional>

#include "http/url.hpp"
#include "rightsizing/advice.hpp"
#include "rightsizing/cloudwatch.hpp"
#include "rightsizing/json.hpp"
#include "rightsizing/nvidia_smi_log.hpp"
#include "rightsizing/prometheus.hpp"
#include "rightsizing/sentences.hpp"

namespace gpubench::cli {
namespace {

using std::chrono::duration;

struct rightsize_options {
  std::optional<http::url> prometheus;
  std::filesystem::path cloudwatch, log;
  duration<double> window{7 * 24 * seconds_per_hour};
  duration<double> step{300};
  duration<double> timeout{60};
  std::optional<double> until_seconds;
  std::string match, owner_label;
  std::string instance;
  models::precision precision = models::precision::bf16;
  std::vector<std::string> providers, regions;
  std::vector<profiles::price_model> price_models;
  std::string gpu_pattern;
  std::optional<std::chrono::system_clock::time_point> as_of;
  bool evidence = false, may_wait = false;
};

double parse_moment(std::string_view text) {
  const auto seconds = parse_utc_seconds(text);
  if (seconds) return *seconds;
  if (trim(text).size() != 10 || !parse_date(trim(text)))
    throw error(error_kind::usage, fmt::format("'{}' is no time in UTC", text),
                "write 2026-11-22 or 2026-11-22T10:00:00Z: a time of another zone is to be turned into UTC first");
  return std::chrono::duration<double>(parse_day(text).time_since_epoch()).count();
}

models::precision parse_precision_option(std::string_view text) {
  const auto found = models::parse_precision(text);
  if (!found) throw error(error_kind::usage, fmt::format("'{}' is no precision", text), "as bf16, fp16, tf32 or fp8");
  return *found;
}

rightsizing::history observe(const rightsize_options& options, std::chrono::system_clock::time_point now) {
  if (!options.cloudwatch.empty()) return rightsizing::read_cloudwatch(options.cloudwatch);
  if (!options.log.empty()) return rightsizing::read_log(options.log);
  if (!options.prometheus)
    throw error(error_kind::usage, "gpubench rightsize: what was observed is missing",
                "--prometheus URL, --cloudwatch FILE or --nvidia-smi FILE");
  rightsizing::prometheus_question question;
  question.server = *options.prometheus;
  question.end_seconds = options.until_seconds.value_or(std::chrono::duration<double>(now.time_since_epoch()).count());
  // Whole steps, so that the same question has the same answer within one.
  question.step_seconds = std::max(1.0, std::round(options.step.count()));
  question.end_seconds = std::floor(question.end_seconds / question.step_seconds) * question.step_seconds;
  question.begin_seconds = question.end_seconds - options.window.count();
  question.matchers = options.match;
  question.owner_label = options.owner_label;
  question.limits.in_all = std::chrono::seconds(std::max(1L, std::lround(options.timeout.count())));
  return rightsizing::read_prometheus(question);
}

using value = report::table::value;

value number(const std::optional<double>& of, double unit = 1) {
  return of ? value(*of / unit) : value();
}

value text(const std::string& of) {
  return of.empty() ? value() : value(of);
}

/// A row a GPU: csv, markdown, and the table under the sentences.
report::table device_table(const rightsizing::advice& answer) {
  report::table devices({{"host", "host"},
                         {"gpu", "GPU"},
                         {"model", "model", 4, 4},
                         {"slice", "slice", 4, 5},
                         {"owner", "owner", 4, 3},
                         {"active_mean_percent", "active %", 3},
                         {"active_p95_percent", "p95 %", 3, 1},
                         {"tensor_active_percent", "tensor %", 3, 2},
                         {"dram_active_percent", "DRAM %", 3, 2},
                         {"memory_used_gib", "GiB used", 3, 1},
                         {"memory_total_gib", "of", 3, 1},
                         {"bound", "bound by"},
                         {"answer", "answer"},
                         {"choice", "instead", 4, 2},
                         {"placement", "placed as", 4, 4},
                         {"saving_low_usd_per_month", "saves $/month", 3},
                         {"saving_high_usd_per_month", "up to", 3, 2}});
  const auto hundred = [](const std::optional<double>& fraction) {
    return fraction ? value(*fraction * 100) : value();
  };
  for (const auto& machine : answer.machines) {
    for (std::size_t i = 0; i < machine.devices.size(); ++i) {
      const auto& each = machine.devices[i];
      const bool first = i == 0;  // what a machine saves stands once
      devices.add_row({text(each.host), text(each.gpu), text(each.model), text(each.slice), text(each.owner),
                       each.activity ? value(100 * each.activity->mean) : value(),
                       each.activity ? value(100 * each.activity->p95) : value(), hundred(each.tensor_active),
                       hundred(each.dram_active), number(each.memory_used_max_bytes, gib),
                       number(each.memory_total_bytes, gib), std::string(rightsizing::to_string(machine.bounds[i].by)),
                       std::string(rightsizing::to_string(machine.answer)),
                       machine.choice ? value(rightsizing::name_of(*machine.choice)) : value(),
                       machine.choice ? value(machine.choice->used.how) : value(),
                       first && machine.saving ? value(machine.saving->low) : value(),
                       first && machine.saving ? value(machine.saving->high) : value()});
    }
  }
  return devices;
}

void write_machine(const rightsizing::machine_advice& machine, const rightsize_options& options, std::ostream& out) {
  const auto type = machine.instance ? machine.instance->name() + (machine.instance_assumed ? ", assumed" : "") : "";
  out << fmt::format("{}{}\n  {}\n", machine.host.empty() ? "this machine" : machine.host,
                     type.empty() ? "" : " (" + type + ")", machine.sentence);
  if (machine.choice) {
    const auto& choice = *machine.choice;
    const auto span = [](double low, double high, const char* form) {
      const auto from = fmt::format(fmt::runtime(form), low), to = fmt::format(fmt::runtime(form), high);
      return from == to ? from : from + " to " + to;
    };
    const bool whole = choice.used.how == rightsizing::a_gpu_each;
    out << fmt::format("  there{} GPUs are {} % busy {}{}; speed {} of today's{}\n",
                       whole ? "" : ", " + choice.used.how + ",",
                       span(100 * choice.busy.low, 100 * choice.busy.high, "{:.0f}"),
                       choice.may_wait ? "on average" : "at their busiest",
                       choice.busy.high >= 1 ? " (where what was not observed is the most, it does not fit)" : "",
                       span(choice.speed.low, choice.speed.high, "{:.2f}"),
                       whole ? "" : ", by what else works on the GPU or how much of it the work fills");
  }
  if (!machine.missing.empty()) {
    if (options.evidence || machine.answer == rightsizing::verdict::perhaps)
      for (const auto& each : machine.missing) out << "  not observed: " << each << '\n';
    else
      out << fmt::format("  {} not observed (--evidence names {})\n", count_of(machine.missing.size(), "thing"),
                         machine.missing.size() == 1 ? "it" : "them");
  }
  out << '\n';
}

/// Idle and half-idle GPUs, by owner.
void write_idle(const rightsizing::advice& answer, const report::style& look, std::ostream& out) {
  report::table idle({{"owner", "owner"},
                      {"host", "host"},
                      {"gpu", "GPU"},
                      {"state", "state"},
                      {"active_percent", "active %", 3},
                      {"usd_per_month", "$ a month", 3}});
  struct row {
    std::string owner;
    std::vector<value> cells;
  };
  std::vector<row> rows;
  for (const auto& machine : answer.machines)
    for (const auto& each : machine.devices) {
      const auto state = rightsizing::idleness_of(each);
      if (state.empty()) continue;
      const auto share =
          machine.instance && machine.usd_per_month && machine.instance->gpu_count > 0 && each.slice.empty()
              ? std::optional(*machine.usd_per_month / machine.instance->gpu_count)
              : std::nullopt;
      rows.push_back(
          {each.owner,
           {text(each.owner), text(each.host), text(each.gpu), state, 100 * each.activity->mean, number(share)}});
    }
  if (rows.empty()) return;
  std::stable_sort(rows.begin(), rows.end(), [](const row& a, const row& b) { return a.owner < b.owner; });
  for (auto& each : rows) idle.add_row(std::move(each.cells));
  out << "Idle and half-idle GPUs, by owner\n";
  idle.write_text(out, look);
  out << '\n';
}

std::string next_command(const rightsize_options& options) {
  if (options.prometheus) return "gpubench monitor --write-rules gpubench-rules.yml  (an alert for idle GPUs)";
  return "gpubench monitor  (what nvidia-smi does not say, for the next answer)";
}

/// What all machines together can save, in one sentence.
std::string sum_sentence(const rightsizing::advice& answer) {
  using rightsizing::verdict;
  double low = 0, high = 0;
  std::size_t changed = 0, perhaps = 0, unpriced = 0, unknown = 0;
  for (const auto& each : answer.machines) {
    // Idle or not, what has no price saves nobody knows how much.
    if (!each.saving && (each.answer == verdict::stop || each.answer == verdict::seldom)) ++unpriced;
    if (each.answer == verdict::unknown) ++unknown;
    if (each.saving && each.saving->high > 0) {
      ++changed;
      if (each.answer == verdict::perhaps) ++perhaps;
      low += each.saving->low;
      high += each.saving->high;
    }
  }
  const auto machines = count_of(answer.machines.size(), "machine");
  if (changed > 0)
    return fmt::format("${} a month can {}be saved on {} of {}{}.",
                       low == high ? format_number(low) : format_number(low) + " to $" + format_number(high),
                       perhaps == changed ? "perhaps " : "", changed, machines,
                       perhaps > 0 && perhaps < changed ? fmt::format(", on {} of them perhaps", perhaps) : "");
  if (unpriced > 0) return fmt::format("What can be saved is not known on {}, for want of prices.", machines);
  if (unknown == answer.machines.size())
    return fmt::format("What can be saved on {} is not known with what was observed.", machines);
  if (unknown > 0)
    return fmt::format("Nothing can be saved on {} of {} with what was observed; on {} it is not known.",
                       answer.machines.size() - unknown, machines, unknown);
  return fmt::format("Nothing can be saved on {} with what was observed.", machines);
}

void write_text(const rightsizing::advice& answer, const rightsizing::history& observed,
                const rightsize_options& options, const report::style& look, std::ostream& out) {
  out << sum_sentence(answer) << "\n\n";
  for (const auto& each : answer.machines) write_machine(each, options, out);
  device_table(answer).write_text(out, look);
  out << '\n';
  write_idle(answer, look, out);
  out << labelled("Observed", fmt::format("{}, {} in steps of {}", observed.source,
                                          format_duration(observed.end_seconds - observed.begin_seconds),
                                          format_duration(observed.step_seconds)))
      << '\n';
  for (const auto& unit : observed.units) out << labelled("Read as", unit) << '\n';
  for (const auto& note : observed.notes) out << labelled("Note", note) << '\n';
  for (const auto& note : answer.notes) out << labelled("Note", note) << '\n';
}

exit_status rightsize(const program& chosen, const rightsize_options& options) {
  const auto& global = chosen.global;
  require_table_format(global, "right-sizing");
  std::vector<std::filesystem::path> inputs;
  for (const auto& file : {options.cloudwatch, options.log})
    if (!file.empty()) inputs.push_back(file);
  require_output(global, inputs);
  const auto now = std::chrono::system_clock::now();
  const auto known = load_catalogue(global);
  const auto observed = observe(options, now);
  rightsizing::advice_terms terms;
  terms.instance = options.instance;
  terms.precision = options.precision;
  terms.may_wait = options.may_wait;
  terms.limits.providers = options.providers;
  terms.limits.regions = options.regions;
  terms.limits.gpu_pattern = options.gpu_pattern;
  terms.limits.price_models = options.price_models.empty()
                                  ? std::vector<profiles::price_model>{profiles::price_model::on_demand}
                                  : options.price_models;
  terms.now = options.as_of.value_or(now);
  const auto answer = rightsizing::advise(rightsizing::summarize(observed), known, terms);
  if (global.format == "json") {
    deliver(global, [&](std::ostream& out) {
      out << rightsizing::to_json(answer, observed, format_utc(terms.now), chosen.command_line).dump(2) << '\n';
    });
  } else if (global.format == "table") {
    deliver(global, [&](std::ostream& out) { write_text(answer, observed, options, style_for(global), out); });
  } else {
    deliver_table(global, device_table(answer));
  }
  say(global, labelled("Next", next_command(options)));
  return exit_status::done;
}

}  // namespace

void declare_rightsize(CLI::App& app, program& chosen) {
  auto* command =
      app.add_subcommand("rightsize", "Say from what GPUs did which instance, slice or count would do it for less");
  const auto options = std::make_shared<rightsize_options>();
  const auto as_is = [](const std::string& text) { return text; };
  auto* prometheus = add_value(
      *command, "--prometheus", options->prometheus,
      [](const std::string& text) { return std::optional(http::parse_url(text)); }, "URL",
      "ask this Prometheus server, or one that speaks its HTTP API");
  auto* cloudwatch = command->add_option("--cloudwatch", options->cloudwatch,
                                         "read an export of the CloudWatch agent's nvidia_smi_* metrics (JSON or CSV)");
  cloudwatch->type_name("FILE")->excludes(prometheus);
  auto* log = command->add_option(
      "--nvidia-smi", options->log,
      "read a log of nvidia-smi --query-gpu=timestamp,... --format=csv, or of gpubench monitor --csv");
  log->type_name("FILE")->excludes(prometheus)->excludes(cloudwatch);
  auto* window =
      add_value(*command, "--window", options->window, parse_duration, "DURATION", "look back this far (default 7d)");
  auto* step = add_value(*command, "--step", options->step, parse_duration, "DURATION",
                         "a point is the mean of this time (default 5m)");
  auto* until = add_value(
      *command, "--until", options->until_seconds,
      [](const std::string& text) { return std::optional(parse_moment(text)); }, "TIME",
      "end of the window, UTC, as 2026-11-22T10:00:00Z (default now)");
  auto* timeout = add_value(*command, "--timeout", options->timeout, parse_duration, "DURATION",
                            "wait at most this long for each answer (default 60s)");
  auto* match = add_value(*command, "--match", options->match, as_is, "MATCHERS",
                          "only series with these labels, as cluster=\"a\"");
  auto* owner = add_value(*command, "--owner-label", options->owner_label, as_is, "LABEL",
                          "the label that says whose a GPU is (default: namespace and pod)");
  // A file is read whole, and has no labels: what asks a server for less would be ignored there.
  for (auto* of_server : {window, step, until, timeout, match, owner}) of_server->excludes(cloudwatch)->excludes(log);
  add_value(*command, "--instance", options->instance, as_is, "TYPE",
            "what the machines are, as p4d.24xlarge (default: by labels, else by their GPUs)");
  add_value(*command, "--precision", options->precision, parse_precision_option, "TYPE",
            "what the tensor cores compute in (default bf16)");
  add_values(*command, "--provider", options->providers, as_is, "NAME", "only offers of this provider; repeatable");
  add_values(*command, "--region", options->regions, as_is, "NAME", "only offers in this region; repeatable");
  add_value(*command, "--gpu", options->gpu_pattern, parse_pattern, "REGEX",
            "only offers with GPUs whose name matches");
  add_values(*command, "--price-model", options->price_models, parse_price_model_option, "MODEL",
             "on-demand, spot or commitment; repeatable (default on-demand)");
  add_value(
      *command, "--as-of", options->as_of, [](const std::string& text) { return std::optional(parse_day(text)); },
      "DATE", "age prices against this day (default today)");
  command->add_flag("--may-wait", options->may_wait,
                    "the work may wait at its busiest: an offer need not keep up, so long as it gets all of it done");
  command->add_flag("--evidence", options->evidence, "name everything that was not observed");
  command->callback([&chosen, options] { chosen.action = [&chosen, options] { return rightsize(chosen, *options); }; });
}

}  // namespace gpubench::cli
