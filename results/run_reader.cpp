#include "results/run_reader.hpp"

#include "core/digest.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/text.hpp"
#include "results/json_field.hpp"
#include "results/run.hpp"

#include <fmt/format.h>

#include <limits>
#include <utility>

namespace gpubench::results {
namespace {

constexpr long long newest_version = 1;

// Refuses other files and other versions before any field is looked at.
void require_schema(const json_field& root) {
  const std::string wanted = "give a file that 'gpubench run' wrote";
  const auto name = root.value().is_object() ? root.find("schema") : std::nullopt;
  if (!name || !name->is_text())
    throw error(error_kind::input, root.position(), "not a gpubench run file: it names no schema", wanted);
  const auto refuse = [&](const std::string& what, const std::string& hint) {
    throw error(error_kind::input, name->position(), what, hint);
  };
  const auto schema = name->text();
  const std::string family = "gpubench.run/";
  if (schema.compare(0, family.size(), family) != 0)
    refuse(fmt::format("not a gpubench run file: its schema is '{}'", schema),
           schema.starts_with("gpubench.report/") ? "give the run file, which its \"run_file\" names" : wanted);
  const auto version = parse_integer(std::string_view(schema).substr(family.size()));
  if (!version || *version < 1) refuse(fmt::format("'{}' is no known version of the run schema", schema), wanted);
  if (*version > newest_version)
    refuse(fmt::format("schema {} is newer than this program, which reads up to {}", schema, newest_version),
           "update gpubench");
}

import_provenance provenance_from_json(const json_field& field) {
  const auto kind = field.at("kind");
  if (kind.text() != "imported")
    kind.refuse(fmt::format("is '{}', which this program does not know", kind.text()), "update gpubench");
  import_provenance provenance;
  provenance.imported_at = field.at("imported_at").nonempty_text();
  for (const auto& one : field.at("sources").elements()) {
    auto& source = provenance.sources.emplace_back();
    source.file = one.at("file").nonempty_text();
    source.format = one.at("format").nonempty_text();
    source.tool = one.at("tool").nonempty_text();
    if (const auto version = one.find("tool_version")) source.tool_version = version->nonempty_text();
    if (const auto time = one.find("measured_at")) source.measured_at = time->nonempty_text();
    source.bytes = static_cast<std::uint64_t>(one.at("bytes").integer(0));
    if (const auto digest = one.find("sha256")) {
      source.sha256 = digest->text();
      if (!is_sha256(*source.sha256)) digest->refuse("is not 64 hexadecimal digits");
    }
  }
  return provenance;
}

}  // namespace

std::vector<rank_place> ranks_from_json(const json_field& root) {
  std::vector<rank_place> ranks;
  const auto field = root.find("ranks");
  if (!field) return ranks;
  for (const auto& one : field->elements()) {
    auto& place = ranks.emplace_back();
    place.rank = static_cast<int>(one.at("rank").integer(0, std::numeric_limits<int>::max()));
    place.node = one.at("node").nonempty_text();
    if (const auto interface = one.find("interface")) place.interface = interface->nonempty_text();
    if (const auto rate = one.find("interface_bytes_per_second"))
      place.interface_bytes_per_second = rate->positive_number();
  }
  return ranks;
}

run run_from_json(const json_field& root) {
  require_schema(root);
  run value;
  value.id = root.at("id").nonempty_text();
  value.started_at = root.at("started_at").nonempty_text();
  if (const auto finished = root.find("finished_at")) value.finished_at = finished->nonempty_text();
  value.tool_version = root.at("tool_version").nonempty_text();
  value.suite = root.at("suite").nonempty_text();
  if (const auto budget = root.find("budget_seconds")) value.budget_seconds = budget->positive_number();
  if (const auto burst = root.find("burst")) value.burst = burst->flag();
  if (const auto soak = root.find("soak_seconds")) value.soak_seconds = soak->positive_number();
  if (const auto backend = root.find("backend")) value.backend = backend->nonempty_text();
  if (const auto devices = root.find("devices")) value.devices = devices->texts();
  if (const auto provenance = root.find("provenance")) value.provenance = provenance_from_json(*provenance);
  value.environment = environment_from_json(root.at("environment"));
  value.ranks = ranks_from_json(root);
  for (const auto& field : root.at("measurements").elements())
    value.measurements.push_back(measurement_from_json(field));
  return value;
}

run run_from_json(const json& document, const std::string& file) {
  return run_from_json(json_field(document, file));
}

run load_run(const std::filesystem::path& path) {
  const std::string text = read_file(path), file = path.string();
  const json document = parse_json(text, file);
  return run_from_json(json_field(document, file, &text));
}

}  // namespace gpubench::results
