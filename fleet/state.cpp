#include "fleet/state.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/text.hpp"
#include "core/units.hpp"
#include "results/json_field.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <system_error>

#include "fleet/folder_lock.hpp"

namespace gpubench::fleet {

std::set<int> state::submitted_tasks(const std::string& job) const {
  std::set<int> tasks;
  for (const auto& one : submissions)
    if (one.job == job) tasks.insert(one.tasks.begin(), one.tasks.end());
  return tasks;
}

const submission* state::last_of(const std::string& job, int task) const {
  const auto has = [&](const submission& one) {
    return one.job == job && std::find(one.tasks.begin(), one.tasks.end(), task) != one.tasks.end();
  };
  const auto found = std::find_if(submissions.rbegin(), submissions.rend(), has);
  return found == submissions.rend() ? nullptr : &*found;
}

bool state::is_unresolved(const std::string& job, int task) const {
  const auto* last = last_of(job, task);
  return last != nullptr && last->id.empty();
}

engine_place state::place_besides(const submission* one) const {
  for (const auto& other : submissions)
    if (&other != one && !other.refused && !other.place.empty()) return other.place;
  return {};
}

json to_json(const state& value) {
  json all = json::array();
  for (const auto& one : value.submissions) {
    json entry{{"job", one.job},
               {"tasks", one.tasks},
               {"key", one.key},
               {"id", one.id.empty() ? json(nullptr) : json(one.id)},
               {"submitted_at", one.submitted_at.empty() ? json(nullptr) : json(one.submitted_at)}};
    if (one.refused) entry["refused"] = true;
    if (!one.problem.empty()) entry["problem"] = one.problem;
    if (!one.place.empty()) entry["place"] = one.place;
    all.push_back(std::move(entry));
  }
  return {{"schema", state_schema}, {"campaign", value.campaign}, {"submissions", all}};
}

state state_from_json(const json& document, const std::string& file, const std::string* text) {
  const results::json_field root(document, file, text);
  if (const auto schema = root.at("schema"); schema.text() != state_schema)
    schema.refuse(fmt::format("is '{}', not '{}'", schema.text(), state_schema));
  state value;
  value.campaign = root.at("campaign").nonempty_text();
  for (const auto& from : root.at("submissions").elements()) {
    submission one;
    one.job = from.at("job").nonempty_text();
    for (const auto& task : from.at("tasks").elements()) {
      const auto index = static_cast<int>(task.integer(0, std::numeric_limits<int>::max()));
      if (std::count(one.tasks.begin(), one.tasks.end(), index) > 0) task.refuse(fmt::format("is {} twice", index));
      one.tasks.push_back(index);
    }
    one.key = from.at("key").nonempty_text();
    if (const auto id = from.find("id")) one.id = id->nonempty_text();
    if (const auto time = from.find("submitted_at")) {
      one.submitted_at = time->nonempty_text();
      if (!parse_utc_seconds(one.submitted_at))
        time->refuse(fmt::format("is '{}', no time in UTC", one.submitted_at), "as 2026-11-22T10:00:00Z");
    }
    if (const auto refused = from.find("refused")) one.refused = refused->flag();
    if (const auto problem = from.find("problem")) one.problem = problem->nonempty_text();
    if (const auto place = from.find("place")) one.place = place->text_map();
    value.submissions.push_back(std::move(one));
  }
  return value;
}

namespace {

/// By a state that tells of others, tasks that were paid for would count as never submitted.
void require_jobs_of(const campaign& of, const state& value, const results::json_field& root) {
  const auto entries = root.at("submissions").elements();
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto& one = value.submissions.at(i);
    const auto job = std::find_if(of.jobs.begin(), of.jobs.end(), [&](const auto& has) { return has.name == one.job; });
    if (job == of.jobs.end())
      entries[i].at("job").refuse(fmt::format("is '{}', and campaign {} has no such job", one.job, of.id));
    for (const auto& task : entries[i].at("tasks").elements())
      if (task.integer(0) >= job->tasks())
        task.refuse(fmt::format("is {}, and job {} has {}", task.integer(0), one.job,
                                count_of(static_cast<std::size_t>(job->tasks()), "task")));
  }
}

}  // namespace

state load_state(const std::filesystem::path& folder, const campaign& of) {
  const auto file = folder / state_file_name;
  std::error_code ignored;
  constexpr const char* keep = "it tells what was submitted and paid for: bring it back, or render into another folder";
  if (!std::filesystem::exists(file, ignored)) throw error(error_kind::input, {file.string(), 0, 0}, "is gone", keep);
  const auto text = read_file(file);
  state value;
  try {
    const auto document = parse_foreign_json(text, file.string());
    const auto name = file.string();
    value = state_from_json(document, name, &text);
    if (value.campaign == of.id) require_jobs_of(of, value, results::json_field(document, name, &text));
  } catch (const error& e) {
    throw error(e.kind(), e.where(), e.what(), keep);
  }
  if (value.campaign != of.id)
    throw error(error_kind::input, {file.string(), 0, 0},
                fmt::format("is of campaign {}, not of {}", value.campaign, of.id),
                "it tells what was submitted: keep it with its own campaign, and give each a folder of its own");
  return value;
}

manifest state_manifest(const state& value) {
  return {state_file_name, to_json(value).dump(2, ' ', false, json::error_handler_t::replace) + "\n"};
}

void save_state(const std::filesystem::path& folder, const state& value) {
  write_file_atomically(folder / state_file_name, state_manifest(value).text);
}

file_lock lock_state(const std::filesystem::path& folder) {
  return lock_folder(folder, ".state.lock", "another gpubench fleet command works on it");
}

}  // namespace gpubench::fleet
