#include "report/saved_report.hpp"

#include "core/file.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "results/run_reader.hpp"

#include <fmt/format.h>

#include <limits>

namespace gpubench::report {
namespace {

using results::json_field;

constexpr int newest_version = 1;

void require_schema(const json_field& root) {
  const std::string hint =
      "give a file that --format json wrote, as gpubench recommend --format json --output FILE does";
  const auto schema = root.value().is_object() ? root.find("schema") : std::nullopt;
  if (!schema || !schema->is_text()) root.refuse("is no report of gpubench: it names no schema", hint);
  const std::string name = schema->text(), family = "gpubench.report/";
  if (name.compare(0, family.size(), family) != 0)
    schema->refuse(fmt::format("is '{}': not a report of gpubench", name),
                   name.rfind("gpubench.run/", 0) == 0 ? "a run file stands without --recommendation" : hint);
  const auto version = parse_integer(std::string_view(name).substr(family.size()));
  if (!version || *version < 1) schema->refuse(fmt::format("is '{}', no known version", name), hint);
  if (*version > newest_version)
    schema->refuse(fmt::format("is '{}', newer than this program, which reads up to {}", name, newest_version),
                   "update gpubench");
}

void refuse_what_cannot_return(const json_field& root, const std::string& command) {
  for (const char* part : {"plans", "services"}) {
    const auto field = root.find(part);
    if (field && !field->elements().empty())
      field->refuse("cannot be read back: the file holds a summary of their simulations",
                    command.empty() ? "run the command again with another --format" : "run again: " + command);
  }
}

shown_run run_of(const json_field& field, saved_report& owner) {
  owner.runs.push_back(results::run_from_json(field.at("run")));
  shown_run shown{&owner.runs.back(), field.at("file").text(), field.at("label").text()};
  if (const auto digest = field.find("sha256")) shown.sha256 = digest->text();
  if (const auto usd = field.find("usd_per_hour")) shown.usd_per_hour = usd->positive_number();
  if (const auto gpus = field.find("machine_gpus"))
    shown.machine_gpus = static_cast<int>(gpus->integer(0, std::numeric_limits<int>::max()));
  if (const auto source = field.find("price_source")) shown.price_source = source->text();
  return shown;
}

}  // namespace

saved_report load_report(const std::filesystem::path& path) {
  const std::string text = read_file(path), file = path.string();
  const json parsed = parse_json(text, file);
  const json_field root(parsed, file, &text);
  require_schema(root);
  saved_report saved;
  auto& content = saved.content;
  content.command = root.at("command").text();
  content.made_at = root.at("made_at").text();
  refuse_what_cannot_return(root, content.command);
  for (const auto& one : root.at("recommendations").elements())
    content.recommendations.push_back(recommendation_from_json(one, saved));
  if (const auto run = root.find("run")) {
    saved.runs.push_back(results::run_from_json(*run));
    const auto run_file = root.find("run_file");
    content.runs.push_back({&saved.runs.back(), run_file ? run_file->text() : std::string()});
  }
  if (const auto runs = root.find("runs"))
    for (const auto& one : runs->elements()) content.runs.push_back(run_of(one, saved));
  return saved;
}

}  // namespace gpubench::report
