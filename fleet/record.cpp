#include "fleet/record.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "results/json_field.hpp"

#include <fmt/format.h>

#include <limits>
#include <system_error>

namespace gpubench::fleet {

task_files::task_files(const std::filesystem::path& results, const std::string& job, int index)
    : folder(results / job),
      result(folder / fmt::format("{}.json", index)),
      record(folder / fmt::format("{}.record.json", index)),
      lock(folder / fmt::format("{}.lock", index)),
      log(folder / fmt::format("{}.log", index)) {}

bool ended_in_order(const task_record& record) {
  return record.exit_code == static_cast<int>(exit_status::done) ||
         record.exit_code == static_cast<int>(exit_status::measurement_failed);
}

std::string end_in_words(const task_record& record) {
  constexpr int first_signal = 129, last_signal = 192;  // 255 is a launcher's own
  if (!record.exit_code) return "with an exit code that its record does not have";
  if (*record.exit_code >= first_signal && *record.exit_code <= last_signal)
    return fmt::format("by signal {}", *record.exit_code - 128);
  return fmt::format("with exit code {}", *record.exit_code);
}

json to_json(const task_record& value) {
  json result = nullptr;
  if (value.result) result = {{"bytes", value.result->bytes}, {"sha256", value.result->sha256}};
  return {{"schema", record_schema},
          {"campaign", value.campaign},
          {"job", value.job},
          {"index", value.index},
          {"node", value.node},
          {"starts", value.starts},
          {"started_at", value.started_at},
          {"finished_at", value.finished_at ? json(*value.finished_at) : json(nullptr)},
          {"exit_code", value.exit_code ? json(*value.exit_code) : json(nullptr)},
          {"result", result},
          {"instance_type", value.instance_type ? json(*value.instance_type) : json(nullptr)}};
}

task_record record_from_json(const json& document, const std::string& file) {
  const results::json_field root(document, file);
  if (const auto schema = root.at("schema"); schema.text() != record_schema)
    schema.refuse(fmt::format("is '{}', not '{}'", schema.text(), record_schema));
  constexpr auto most = std::numeric_limits<int>::max();
  task_record value;
  value.campaign = root.at("campaign").nonempty_text();
  value.job = root.at("job").nonempty_text();
  value.index = static_cast<int>(root.at("index").integer(0, most));
  value.node = root.at("node").nonempty_text();
  value.starts = static_cast<int>(root.at("starts").integer(1, most));
  value.started_at = root.at("started_at").nonempty_text();
  if (const auto finished = root.find("finished_at")) value.finished_at = finished->nonempty_text();
  if (const auto code = root.find("exit_code")) value.exit_code = static_cast<int>(code->integer(0, 255));
  if (const auto result = root.find("result"))
    value.result =
        file_digest{static_cast<std::uint64_t>(result->at("bytes").integer(0)), result->at("sha256").nonempty_text()};
  if (const auto type = root.find("instance_type")) value.instance_type = type->nonempty_text();
  return value;
}

std::optional<task_record> load_record(const std::filesystem::path& file) {
  std::error_code code;
  const bool is_there = std::filesystem::exists(file, code);
  if (code) refuse_unread(file, code.value());  // what cannot be seen may be there
  if (!is_there) return std::nullopt;
  return record_from_json(parse_foreign_json(read_file(file), file.string()), file.string());
}

void save_record(const std::filesystem::path& file, const task_record& value) {
  write_file_atomically(file, to_json(value).dump(2, ' ', false, json::error_handler_t::replace) + "\n");
}

}  // namespace gpubench::fleet
