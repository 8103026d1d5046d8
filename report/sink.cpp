#include "report/sink.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gpubench::report {
namespace {

std::vector<sink>& registry() {
  static std::vector<sink> forms;
  return forms;
}

}  // namespace

const std::vector<sink>& sinks() {
  return registry();
}

const sink& find_sink(const std::string& name) {
  std::vector<std::string> names;
  for (const auto& form : registry()) {
    if (form.name == name || (!name.empty() && form.short_name == name)) return form;
    names.push_back(form.name);
  }
  throw error(error_kind::usage, fmt::format("output form '{}' is not known", name),
              fmt::format("known forms: {}", join(names, ", ")));
}

const sink* sink_of_ending(const std::filesystem::path& file) {
  const auto ending = to_lower(file.extension().string());
  const auto found = std::find_if(registry().begin(), registry().end(),
                                  [&](const sink& form) { return !ending.empty() && form.ending == ending; });
  return found == registry().end() ? nullptr : &*found;
}

sink_registration::sink_registration(sink form) {
  auto& forms = registry();
  const auto place =
      std::lower_bound(forms.begin(), forms.end(), form, [](const sink& a, const sink& b) { return a.name < b.name; });
  if (place != forms.end() && place->name == form.name)
    throw error(error_kind::internal, fmt::format("output form '{}' is registered twice", form.name));
  forms.insert(place, std::move(form));
}

}  // namespace gpubench::report
