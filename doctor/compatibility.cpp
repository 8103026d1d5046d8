#include "doctor/compatibility.hpp"

#include "core/error.hpp"
#include "core/toml.hpp"
#include "profiles/detail/toml_reader.hpp"

#include <algorithm>

namespace gpubench::doctor {

namespace {

using profiles::detail::toml_reader;

version version_of(const toml_reader& row, std::string_view key) {
  const auto found = version::parse(row.text(key));
  if (!found) row.refuse(key, "'" + row.text(key) + "' is no version", "write it as 525.60.13");
  return *found;
}

std::optional<version> version_if_any(const toml_reader& row, std::string_view key) {
  return row.has(key) ? std::optional(version_of(row, key)) : std::nullopt;
}

std::string dated_source(const toml_reader& row) {
  return row.text("source") + ", looked at on " + row.date("date");
}

int major_of(const toml_reader& row, std::string_view key) {
  return static_cast<int>(row.integer(key, 1, 1000));
}

std::vector<std::string> texts_of(const toml::table& row, std::string_view key, const std::string& file) {
  std::vector<std::string> texts;
  const auto* list = row[key].as_array();
  for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
    if (const auto text = list->get(i)->value<std::string>()) texts.push_back(*text);
  }
  if (texts.empty())
    throw error(error_kind::input, position_of(row, file), std::string(key) + " is missing or no list of texts");
  return texts;
}

void read_toolkits(const toml::table& row, const std::string& file, compatibility& known) {
  known.toolkit_source = dated_source(toml_reader(row, file, "cuda_toolkit"));
  const auto* drivers = row["drivers"].as_table();
  if (drivers == nullptr) throw error(error_kind::input, position_of(row, file), "cuda_toolkit.drivers is missing");
  const toml_reader reader(*drivers, file, "drivers");
  for (auto&& [key, value] : *drivers) {
    const std::string name(std::string_view{key});
    if (!version::parse(name)) reader.refuse(name, "'" + name + "' is no CUDA version", "write it as \"12.4\"");
    known.toolkit_drivers.emplace(name, version_of(reader, name));
  }
}

severity severity_of(const toml_reader& row) {
  const auto name = row.choice("severity", {"error", "warning", "note"});
  return name == "error" ? severity::error : name == "warning" ? severity::warning : severity::note;
}

}  // namespace

const cuda_family* compatibility::find_family(int major) const {
  const auto found = std::find_if(families.begin(), families.end(), [&](const auto& f) { return f.major == major; });
  return found == families.end() ? nullptr : &*found;
}

const gpu_architecture* compatibility::find_architecture(const std::string& compute_capability) const {
  const auto found = std::find_if(architectures.begin(), architectures.end(), [&](const auto& one) {
    const auto& all = one.compute_capabilities;
    return std::find(all.begin(), all.end(), compute_capability) != all.end();
  });
  return found == architectures.end() ? nullptr : &*found;
}

bool forward_branches::has(const version& driver) const {
  return std::find(driver_branches.begin(), driver_branches.end(), std::to_string(driver.major())) !=
         driver_branches.end();
}

const forward_branches* compatibility::find_forward(const version& cuda) const {
  const auto found =
      std::find_if(forward.begin(), forward.end(), [&](const auto& one) { return one.cuda.family() == cuda.family(); });
  return found == forward.end() ? nullptr : &*found;
}

const cudnn_limits* compatibility::find_cudnn(int cuda_major) const {
  const auto found =
      std::find_if(cudnn.begin(), cudnn.end(), [&](const auto& one) { return one.cuda_major == cuda_major; });
  return found == cudnn.end() ? nullptr : &*found;
}

compatibility load_compatibility(const std::filesystem::path& data_directory) {
  const auto path = data_directory / "compatibility.toml";
  const std::string file = path.string();
  const toml::table document = load_toml(path);
  const toml_reader top(document, file);
  top.allow_only(
      {"cuda_family", "cuda_toolkit", "architecture", "forward_compatibility", "cudnn", "xid", "xid_source"});
  // What is read as an array below has to be one.
  for (const char* list : {"cuda_toolkit", "architecture"}) top.tables(list);
  // A data file may know of no such package.
  if (top.has("forward_compatibility")) top.tables("forward_compatibility");
  compatibility known;
  for (const auto& row : top.tables("cuda_family")) {
    row.allow_only({"major", "lowest_driver", "source", "date"});
    known.families.push_back({major_of(row, "major"), version_of(row, "lowest_driver"), dated_source(row)});
  }
  for (const auto& node : *document["cuda_toolkit"].as_array()) read_toolkits(*node.as_table(), file, known);
  for (const auto& node : *document["architecture"].as_array()) {
    const toml_reader row(*node.as_table(), file, "architecture");
    row.allow_only({"name", "compute_capabilities", "first", "dropped", "source", "date"});
    known.architectures.push_back({row.text("name"), texts_of(*node.as_table(), "compute_capabilities", file),
                                   version_if_any(row, "first"), version_if_any(row, "dropped"), dated_source(row)});
  }
  if (const auto* forward = document["forward_compatibility"].as_array()) {
    for (const auto& node : *forward) {
      const toml_reader row(*node.as_table(), file, "forward_compatibility");
      row.allow_only({"cuda", "driver_branches", "source", "date"});
      known.forward.push_back(
          {version_of(row, "cuda"), texts_of(*node.as_table(), "driver_branches", file), dated_source(row)});
    }
  }
  for (const auto& row : top.tables("cudnn")) {
    row.allow_only({"cuda_major", "unsupported_below", "unsupported_from", "source", "date"});
    known.cudnn.push_back({major_of(row, "cuda_major"), version_if_any(row, "unsupported_below"),
                           version_if_any(row, "unsupported_from"), dated_source(row)});
  }
  for (const auto& row : top.tables("xid")) {
    row.allow_only({"code", "meaning", "severity", "mend"});
    known.xids[major_of(row, "code")] = {row.text("meaning"), severity_of(row), row.text("mend")};
  }
  known.xid_source = dated_source(top.table("xid_source"));
  return known;
}

}  // namespace gpubench::doctor
