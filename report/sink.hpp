#pragma once

#include "report/document.hpp"

#include <filesystem>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

namespace gpubench::report {

/// One output form. Its file registers it; `--format` help is made from the registry.
struct sink {
  std::string name;  ///< "table", "json", "csv", "markdown", "html", "xlsx", "junit", "prometheus"
  std::string description;
  std::function<void(const document&, const style&, std::ostream&)> write;
  std::string short_name = {};  ///< also taken for it: "md"
  bool binary = false;          ///< nothing for a terminal
  std::string ending = {};      ///< of a file's name that stands for it: ".md"
};

/// All registered forms, by name.
const std::vector<sink>& sinks();

/// @throws error: usage with the known names.
const sink& find_sink(const std::string& name);

/// The form that a file's name asks for by its ending, "json" for "answer.json"; nullptr for other endings and none.
const sink* sink_of_ending(const std::filesystem::path& file);

/// A sink file's last line registers it.
struct sink_registration {
  explicit sink_registration(sink form);
};

}  // namespace gpubench::report
