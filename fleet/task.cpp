#include "fleet/task.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/file_lock.hpp"
#include "core/host_name.hpp"
#include "core/process.hpp"
#include "core/units.hpp"
#include "results/json_field.hpp"
#include "results/run.hpp"
#include "results/run_head.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <system_error>
#include <thread>

#include "fleet/job.hpp"

namespace gpubench::fleet {
namespace fs = std::filesystem;
namespace {

std::string now() {
  return format_utc(std::chrono::system_clock::now());
}

std::optional<file_digest> digest_of_result(const fs::path& file) {
  std::error_code ignored;
  if (!fs::is_regular_file(file, ignored)) return std::nullopt;
  return digest_of_file(file);
}

bool run_is_whole(const fs::path& result) {
  try {
    auto text = read_file(result);
    return results::read_run_head(text, result.string()).finished_at.has_value();
  } catch (const error&) {
    return false;
  }
}

// Another start would measure again what was measured: on another node, and at the price of this one.
bool is_done(const task_record& record, const fs::path& result) {
  if (!record.result || digest_of_result(result) != record.result) return false;
  return ended_in_order(record) && (record.exit_code == 0 || run_is_whole(result));
}

bool failed_for_a_file(const task_record& record, const fs::path& result) {
  if (record.exit_code != static_cast<int>(exit_status::usage)) return false;
  if (record.result) return true;
  try {
    require_writable(result);
  } catch (const error&) {
    return true;
  }
  return false;
}

// Only runs are resumed, and on the machine that began them; what is no run file is none of ours to go on with.
bool can_resume(const task_order& order, const std::optional<task_record>& before, const fs::path& result) {
  const bool runs = std::find(order.command.begin(), order.command.end(), "run") != order.command.end();
  if (!runs || !before || before->node != name_of_this_node()) return false;
  if (before->result && digest_of_result(result) != before->result) return false;
  try {
    static_cast<void>(results::load_run(result));
  } catch (const error&) {
    return false;
  }
  return true;
}

void keep_beside(const fs::path& result, const std::optional<task_record>& before) {
  auto kept = result;
  kept.replace_extension(before ? fmt::format(".{}-{}.json", before->starts, plain_name(before->node)) : ".0.json");
  std::error_code code;
  fs::rename(result, kept, code);
  if (code) throw error(error_kind::io, {result.string(), 0, 0}, "cannot be moved away: " + code.message());
}

std::vector<std::string> command_of(const task_order& order, const std::optional<task_record>& before,
                                    const fs::path& result) {
  auto words = order.command;
  std::error_code ignored;
  const bool there = fs::exists(result, ignored);
  const bool resumes = there && can_resume(order, before, result);
  if (there && !resumes) keep_beside(result, before);
  words.insert(words.end(), {resumes ? "--resume" : "--run-file", result.string()});
  return words;
}

file_lock take_patiently(const fs::path& file, const task_order& order) {
  constexpr std::chrono::milliseconds pause{50}, silent{500};  // who asks how the task stands holds it for an instant
  for (auto waited = pause; waited <= order.patience; waited += pause) {
    if (auto lock = file_lock::try_take(file)) return std::move(*lock);
    if (waited == silent)
      order.tell(fmt::format("Task {} of {} is being done by another process: waiting for it", order.index, order.job));
    std::this_thread::sleep_for(pause);
  }
  if (auto lock = file_lock::try_take(file)) return std::move(*lock);
  throw error(error_kind::io, {file.string(), 0, 0},
              fmt::format("task {} of job {} is being done by another process", order.index, order.job),
              "it was started twice, and that one goes on; or it was killed and still hangs in a driver");
}

// One machine may have two names in a campaign, and its times would be those of both tasks at once. In a folder that is
// there on every machine, and stays when its user has logged out.
file_lock have_machine_alone(const task_order& order) {
  const auto file = fmt::format("/tmp/gpubench-fleet-{}.lock", ::getuid());
  if (auto lock = file_lock::try_take(file)) return std::move(*lock);
  order.tell(fmt::format("Another task runs on this machine: waiting until {} is free", file));
  return file_lock::take(file);
}

}  // namespace

std::string name_of_this_node() {
  for (const char* variable : {"GPUBENCH_NODE", "SLURMD_NODENAME"}) {
    const char* name = std::getenv(variable);
    if (name != nullptr && *name != '\0') return name;
  }
  return host_name();
}

void require_own(const task_record& record, const std::string& campaign, const std::string& job, int index,
                 const std::string& file) {
  if (record.campaign == campaign && record.job == job && record.index == index) return;
  throw error(error_kind::input, {file, 0, 0},
              fmt::format("is of task {} of job {} in campaign {}, not of task {} of {} in {}", record.index,
                          record.job, record.campaign, index, job, campaign),
              "each campaign needs a folder of results of its own");
}

task_report report_on(const fs::path& results, const std::string& job, int index) {
  require_plain_name(job, "job");
  const task_files files(results, job, index);
  std::error_code ignored;
  task_report found;
  found.running = fs::exists(files.lock, ignored) && !file_lock::try_take(files.lock);
  found.record = load_record(files.record);
  found.asked_at = now();
  return found;
}

json to_json(const task_report& value) {
  return {{"running", value.running},
          {"record", value.record ? to_json(*value.record) : json(nullptr)},
          {"asked_at", value.asked_at ? json(*value.asked_at) : json(nullptr)}};
}

task_report report_from_json(const json& document, const std::string& file) {
  const results::json_field root(document, file);
  task_report value;
  value.running = root.at("running").flag();
  if (const auto record = root.find("record")) value.record = record_from_json(record->value(), file);
  if (const auto asked_at = root.find("asked_at")) value.asked_at = asked_at->nonempty_text();
  return value;
}

task_outcome do_task(const task_order& order) {
  require_plain_name(order.campaign, "campaign");
  require_plain_name(order.job, "job");
  const task_files files(order.results, order.job, order.index);
  std::error_code code;
  fs::create_directories(files.folder, code);
  if (code) throw error(error_kind::io, {files.folder.string(), 0, 0}, "cannot be made: " + code.message());
  const auto lock = take_patiently(files.lock, order);
  const auto before = load_record(files.record);
  if (before) {
    require_own(*before, order.campaign, order.job, order.index, files.record.string());
    if (is_done(*before, files.result)) return {*before, true, true};
  }
  const auto alone = order.alone ? std::optional(have_machine_alone(order)) : std::nullopt;
  task_record record{
      order.campaign, order.job, order.index, name_of_this_node(), before ? before->starts + 1 : 1, now(), {}, {}, {}};
  record.instance_type = order.instance_type;
  const auto words = command_of(order, before, files.result);
  save_record(files.record, record);
  record.exit_code = run_in_foreground(words);
  record.finished_at = now();
  record.result = digest_of_result(files.result);
  save_record(files.record, record);
  return {record, is_done(record, files.result), false, failed_for_a_file(record, files.result)};
}

}  // namespace gpubench::fleet
