#include "cli/progress.hpp"

#include "cli/output.hpp"
#include "core/text.hpp"
#include "report/figures.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string_view>
#include <utility>

namespace gpubench::cli {
namespace {

// Share of all cores that others may use before a figure is called into question.
constexpr double disturbing_load = 0.05;

bool terminal_has_utf8() {
  for (const char* variable : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* value = std::getenv(variable);
    if (value == nullptr || *value == '\0') continue;
    const std::string locale = to_lower(value);
    return locale.find("utf-8") != std::string::npos || locale.find("utf8") != std::string::npos;
  }
  return false;
}

std::string draw_bar(std::size_t done, std::size_t total, std::size_t width) {
  static const bool utf8 = terminal_has_utf8();
  const std::size_t filled = total == 0 ? 0 : width * done / total;
  std::string bar;
  for (std::size_t i = 0; i < width; ++i) bar += i < filled ? (utf8 ? "█" : "#") : (utf8 ? "░" : ".");
  return bar;
}

std::string minutes(bench::seconds time) {
  const auto whole = static_cast<long long>(std::lround(std::max(0.0, time.count())));
  return whole < 60 ? fmt::format("{}s", whole) : fmt::format("{}m{:02}s", whole / 60, whole % 60);
}

void write_raw(std::string_view text) {
  // Talk that nobody can read is lost, not an error.
  static_cast<void>(!::write(STDERR_FILENO, text.data(), text.size()));
}

}  // namespace

std::string describe_measurement(const results::measurement& m, bool name_device) {
  const std::string name = (name_device ? m.device + " " : "") + results::full_name(m);
  if (m.status != results::measurement_status::ok)
    return fmt::format("{}  {}: {}", name, results::to_string(m.status), m.reason);
  std::string line = name + "  ";
  if (const auto figure = report::figure_of(m)) {
    line += report::with_interval(figure->value, figure->low, figure->high) + " " + figure->unit;
  } else {
    line += "no figure";
  }
  if (m.peak) line += fmt::format(", {:.0f} % of {}", 100 * m.peak->fraction, m.peak->kind);
  if (!m.warnings.empty()) line += fmt::format(" ({})", count_of(m.warnings.size(), "warning"));
  return line;
}

progress_display::progress_display(const global_options& global, std::string title, bool name_devices)
    : global_(global), title_(std::move(title)), name_devices_(name_devices) {
  const char* terminal = std::getenv("TERM");
  const bool dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
  bar_ = !global_.quiet && !dumb && ::isatty(STDERR_FILENO) == 1;
}

progress_display::~progress_display() {
  clear_bar();
  if (disturbed_ > 0)
    say(global_, labelled("Note", fmt::format("other work kept cores busy during {}: figures may be too low, "
                                              "measure again on an idle machine",
                                              count_of(disturbed_, "measurement"))));
  if (throttled_ > 0)
    say(global_, labelled("Note", fmt::format("GPUs were slowed down during {}: their flags say why",
                                              count_of(throttled_, "measurement"))));
  if (skipped_ > 0) say(global_, count_of(skipped_, "case") + " skipped; the run file says why");
}

void progress_display::clear_bar() {
  if (!drawn_) return;
  write_raw("\r\x1b[K");
  drawn_ = false;
}

void progress_display::start(const bench::progress& now) {
  now_ = now;
  if (!bar_) return;
  const auto width = static_cast<std::size_t>(terminal_width(STDERR_FILENO)) - 1;
  const std::string head = fmt::format("Measuring {}  ", title_);
  // With its parameters it rarely fits.
  const std::string benchmark = (name_devices_ ? now.device + " " : "") + now.current.substr(0, now.current.find('/'));
  const std::string tail = fmt::format("  {}/{}  {}  {}, {} left", now.done, now.total, benchmark, minutes(now.elapsed),
                                       minutes(now.remaining));
  const std::size_t text = head.size() + tail.size();
  const std::size_t bar = text + 8 <= width ? std::min<std::size_t>(20, width - text) : 0;
  const std::string line = bar > 0 ? head + draw_bar(now.done, now.total, bar) + tail : (head + tail).substr(0, width);
  write_raw("\r\x1b[K" + line);
  drawn_ = true;
}

void progress_display::finish(const results::measurement& m) {
  if (m.telemetry.competing_load.value_or(0) > disturbing_load) ++disturbed_;
  // A soak is meant to find out what heat and power leave.
  const auto& throttled = m.telemetry.throttled_samples;
  if (throttled && !throttled->empty() && m.phase != results::measurement_phase::soak) ++throttled_;
  const bool failed = m.status == results::measurement_status::failed;
  if (m.status == results::measurement_status::skipped) {
    ++skipped_;
  } else if (!bar_) {
    say(global_, fmt::format("[{}/{}] {}", now_.done + 1, now_.total, describe_measurement(m, name_devices_)));
  } else if (failed) {
    clear_bar();
    say(global_, describe_measurement(m, name_devices_));
  }
}

}  // namespace gpubench::cli
