#include "core/csv.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/text.hpp"
#include "core/toml.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>

#include "predictor/calibration_toml.hpp"
#include "predictor/collective_calibration.hpp"
#include "predictor/operator_calibration.hpp"

namespace gpubench::predictor {
namespace {

constexpr std::size_t nearness_count = std::size(nearness_names);

/// A table with one positive number for each coefficient; one that the file lacks keeps its typical value.
std::vector<double> values_of(const toml::table& owner, const operator_family& family, const std::string& file) {
  const toml::table* table = owner["values"].as_table();
  if (!table) throw error(error_kind::input, position_of(owner, file), "'values' is missing");
  std::vector<std::string> names;
  for (const coefficient& c : family.coefficients) names.emplace_back(c.name);
  for (const auto& [key, node] : *table) {
    if (std::find(names.begin(), names.end(), std::string(key.str())) == names.end()) {
      throw error(error_kind::input, position_of(node, file),
                  fmt::format("family '{}' has no coefficient '{}'", family.name, key.str()),
                  suggestion(key.str(), names));
    }
  }
  std::vector<double> values;
  for (const coefficient& c : family.coefficients) {
    const toml::node* node = table->get(c.name);
    values.push_back(node ? std::clamp(positive_of(*table, c.name, file), c.low, c.high) : c.typical);
  }
  return values;
}

family_calibration family_from(const toml::table& row, const operator_family& family, const std::string& file) {
  family_calibration entry;
  entry.family = family.name;
  entry.all = values_of(row, family, file);
  if (const toml::node* transfer = row.get("transfer")) {
    entry.transfer = transfer->value<double>().value_or(-1);
    if (!(entry.transfer >= 0 && entry.transfer <= 1))
      throw error(error_kind::input, position_of(*transfer, file), "'transfer' is not between 0 and 1");
  }
  entry.origin.source = text_of(row, "source", file);
  entry.origin.date = text_of(row, "date", file);
  entry.origin.position = position_of(row, file);
  if (const toml::array* bands = row["band"].as_array()) {
    for (const toml::node& node : *bands) {
      const toml::table& band = table_of(node, "[[family.band]]", file);
      const std::string name = text_of(band, "nearness", file);
      const auto at = std::find(nearness_names.begin(), nearness_names.end(), name);
      if (at == nearness_names.end())
        throw error(error_kind::input, position_of(band, file), "nearness '" + name + "' is not known",
                    suggestion(name, {nearness_names.begin(), nearness_names.end()}));
      residual_band& target = entry.bands[static_cast<std::size_t>(at - nearness_names.begin())];
      target.low = positive_of(band, "low", file);
      target.high = positive_of(band, "high", file);
      if (target.low > target.high) throw error(error_kind::input, position_of(band, file), "'low' is above 'high'");
      target.mean_error = band["mean_error"].value<double>().value_or(0);
      target.rows = static_cast<std::size_t>(band["rows"].value<std::int64_t>().value_or(0));
    }
  }
  if (const toml::array* devices = row["device"].as_array()) {
    for (const toml::node& node : *devices) {
      const toml::table& table = table_of(node, "[[family.device]]", file);
      calibrated_device d;
      d.name = text_of(table, "name", file);
      d.architecture = text_of(table, "architecture", file);
      d.fit.values = values_of(table, family, file);
      d.fit.rows = static_cast<std::size_t>(table["rows"].value<std::int64_t>().value_or(0));
      d.fit.mean_error = table["mean_error"].value<double>().value_or(0);
      d.fit.median_error = table["median_error"].value<double>().value_or(0);
      entry.devices.push_back(std::move(d));
    }
  }
  return entry;
}

void read_points(const std::filesystem::path& path, operator_calibration& known) {
  const csv_table table = csv_table::load(path.string());
  table.require_columns({"family", "gpu", "f1", "f2", "f3", "f4", "f5", "f6", "log_residual"});
  static const std::string feature_names[most_features] = {"f1", "f2", "f3", "f4", "f5", "f6"};
  calibrated_device* target = nullptr;
  std::string family, gpu;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const csv_table::row row = table[i];
    if (!target || row.text("family") != family || row.text("gpu") != gpu) {
      family = row.text("family");
      gpu = row.text("gpu");
      const auto entry = known.families.find(family);
      if (entry == known.families.end()) row.refuse("family", "no family '" + family + "'");
      target = nullptr;
      for (calibrated_device& d : entry->second.devices) {
        if (d.name == gpu) target = &d;
      }
      if (!target) row.refuse("gpu", "GPU '" + gpu + "' has no fit in " + calibration_file);
    }
    residual_point point;
    for (std::size_t f = 0; f < most_features; ++f)
      point.at[f] = static_cast<float>(row.number(feature_names[f]).value_or(0));
    point.log_residual = static_cast<float>(row.required_number("log_residual"));
    target->points.push_back(point);
  }
}

std::string values_text(const operator_family& family, const std::vector<double>& values) {
  std::string text = "values = {";
  for (std::size_t i = 0; i < values.size(); ++i)
    text += fmt::format("{} {} = {:.4g}", i ? "," : "", family.coefficients[i].name, values[i]);
  // TOML takes "1" for an integer, which is read as a number all the same.
  return text + " }\n";
}

}  // namespace

operator_calibration load_operator_calibration(const std::filesystem::path& directory) {
  const std::filesystem::path path = directory / calibration_file;
  const std::string file = path.string();
  const toml::table document = load_toml(path);
  operator_calibration known = uncalibrated();
  if (const toml::array* rows = document["family"].as_array()) {
    for (const toml::node& node : *rows) {
      const toml::table& row = table_of(node, "[[family]]", file);
      const std::string name = text_of(row, "name", file);
      const auto families = operator_families();
      const auto found =
          std::find_if(families.begin(), families.end(), [&](const operator_family* f) { return f->name == name; });
      if (found == families.end()) {
        std::vector<std::string> names;
        for (const operator_family* f : families) names.emplace_back(f->name);
        throw error(error_kind::input, position_of(row, file), "no operator family '" + name + "'",
                    suggestion(name, names));
      }
      known.families[name] = family_from(row, **found, file);
    }
  }
  if (std::filesystem::exists(directory / points_file)) read_points(directory / points_file, known);
  for (auto& [name, family] : known.families) family.index();
  if (std::filesystem::exists(directory / collectives_file)) known.collectives = load_collectives(directory);
  if (std::filesystem::exists(directory / engines_file)) known.engines = load_engines(directory, known.engines);
  return known;
}

void save_operator_calibration(const std::filesystem::path& directory, const operator_calibration& known) {
  std::string toml =
      "# Coefficients of the operator models, written by `gpubench calibrate`; docs/prediction.md explains them. Each\n"
      "# family has its coefficients over all GPUs, those of each measured GPU, and bands: 5 % and 95 % quantiles of\n"
      "# measured / predicted on rows that were not fitted on, by how near the measurements stand to the GPU.\n";
  std::string csv = "family,gpu,f1,f2,f3,f4,f5,f6,log_residual\n";
  for (const operator_family* family : operator_families()) {
    const family_calibration& entry = known.of(*family);
    if (entry.devices.empty()) continue;
    toml += fmt::format("\n[[family]]\nname = {}\nsource = {}\ndate = {}\ntransfer = {:.2f}\n", toml_text(family->name),
                        toml_text(entry.origin.source), toml_text(entry.origin.date), entry.transfer);
    toml += values_text(*family, entry.all);
    for (std::size_t i = 0; i < nearness_count; ++i) {
      const residual_band& band = entry.bands[i];
      toml += fmt::format(
          "[[family.band]]\nnearness = \"{}\"\nlow = {:.3f}\nhigh = {:.3f}\nmean_error = {:.3f}\nrows = {}\n",
          nearness_names[i], band.low, band.high, band.mean_error, band.rows);
    }
    for (const calibrated_device& d : entry.devices) {
      toml += fmt::format(
          "[[family.device]]\nname = {}\narchitecture = {}\nrows = {}\nmean_error = {:.3f}\nmedian_error = {:.3f}\n",
          toml_text(d.name), toml_text(d.architecture), d.fit.rows, d.fit.mean_error, d.fit.median_error);
      toml += values_text(*family, d.fit.values);
      for (const residual_point& p : d.points) {
        csv += fmt::format("{},{}", family->name, csv_escape(d.name));
        for (const float f : p.at) csv += f == 0 ? std::string(",") : fmt::format(",{:.5g}", f);
        csv += fmt::format(",{:.3f}\n", p.log_residual);
      }
    }
  }
  write_file_atomically(directory / calibration_file, toml);
  write_file_atomically(directory / points_file, csv);
  if (!known.collectives.origin.source.empty()) save_collectives(directory, known.collectives);
  if (!known.engines.origin.source.empty()) save_engines(directory, known.engines);
}

}  // namespace gpubench::predictor
