#include "imports/importer.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace gpubench::imports {
namespace {

std::vector<importer>& registry() {
  static std::vector<importer> formats;
  return formats;
}

std::vector<std::string> names_of(const std::vector<importer>& formats) {
  std::vector<std::string> names;
  for (const auto& format : formats) names.push_back(format.name);
  return names;
}

}  // namespace

const std::vector<importer>& importers() {
  return registry();
}

const importer& find_importer(const std::string& name) {
  for (const auto& format : registry())
    if (format.name == name) return format;
  const auto near = suggestion(name, names_of(registry()));
  throw error(error_kind::usage, fmt::format("format '{}' is not known", name),
              near.empty() ? "known formats: " + join(names_of(registry()), ", ") : near);
}

const importer& detect_importer(const source_file& file) {
  std::vector<importer> found;
  const importer* one = nullptr;
  for (const auto& format : registry()) {
    if (!format.recognizes(file)) continue;
    found.push_back(format);
    one = &format;
  }
  if (found.size() == 1) return *one;
  if (found.size() > 1)
    throw error(error_kind::input, file.at(0), fmt::format("could be of {}", join(names_of(found), " or of ")),
                fmt::format("name the format: gpubench import {} FILE", found.front().name));
  if (file.starts_as_json() && !file.starts_as_json_lines())
    static_cast<void>(file.document());  // a broken document is told as such
  throw error(error_kind::input, file.at(0), "is of no format that can be told from its content",
              "name the format, one of " + join(names_of(registry()), ", "));
}

importer_registration::importer_registration(importer format) {
  auto& formats = registry();
  const auto place = std::lower_bound(formats.begin(), formats.end(), format,
                                      [](const importer& a, const importer& b) { return a.name < b.name; });
  if (place != formats.end() && place->name == format.name)
    throw error(error_kind::internal, fmt::format("import format '{}' is registered twice", format.name));
  formats.insert(place, std::move(format));
}

}  // namespace gpubench::imports
