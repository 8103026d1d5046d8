#include "fleet/collection_file.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/json_null.hpp"
#include "core/text.hpp"
#include "results/json_field.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <system_error>

#include "fleet/folder_word.hpp"
#include "fleet/record.hpp"

namespace gpubench::fleet {
namespace {

using results::json_field;

std::string text_or_none(const json_field& from, std::string_view key) {
  const auto field = from.find(key);
  return field ? field->text() : "";
}

std::optional<std::string> optional_text(const json_field& from, std::string_view key) {
  const auto field = from.find(key);
  return field ? std::optional(field->text()) : std::nullopt;
}

collected_state state_from_json(const json_field& from) {
  constexpr std::array<collected_state, 8> all{
      collected_state::measured, collected_state::failed,  collected_state::refused,       collected_state::foreign,
      collected_state::running,  collected_state::waiting, collected_state::not_submitted, collected_state::unknown};
  const auto name = from.text();
  std::vector<std::string> names;
  for (const auto state : all) {
    if (name == to_string(state)) return state;
    names.emplace_back(to_string(state));
  }
  from.refuse(fmt::format("is '{}', not one of {}", name, join(names, ", ")));
}

json to_json(const collected_task& task) {
  json run = nullptr;
  if (task.head)
    run = {{"file", task.file.string()},
           {"id", task.head->id},
           {"suite", task.head->suite},
           {"started_at", task.head->started_at},
           {"finished_at", text_or_null(task.head->finished_at.value_or(""))},
           {"instance_type", text_or_null(task.head->instance_type.value_or(""))},
           {"gpus", task.head->gpus},
           {"bytes", task.digest ? json(task.digest->bytes) : json(nullptr)},
           {"sha256", task.digest ? json(task.digest->sha256) : json(nullptr)}};
  return {{"job", task.job},
          {"index", task.index},
          {"state", to_string(task.state)},
          {"node", text_or_null(task.node)},
          {"reason", text_or_null(task.reason)},
          {"can_be_done_again", can_be_done_again(task)},
          {"out_of_reach", task.is_out_of_reach},
          {"started_at", text_or_null(task.started_at.value_or(""))},
          {"finished_at", text_or_null(task.finished_at.value_or(""))},
          {"starts", or_null(task.starts)},
          {"run", run}};
}

collected_task task_from_json(const json_field& from) {
  collected_task task;
  task.job = from.at("job").nonempty_text();
  task.index = static_cast<int>(from.at("index").integer(0, std::numeric_limits<int>::max()));
  task.state = state_from_json(from.at("state"));
  task.node = text_or_none(from, "node");
  task.reason = text_or_none(from, "reason");
  // Of a state in which a task is never done again it says nothing.
  if (const auto again = from.find("can_be_done_again"); again && can_be_done_again(task))
    task.can_be_repeated = again->flag();
  if (const auto away = from.find("out_of_reach")) task.is_out_of_reach = away->flag();
  task.started_at = optional_text(from, "started_at");
  task.finished_at = optional_text(from, "finished_at");
  if (const auto starts = from.find("starts"))
    task.starts = static_cast<int>(starts->integer(1, std::numeric_limits<int>::max()));
  const auto run = from.find("run");
  if (!run && task.state == collected_state::measured)
    from.at("run").refuse("is null, and its task is measured", "gpubench fleet collect writes it again");
  if (run) {
    task.file = run->at("file").nonempty_text();
    task.head = results::run_head{run->at("id").nonempty_text(),         run->at("suite").text(),
                                  run->at("started_at").nonempty_text(), optional_text(*run, "finished_at"),
                                  optional_text(*run, "instance_type"),  {}};
    if (const auto gpus = run->find("gpus")) task.head->gpus = gpus->texts();
    if (const auto sha256 = run->find("sha256"))
      task.digest = file_digest{static_cast<std::uint64_t>(run->at("bytes").integer(0)), sha256->nonempty_text()};
  }
  return task;
}

/// Below the campaign's folder as seen from there, else whole: it may be read from another folder than it was made in.
std::filesystem::path stored_path(const std::filesystem::path& file, const std::filesystem::path& folder) {
  const auto whole = std::filesystem::absolute(file).lexically_normal();
  const auto from_there = whole.lexically_relative(std::filesystem::absolute(folder / "").lexically_normal());
  return from_there.empty() || *from_there.begin() == ".." ? whole : from_there;
}

std::filesystem::path found_path(const std::filesystem::path& stored, const std::filesystem::path& folder) {
  return stored.is_absolute() ? stored : folder / stored;
}

/// Whether of a task that was measured nobody knows now what became of it. What was begun again, or is not what its
/// record tells, is known.
bool has_lost_results(const collection& former, const collection& value) {
  const auto is_unknown = [&](const collected_task& before) {
    return std::any_of(value.tasks.begin(), value.tasks.end(), [&](const collected_task& now) {
      return now.job == before.job && now.index == before.index &&
             (now.state == collected_state::unknown || now.state == collected_state::not_submitted);
    });
  };
  return std::any_of(former.tasks.begin(), former.tasks.end(), [&](const collected_task& task) {
    return task.state == collected_state::measured && is_unknown(task);
  });
}

}  // namespace

json to_json(const collection& value) {
  json tasks = json::array();
  for (const auto& task : value.tasks) tasks.push_back(to_json(task));
  return {{"schema", collection_schema}, {"campaign", value.campaign},
          {"made_at", value.made_at},    {"engine_problem", text_or_null(value.engine_problem.value_or(""))},
          {"notes", value.notes},        {"tasks", tasks}};
}

collection collection_from_json(const json& document, const std::string& file, const std::string* text) {
  const json_field root(document, file, text);
  if (const auto schema = root.at("schema"); schema.text() != collection_schema)
    schema.refuse(fmt::format("is '{}', not '{}'", schema.text(), collection_schema));
  collection value;
  value.campaign = root.at("campaign").nonempty_text();
  value.made_at = root.at("made_at").nonempty_text();
  value.engine_problem = optional_text(root, "engine_problem");
  value.notes = root.at("notes").texts();
  for (const auto& task : root.at("tasks").elements()) value.tasks.push_back(task_from_json(task));
  return value;
}

collection load_collection(const std::filesystem::path& folder) {
  const auto file = folder / collection_file_name;
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file, ignored))
    throw error(error_kind::input, {folder.string(), 0, 0}, "was not collected yet",
                "gpubench fleet collect " + folder_word(folder));
  const auto text = read_file(file);
  auto value = collection_from_json(parse_foreign_json(text, file.string()), file.string(), &text);
  for (auto& task : value.tasks)
    if (task.head) task.file = found_path(task.file, folder);
  return value;
}

std::optional<collection> former_collection(const std::filesystem::path& folder, const std::string& campaign) {
  try {
    auto former = load_collection(folder);
    if (former.campaign == campaign) return former;
  } catch (const error& e) {
    if (e.kind() != error_kind::input) throw;
  }
  return std::nullopt;
}

void save_collection(const std::filesystem::path& folder, const collection& value) {
  auto stored = value;
  for (auto& task : stored.tasks)
    if (task.head) task.file = stored_path(task.file, folder);
  write_file_atomically(folder / collection_file_name,
                        to_json(stored).dump(2, ' ', false, json::error_handler_t::replace) + "\n");
}

bool save_unless_poorer(const std::filesystem::path& folder, const collection& value) {
  const auto former = former_collection(folder, value.campaign);
  const auto measured = collected_state::measured;
  if (former && former->count(measured) > value.count(measured) &&
      (value.engine_problem || has_lost_results(*former, value)))
    return false;
  save_collection(folder, value);
  return true;
}

}  // namespace gpubench::fleet
