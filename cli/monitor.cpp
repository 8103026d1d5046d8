#include "cli/interrupt.hpp"
#include "cli/output.hpp"
#include "cli/program.hpp"
#include "cli/values.hpp"
#include "core/file.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "http/server.hpp"
#include "monitoring/dashboard.hpp"
#include "monitoring/metrics.hpp"
#include "monitoring/sampler.hpp"

namespace gpubench::cli {
namespace {

using std::chrono::duration;

struct monitor_options {
  http::address listen{"127.0.0.1", 9835};
  bool listen_given = false;
  std::filesystem::path textfile, csv;
  duration<double> interval{1};
  std::optional<duration<double>> time;  ///< absent: until a signal
  bool once = false, list = false;
  std::filesystem::path dashboard, rules;

  bool serves() const { return listen_given || (textfile.empty() && csv.empty()); }
};

constexpr double shortest_interval_seconds = 0.1, longest_interval_seconds = 3600;

duration<double> parse_interval(std::string_view text) {
  const auto interval = parse_duration(text);
  if (interval.count() < shortest_interval_seconds || interval.count() > longest_interval_seconds)
    throw error(error_kind::usage, fmt::format("'{}' is not between 0.1 s and 1 h", text), "as 1s or 15s");
  return interval;
}

/// What a log's file has already.
enum class log_state { absent, whole, cut };

/// Whether a file that is there is such a log already, to be gone on with, and whether its last line has no end: what
/// wrote it was ended by force, or had a full disk.
/// @throws error: input for any other file, which is not replaced; io for what is no file.
log_state state_of(const std::filesystem::path& csv) {
  require_regular(csv);
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(csv, ignored) || std::filesystem::file_size(csv, ignored) == 0)
    return log_state::absent;
  std::ifstream file(csv, std::ios::binary);
  if (!file) refuse_unread(csv, errno);
  std::string first;
  std::getline(file, first);
  if (first + "\n" == monitoring::csv_header()) {
    file.seekg(-1, std::ios::end);
    return file.get() == '\n' ? log_state::whole : log_state::cut;
  }
  throw error(error_kind::input, {csv.string(), 1, 0}, "is no log of this version of gpubench monitor",
              "name another file: this one is not replaced");
}

/// A CSV file that grows; flushed after each sample, so that what was written stays. After an error it is gone on with
/// as the next run would.
class csv_file {
 public:
  explicit csv_file(std::filesystem::path path) : path_(std::move(path)) { open(); }

  void add(const monitoring::sample& from) {
    if (!file_.is_open()) open();
    write(monitoring::to_csv(from));
  }

 private:
  void open() {
    const auto found = state_of(path_);
    errno = 0;
    file_.open(path_, std::ios::binary | (found == log_state::absent ? std::ios::trunc : std::ios::app));
    write(found == log_state::absent ? monitoring::csv_header() : found == log_state::cut ? "\n" : "");
  }

  void write(const std::string& text) {
    errno = 0;
    file_ << text << std::flush;
    if (file_.good()) return;
    const int code = errno == 0 ? EIO : errno;
    file_ = std::ofstream();
    throw error(error_kind::io, {path_.string(), 0, 0}, fmt::format("cannot write: {}", std::strerror(code)),
                code == ENOSPC || code == EDQUOT ? "free some disk space and run again: the log is gone on with"
                                                 : "name a file in a folder that is there and may be written");
  }

  std::filesystem::path path_;
  std::ofstream file_;
};

void list_metrics(const global_options& global) {
  report::table metrics({{"metric", "metric"},
                         {"type", "type"},
                         {"labels", "own labels", 4, 1},
                         {"help", "meaning", 4, 3},
                         {"dcgm", "DCGM exporter", 4, 2},
                         {"dcgm_unit", "its unit", 4, 2},
                         {"dcgm_factor", "times", 6, 2}});
  using value = report::table::value;
  for (const auto& each : monitoring::all_metrics()) {
    const bool has_dcgm = !each.dcgm.name.empty();
    metrics.add_row({std::string(each.name), each.type == monitoring::metric_type::gauge ? "gauge" : "counter",
                     each.own_labels.empty() ? value() : value(std::string(each.own_labels)), std::string(each.help),
                     has_dcgm ? value(std::string(each.dcgm.name)) : value(),
                     has_dcgm ? value(std::string(each.dcgm.unit)) : value(),
                     has_dcgm ? value(each.dcgm.factor) : value()});
  }
  deliver_table(global, metrics);
}

/// Another file's content would be lost.   @param is_own  of what is there
void require_own(const std::string& option, const std::filesystem::path& file,
                 const std::function<bool(const std::string&)>& is_own) {
  require_regular(file);
  require_writable(file);
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file, ignored)) return;
  const auto content = read_file(file);
  if (content.empty() || is_own(content)) return;
  refuse_option(
      option, error(error_kind::usage, fmt::format("{} is not one of gpubench's: it would be replaced", file.string()),
                    "name another file, or remove it"));
}

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

bool is_own_dashboard(const std::string& text) {
  const auto document = json::parse(text, nullptr, false);
  return document.is_object() && document.contains("uid") &&
         document["uid"] == monitoring::grafana_dashboard().at("uid");
}

bool is_own_rules(const std::string& text) {
  return first_line(text) == first_line(monitoring::alert_rules());
}

bool is_own_textfile(const std::string& text) {
  return first_line(text).find("gpubench_") != std::string::npos;
}

exit_status write_texts(const global_options& global, const monitor_options& options) {
  require_distinct("--write-dashboard", options.dashboard, "--write-rules", options.rules);
  if (!options.dashboard.empty()) require_own("--write-dashboard", options.dashboard, is_own_dashboard);
  if (!options.rules.empty()) require_own("--write-rules", options.rules, is_own_rules);
  if (!options.dashboard.empty()) {
    write_file_atomically(options.dashboard, monitoring::grafana_dashboard().dump(2) + "\n");
    say(global, labelled("Dashboard", options.dashboard.string()));
  }
  if (!options.rules.empty()) {
    write_file_atomically(options.rules, monitoring::alert_rules());
    say(global, labelled("Alert rules", options.rules.string()));
  }
  return exit_status::done;
}

void add_pages(http::server& server, const monitoring::periodic_sampler& samples) {
  server.add_page("/metrics", [&samples]() -> http::page {
    const auto now = samples.latest();
    return {"text/plain; version=0.0.4; charset=utf-8", now ? monitoring::to_prometheus(*now) : std::string()};
  });
  server.add_page("/", []() -> http::page {
    return {"text/html; charset=utf-8",
            "<!doctype html><title>gpubench monitor</title><p>gpubench monitor: <a href=\"/metrics\">metrics</a>\n"};
  });
}

void tell_where(const global_options& global, const http::server& server) {
  say(global, labelled("Metrics", fmt::format("http://{}/metrics", server.where().shown())));
  if (!server.where().is_loopback())
    say(global, labelled("Note", "every machine that reaches this address can read them: there is no password"));
}

/// A file that each sample is written to. Where other outputs go on without it, one that cannot be written is tried
/// again at the next sample.
class written_file {
 public:
  using write_sample = std::function<void(const monitoring::sample&)>;

  written_file(const global_options& global, std::filesystem::path path, bool alone, write_sample write)
      : global_(global), path_(std::move(path)), alone_(alone), write_(std::move(write)) {}

  void add(const monitoring::sample& from) {
    try {
      write_(from);
      if (failed_) say(global_, labelled("Writing", path_.string() + ": again"));
      failed_ = false;
    } catch (const error& cause) {
      if (alone_) throw;
      if (!failed_) tell(cause);
      failed_ = true;
    }
  }

 private:
  /// With --quiet too: nobody would know.
  void tell(const error& cause) const {
    auto heard = global_;
    heard.quiet = false;
    say(heard, labelled("Not written", fmt::format("{}: {}; it is tried again at each sample, all else goes on",
                                                   path_.string(), cause.what())));
  }

  const global_options& global_;
  std::filesystem::path path_;
  bool alone_, failed_ = false;
  write_sample write_;
};

/// The files asked for. One that is there and somebody else's is refused now.
std::vector<written_file> open_files(const global_options& global, const monitor_options& options) {
  require_distinct("--textfile", options.textfile, "--csv", options.csv);
  if (!options.textfile.empty()) require_own("--textfile", options.textfile, is_own_textfile);
  const bool both = !options.textfile.empty() && !options.csv.empty();
  const bool alone = options.once || !(options.serves() || both);
  std::vector<written_file> files;
  if (!options.textfile.empty())
    files.emplace_back(global, options.textfile, alone, [path = options.textfile](const monitoring::sample& from) {
      write_file_atomically(path, monitoring::to_prometheus(from));
    });
  if (!options.csv.empty())
    files.emplace_back(
        global, options.csv, alone,
        [log = std::make_shared<csv_file>(options.csv)](const monitoring::sample& from) { log->add(from); });
  return files;
}

/// Until a signal or the end of the time asked for.   @return whether a signal ended it
bool keep_writing(const monitor_options& options, const monitoring::periodic_sampler& samples,
                  std::vector<written_file>& files) {
  const auto begin = std::chrono::steady_clock::now();
  // Often enough for Ctrl-C to be answered at once, seldom enough to cost nothing.
  constexpr std::chrono::milliseconds patience{200};
  std::chrono::system_clock::time_point last{};
  while (!interrupt_watch::interrupted()) {
    if (const auto now = samples.next_after(last, patience)) {
      last = now->at;
      for (auto& file : files) file.add(*now);
      if (options.once) return false;
    }
    if (options.time && std::chrono::steady_clock::now() - begin >= *options.time) return false;
  }
  return true;
}

exit_status monitor(const program& chosen, const monitor_options& options) {
  const auto& global = chosen.global;
  if (options.list) {
    list_metrics(global);
    return exit_status::done;
  }
  constexpr const char* only_form = "prometheus";
  const bool names_form = global.format_given || report::sink_of_ending(global.output) != nullptr;
  if (names_form && global.format != only_form)
    throw error(error_kind::usage, fmt::format("a sample has no form '{}'", global.format),
                fmt::format("known is {}; --csv FILE writes samples as CSV, and --list takes every form of a table",
                            only_form));
  if (!options.dashboard.empty() || !options.rules.empty()) return write_texts(global, options);
  if (options.once && options.serves()) {
    monitoring::sampler source;
    source.take();
    // Activity is what happened between two looks.
    std::this_thread::sleep_for(options.interval);
    const auto now = source.take();
    deliver(global, [&](std::ostream& out) { out << monitoring::to_prometheus(now); });
    return exit_status::done;
  }
  auto files = open_files(global, options);
  std::optional<http::server> server;
  if (options.serves()) server.emplace(options.listen);
  const interrupt_watch signals;
  const monitoring::periodic_sampler samples(std::chrono::duration_cast<std::chrono::nanoseconds>(options.interval));
  say(global, labelled("GPUs", samples.status()));
  if (server) {
    add_pages(*server, samples);
    server->start();
    tell_where(global, *server);
  }
  for (const auto& file : {options.textfile, options.csv})
    if (!file.empty()) say(global, labelled("Writing", file.string()));
  const bool interrupted = keep_writing(options, samples, files);
  server.reset();
  // A signal is the ordinary end of what was asked to run without one.
  return interrupted && options.time ? exit_status::interrupted : exit_status::done;
}

}  // namespace

void declare_monitor(CLI::App& app, program& chosen) {
  auto* command =
      app.add_subcommand("monitor", "Sample GPUs and host, and serve or write the values for Prometheus, or as CSV");
  const auto options = std::make_shared<monitor_options>();
  auto* listen = add_value(*command, "--listen", options->listen, http::parse_address, "ADDRESS",
                           "serve /metrics there (default 127.0.0.1:9835, unless a file is written); port 0 takes a "
                           "free one");
  command
      ->add_option("--textfile", options->textfile,
                   "write the values to this file, anew at each sample, for node_exporter's textfile collector")
      ->type_name("FILE.prom");
  command->add_option("--csv", options->csv, "add the values to this log, a line a GPU and sample")->type_name("FILE");
  add_value(*command, "--interval", options->interval, parse_interval, "DURATION", "time between samples (default 1s)");
  add_value(*command, "--duration", options->time, parse_duration, "DURATION", "end after this time (default: never)");
  auto* once = command->add_flag("--once", options->once, "print one sample, or write it to the files, and end");
  auto* list = command->add_flag("--list", options->list, "list the metrics with DCGM exporter's names and end");
  command->add_option("--write-dashboard", options->dashboard, "write the Grafana dashboard and end")
      ->type_name("FILE")
      ->excludes(listen)
      ->excludes(list);
  command->add_option("--write-rules", options->rules, "write the Prometheus alert rules and end")
      ->type_name("FILE")
      ->excludes(listen)
      ->excludes(list);
  once->excludes(listen)->excludes(list);
  command->callback([&chosen, options, listen] {
    options->listen_given = listen->count() > 0;
    chosen.action = [&chosen, options] { return monitor(chosen, *options); };
  });
}

}  // namespace gpubench::cli
