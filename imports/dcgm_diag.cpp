#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>
#include <vector>

#include "imports/importer.hpp"
#include "imports/unread_names.hpp"

namespace gpubench::imports {
namespace {

using results::json_field;

// "Memory Bandwidth" is "dcgm_memory_bandwidth".
std::string benchmark_name(const std::string& test) {
  std::string name = "dcgm_";
  for (const char c : to_lower(trim(test))) name += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  return name;
}

// A text, a list of texts, or a list of objects with the text in one of their members.
std::vector<std::string> texts_of(const json_field& field, std::string_view member) {
  if (field.is_text()) return {field.text()};
  std::vector<std::string> texts;
  for (const auto& element : field.elements()) {
    if (element.is_text()) {
      texts.push_back(element.text());
    } else if (const auto text = element.find(member)) {
      texts.push_back(text->text());
    }
  }
  return texts;
}

class reader {
 public:
  explicit reader(const source_file& file) : file_(file) {}

  imported_file read() {
    content_.tool = "DCGM";
    const auto root = file_.root();
    auto body = root.find("DCGM Diagnostic");
    if (!body) body = root.find("DCGM GPU Diagnostic");
    if (!body)
      root.refuse("has neither 'DCGM Diagnostic' nor 'DCGM GPU Diagnostic'", "give the output of dcgmi diag -j");
    if (const auto metadata = root.find("metadata")) read_metadata(*metadata);
    if (const auto version = body->find("version")) content_.tool_version = version->nonempty_text();
    unread_.check(root, "", {"DCGM Diagnostic", "DCGM GPU Diagnostic", "metadata", "entity_groups", "category"});
    unread_.check(*body, "DCGM Diagnostic", {"test_categories", "version", "runtime_error"});
    if (const auto failure = body->find("runtime_error")) content_.notes.push_back("DCGM reports: " + failure->text());
    for (const auto& category : body->at("test_categories").elements()) {
      const auto name = category.at("category").text();
      for (const auto& test : category.at("tests").elements()) read_test(name, test);
    }
    unread_.append_to(content_.notes);
    return std::move(content_);
  }

 private:
  void read_metadata(const json_field& metadata) {
    for (const auto* key : {"version", "DCGM Version"})
      if (const auto version = metadata.find(key)) content_.tool_version = version->nonempty_text();
    if (const auto driver = metadata.find("Driver Version Detected"))
      content_.environment.gpu_driver_version = driver->nonempty_text();
  }

  void read_test(const std::string& category, const json_field& test) {
    unread_.check(test, "tests[]", {"name", "results", "test_summary"});
    const auto name = test.at("name").nonempty_text();
    const auto summary = test.find("test_summary");
    const auto results = summary ? test.find("results") : std::optional(test.at("results"));
    std::optional<int> worst;
    for (const auto& result : results ? results->elements() : std::vector<json_field>()) {
      unread_.check(result, "tests[].results[]",
                    {"gpu_id", "gpu_ids", "entity_group", "entity_group_id", "entity_id", "entity_ids", "status",
                     "info", "warnings"});
      add(category, name, device_of(result), result);
      worst = std::max(worst, std::optional(gravity_of(result)));
    }
    if (!summary) return;
    unread_.check(*summary, "tests[].test_summary", {"status", "info", "warnings"});
    // What concerns no single entity stands in the summary alone; else it repeats the worst result.
    const auto tells = [&](const char* key, const char* member) {
      const auto texts = summary->find(key);
      return texts && !texts_of(*texts, member).empty();
    };
    if (!worst || gravity_of(*summary) > *worst || tells("warnings", "warning") || tells("info", "info"))
      add(category, name, "node", *summary);
  }

  // A result of one entity, or the test's summary.
  void add(const std::string& category, const std::string& name, std::string device, const json_field& verdict) {
    results::measurement m;
    m.benchmark = benchmark_name(name);
    m.params.emplace_back("category", category);
    m.backend = "cuda";
    m.device = std::move(device);
    judge(verdict, m);
    content_.measurements.push_back(std::move(m));
    content_.placed_at(verdict);
  }

  // A skipped entity says nothing against a test that others passed.
  static int gravity_of(const json_field& verdict) {
    const auto status = to_lower(verdict.at("status").text());
    return status == "fail" ? 3 : status == "warn" ? 2 : status == "pass" ? 1 : 0;
  }

  // Newer versions number entities of groups, older ones list GPUs.
  static std::string device_of(const json_field& result) {
    const auto group = result.find("entity_group");
    const auto number = [](const json_field& field) {
      return field.is_text() ? field.text() : std::to_string(field.integer(0));
    };
    if (const auto id = result.find("entity_id"))
      return (group ? to_lower(group->text()) : std::string("entity")) + number(*id);
    for (const auto* key : {"gpu_id", "gpu_ids"})
      if (const auto id = result.find(key)) return "gpu" + number(*id);
    return "node";
  }

  static void judge(const json_field& result, results::measurement& m) {
    const auto status = to_lower(result.at("status").text());
    std::vector<std::string> warnings, info;
    if (const auto texts = result.find("warnings")) warnings = texts_of(*texts, "warning");
    if (const auto texts = result.find("info")) info = texts_of(*texts, "info");
    // What DCGM measured stands in its sentences alone: kept as they are.
    if (!info.empty()) m.method["info"] = join(info, "; ");
    if (status == "pass" || status == "warn") {
      m.reported.emplace();
      m.warnings = std::move(warnings);
      if (status == "warn") m.method["status"] = "Warn";
      return;
    }
    m.status = status == "fail" ? results::measurement_status::failed : results::measurement_status::skipped;
    m.reason = warnings.empty() ? "DCGM's status is " + result.at("status").text() : join(warnings, "; ");
  }

  const source_file& file_;
  imported_file content_;
  unread_names unread_;
};

bool recognizes(const source_file& file) {
  return file.starts_as_json() && (file.text().find("\"DCGM Diagnostic\"") != std::string::npos ||
                                   file.text().find("\"DCGM GPU Diagnostic\"") != std::string::npos);
}

imported_file read(const source_file& file, const import_options&) {
  return reader(file).read();
}

const importer_registration registered{{"dcgm", "JSON of DCGM's diagnostics (dcgmi diag -j)", recognizes, read}};

}  // namespace
}  // namespace gpubench::imports
