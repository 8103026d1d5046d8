#include "profiles/detail/json_reader.hpp"
#include "profiles/huggingface.hpp"
#include "profiles/language_model.hpp"

#include <algorithm>
#include <map>

namespace gpubench::profiles {
namespace {

namespace fs = std::filesystem;

constexpr double most_parameters = 1e15;

std::vector<fs::path> model_files(const fs::path& directory) {
  std::vector<fs::path> files;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(directory / "models", none))
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<fs::path> all_files(const fs::path& directory, const std::vector<fs::path>& overlays) {
  auto files = model_files(directory);
  for (const auto& overlay : overlays) {
    const auto more = model_files(overlay);
    files.insert(files.end(), more.begin(), more.end());
  }
  return files;
}

double required_number(const detail::json_reader& top, const char* key) {
  if (!top.has(key)) top.refuse(key, "missing");
  return top.number_or(key, 1, most_parameters, 0);
}

}  // namespace

language_model load_language_model(const fs::path& file) {
  const json text = load_json(file);
  const detail::json_reader top(text, file.string());
  language_model model;
  model.name = top.text("name");
  model.title = top.text("title");
  model.aliases = top.texts("aliases");
  model.published_parameters = required_number(top, "published_parameters");
  if (top.has("published_active_parameters"))
    model.published_active_parameters = required_number(top, "published_active_parameters");
  model.published_source = top.text_or("published_source", "");
  model.origin.source = top.text("source");
  model.origin.date = top.text("date");
  model.origin.note = top.text_or("note", "");
  const auto config = top.object("config");
  model.model_type = config.text("model_type");
  model.shape = read_huggingface_config(config.value(), file.string());
  return model;
}

std::vector<language_model> load_language_models(const fs::path& directory, const std::vector<fs::path>& overlays) {
  std::map<std::string, language_model> by_name;
  for (const auto& file : all_files(directory, overlays)) {
    auto model = load_language_model(file);
    by_name.insert_or_assign(model.name, std::move(model));
  }
  std::vector<language_model> models;
  for (auto& [name, model] : by_name) models.push_back(std::move(model));
  return models;
}

std::vector<error> validate_language_models(const fs::path& directory, const std::vector<fs::path>& overlays) {
  std::vector<error> findings;
  for (const auto& file : all_files(directory, overlays)) {
    try {
      load_language_model(file);
    } catch (const error& finding) {
      findings.push_back(finding);
    }
  }
  return findings;
}

}  // namespace gpubench::profiles
