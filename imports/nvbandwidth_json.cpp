#include "core/text.hpp"

#include <fmt/format.h>

#include <numeric>

#include "imports/nvbandwidth.hpp"
#include "imports/peer_matrix.hpp"
#include "imports/unread_names.hpp"

namespace gpubench::imports {
namespace {

using results::json_field;

// nvbandwidth writes numbers as texts.
std::optional<double> value_of(const json_field& field) {
  if (!field.is_text()) return field.number_from(0);
  const auto text = field.text();
  if (text == "N/A") return std::nullopt;
  const auto value = parse_number(text);
  if (!value || *value < 0) field.refuse(fmt::format("is '{}', neither a number from 0 on nor N/A", text));
  return value;
}

std::vector<int> numbered(std::size_t count) {
  std::vector<int> numbers(count);
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

void read_test(const json_field& test, imported_file& content, unread_names& unread) {
  unread.check(
      test, "testcases[]",
      {"name", "status", "bandwidth_description", "bandwidth_matrix", "sum", "min", "max", "average", "error"});
  const auto name = test.at("name").nonempty_text();
  const auto rows = test.find("bandwidth_matrix");
  if (!rows) {
    const auto status = test.at("status").text();
    const auto error = test.find("error");
    const auto reason = error ? status + ": " + error->text() : status;
    content.measurements.push_back(unmeasured_test(name, to_lower(status) == "waived", reason));
    content.placed_at(test);
    return;
  }
  peer_matrix table;
  table.test = name;
  if (const auto description = test.find("bandwidth_description")) table.description = description->text();
  for (const auto& row : rows->elements()) {
    auto& values = table.values.emplace_back();
    for (const auto& value : row.elements()) values.push_back(value_of(value));
    if (values.size() != table.values.front().size())
      row.refuse(fmt::format("has {} values, the first row {}", values.size(), table.values.front().size()));
  }
  const auto columns = table.values.empty() ? 0 : table.values.front().size();
  if (is_between_gpus(table) && table.values.size() != columns) {
    // Some versions put the tables of a test one below the other, under the last one's description.
    content.notes.push_back(
        fmt::format("left out {}: {} rows for {} GPUs, several tables in one", name, table.values.size(), columns));
    return;
  }
  table.columns = numbered(columns);
  table.rows = numbered(table.values.size());
  auto found = measurements_of(table);
  std::move(found.begin(), found.end(), std::back_inserter(content.measurements));
  content.placed_at(*rows);
}

}  // namespace

imported_file read_nvbandwidth_json(const source_file& file) {
  imported_file content;
  content.tool = "nvbandwidth";
  unread_names unread;
  const auto root = file.root();
  unread.check(root, "", {"nvbandwidth"});
  const auto body = root.at("nvbandwidth");
  unread.check(body, "nvbandwidth",
               {"version", "git_version", "CUDA Runtime Version", "Driver Version", "testcases", "error", "warning"});
  if (const auto version = body.find("version")) content.tool_version = version->nonempty_text();
  if (const auto cuda = body.find("CUDA Runtime Version"))
    if (const auto code = cuda->integer(0); code > 0) content.environment.libraries["cuda"] = cuda_version(code);
  if (const auto driver = body.find("Driver Version")) content.environment.gpu_driver_version = driver->nonempty_text();
  for (const auto* key : {"error", "warning"})
    if (const auto text = body.find(key))
      content.notes.push_back(fmt::format("nvbandwidth's {}: {}", key, text->text()));
  for (const auto& test : body.at("testcases").elements()) read_test(test, content, unread);
  unread.append_to(content.notes);
  return content;
}

}  // namespace gpubench::imports
