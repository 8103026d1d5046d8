#include "fleet/campaign_file.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/json_null.hpp"
#include "results/json_field.hpp"

#include <fmt/format.h>

#include <limits>
#include <system_error>

namespace gpubench::fleet {
namespace {

using results::json_field;

constexpr std::int64_t most = std::numeric_limits<int>::max();

json to_json(const job& one) {
  json memory = nullptr;
  if (one.memory_bytes) memory = *one.memory_bytes;
  return {{"name", one.name},
          {"command", one.command},
          {"collective", one.collective},
          {"nodes", one.nodes},
          {"hosts", one.hosts},
          {"gpus_per_node", one.gpus_per_node},
          {"ranks_per_node", or_null(one.ranks_per_node)},
          {"cpus_per_node", or_null(one.cpus_per_node)},
          {"memory_bytes", memory},
          {"instance_type", or_null(one.instance_type)},
          {"gpu_product", or_null(one.gpu_product)},
          {"gpu_resource", or_null(one.gpu_resource)},
          {"spot", one.spot},
          {"variables", one.variables},
          {"retries", one.retries},
          {"time_limit_seconds", one.time_limit ? json(one.time_limit->count()) : json(nullptr)}};
}

int count_from(const json_field& field, std::int64_t lowest) {
  return static_cast<int>(field.integer(lowest, most));
}

std::optional<int> optional_count(const json_field& from, std::string_view key) {
  const auto field = from.find(key);
  return field ? std::optional(count_from(*field, 1)) : std::nullopt;
}

std::optional<std::string> optional_text(const json_field& from, std::string_view key) {
  const auto field = from.find(key);
  return field ? std::optional(field->nonempty_text()) : std::nullopt;
}

job job_from_json(const json_field& from) {
  job one;
  one.name = from.at("name").nonempty_text();
  one.command = from.at("command").texts();
  one.collective = from.at("collective").flag();
  one.nodes = count_from(from.at("nodes"), 1);
  one.hosts = from.at("hosts").texts();
  one.gpus_per_node = count_from(from.at("gpus_per_node"), 0);
  one.ranks_per_node = optional_count(from, "ranks_per_node");
  one.cpus_per_node = optional_count(from, "cpus_per_node");
  if (const auto memory = from.find("memory_bytes")) one.memory_bytes = memory->positive_number();
  one.instance_type = optional_text(from, "instance_type");
  one.gpu_product = optional_text(from, "gpu_product");
  one.gpu_resource = optional_text(from, "gpu_resource");
  one.spot = from.at("spot").flag();
  one.variables = from.at("variables").text_map();
  one.retries = count_from(from.at("retries"), 0);
  if (const auto limit = from.find("time_limit_seconds"))
    one.time_limit = std::chrono::seconds(limit->integer(1, most));
  return one;
}

}  // namespace

json to_json(const campaign& value) {
  json jobs = json::array();
  for (const auto& one : value.jobs) jobs.push_back(to_json(one));
  return {{"schema", campaign_schema},  {"id", value.id},
          {"engine", value.engine},     {"results", value.results},
          {"program", value.program},   {"image", or_null(value.image)},
          {"settings", value.settings}, {"jobs", jobs}};
}

campaign campaign_from_json(const json& document, const std::string& file, const std::string* text) {
  const json_field root(document, file, text);
  if (const auto schema = root.at("schema"); schema.text() != campaign_schema)
    schema.refuse(fmt::format("is '{}', not '{}'", schema.text(), campaign_schema));
  campaign value;
  value.id = root.at("id").nonempty_text();
  value.engine = root.at("engine").nonempty_text();
  value.results = root.at("results").nonempty_text();
  value.program = root.at("program").nonempty_text();
  value.image = optional_text(root, "image");
  value.settings = root.at("settings").text_map();
  for (const auto& one : root.at("jobs").elements()) value.jobs.push_back(job_from_json(one));
  try {
    require_sound(value);
  } catch (const error& e) {
    throw error(error_kind::input, {file, 0, 0}, e.what(), e.hint());
  }
  return value;
}

manifest campaign_manifest(const campaign& value) {
  return {campaign_file_name, to_json(value).dump(2) + "\n"};
}

campaign load_campaign(const std::filesystem::path& folder) {
  const auto file = folder / campaign_file_name;
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file, ignored))
    throw error(error_kind::input, {folder.string(), 0, 0}, fmt::format("holds no {}", campaign_file_name),
                "gpubench fleet render --output-dir DIR makes such a folder");
  const auto text = read_file(file);
  return campaign_from_json(parse_foreign_json(text, file.string()), file.string(), &text);
}

}  // namespace gpubench::fleet
