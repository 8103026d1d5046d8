#include "core/exposition.hpp"

#include "core/encoding.hpp"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

namespace gpubench {

std::string label_escape(std::string_view text) {
  std::string safe;
  for (const char c : valid_utf8(printable(text))) {
    if (c == '\\' || c == '"') safe += '\\';
    safe += c;
  }
  return safe;
}

metric_family::metric_family(std::string name, std::string help, std::string type)
    : name_(std::move(name)), help_(std::move(help)), type_(std::move(type)) {}

void metric_family::add(const metric_labels& labels, const std::optional<double>& value) {
  if (!value || !std::isfinite(*value)) return;
  std::string text;
  for (const auto& [key, label] : labels)
    if (!label.empty()) text += fmt::format("{}{}=\"{}\"", text.empty() ? "" : ",", key, label_escape(label));
  if (!seen_.insert(text).second) return;
  if (text.empty())
    fmt::format_to(std::back_inserter(samples_), "{} {}\n", name_, *value);
  else
    fmt::format_to(std::back_inserter(samples_), "{}{{{}}} {}\n", name_, text, *value);
}

void metric_family::write(std::ostream& out) const {
  if (samples_.empty()) return;
  out << fmt::format("# HELP {} {}\n# TYPE {} {}\n{}", name_, help_, name_, type_, samples_);
}

}  // namespace gpubench
