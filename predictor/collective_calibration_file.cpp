#include "core/error.hpp"
#include "core/file.hpp"
#include "core/text.hpp"
#include "core/toml.hpp"

#include <fmt/format.h>

#include <cmath>
#include <optional>

#include "predictor/calibration_toml.hpp"
#include "predictor/collective_calibration.hpp"
#include "predictor/collective_case.hpp"

namespace gpubench::predictor {
namespace {

constexpr std::pair<fabric::link, const char*> links[] = {{fabric::link::pcie, "pcie"},
                                                          {fabric::link::nvlink_pairs, "nvlink_pairs"},
                                                          {fabric::link::nvlink_mesh, "nvlink_mesh"},
                                                          {fabric::link::nvlink_switch, "nvlink_switch"},
                                                          {fabric::link::infinity_fabric, "infinity_fabric"}};

// In the order of collective_constants::fields.
constexpr const char* constant_names[collective_constants::count] = {"launch_seconds",
                                                                     "ll_step_seconds",
                                                                     "ll_ramp_seconds",
                                                                     "ll_ramp_bytes",
                                                                     "ll_share",
                                                                     "ll128_setup_seconds",
                                                                     "ll128_step_seconds",
                                                                     "ll128_share",
                                                                     "simple_setup_seconds",
                                                                     "simple_step_seconds",
                                                                     "simple_share",
                                                                     "simple_ramp",
                                                                     "own_block_share",
                                                                     "in_switch_setup_seconds",
                                                                     "in_switch_share",
                                                                     "in_switch_ramp",
                                                                     "exchange_setup_seconds",
                                                                     "exchange_step_seconds",
                                                                     "exchange_ramp_seconds",
                                                                     "exchange_ramp_bytes",
                                                                     "exchange_share",
                                                                     "exchange_fill_seconds"};

collective_curve curve_from(const toml::table& row, const std::string& file) {
  collective_curve curve;
  curve.gpu = text_of(row, "gpu", file);
  curve.architecture = text_of(row, "architecture", file);
  const auto kind = find_collective(text_of(row, "collective", file));
  if (!kind) throw error(error_kind::input, position_of(*row.get("collective"), file), "is no collective");
  curve.kind = *kind;
  const std::string link = text_of(row, "link", file);
  bool found = false;
  for (const auto& [value, name] : links) {
    if (link != name) continue;
    curve.link = value;
    found = true;
  }
  if (!found) throw error(error_kind::input, position_of(*row.get("link"), file), "'" + link + "' is no kind of link");
  curve.ranks = static_cast<int>(row["ranks"].value<std::int64_t>().value_or(0));
  if (curve.ranks < 2) throw error(error_kind::input, position_of(row, file), "'ranks' is not a number from 2 on");
  const toml::array* values = row["log_residual"].as_array();
  if (!values || values->size() != collective_curve::sizes)
    throw error(error_kind::input, position_of(row, file),
                fmt::format("'log_residual' is not {} numbers, for 512 B to 512 MiB", collective_curve::sizes));
  for (std::size_t i = 0; i < collective_curve::sizes; ++i) {
    const auto value = values->get(i)->value<double>();
    // A hundred times slower or faster than the formula is no residual.
    if (!value || !(std::abs(*value) < std::log(100.0)))
      throw error(error_kind::input, position_of(*values->get(i), file),
                  "is no logarithm of measured over modelled time");
    curve.log_residual[i] = static_cast<float>(*value);
  }
  return curve;
}

}  // namespace

collective_model load_collectives(const std::filesystem::path& directory) {
  const std::filesystem::path path = directory / collectives_file;
  const std::string file = path.string();
  const toml::table document = load_toml(path);
  collective_model model;
  model.origin.source = text_of(document, "source", file);
  model.origin.date = text_of(document, "date", file);
  model.origin.position = {file, 1, 1};
  if (const toml::table* constants = document["constants"].as_table()) {
    for (std::size_t i = 0; i < collective_constants::count; ++i)
      model.constants.*collective_constants::fields[i] = positive_of(*constants, constant_names[i], file);
  } else {
    throw error(error_kind::input, {file, 1, 1}, "[constants] is missing");
  }
  if (const toml::array* bands = document["band"].as_array()) {
    if (bands->size() != message_classes)
      throw error(error_kind::input, {file, 1, 1}, fmt::format("there are not {} bands", message_classes));
    for (std::size_t i = 0; i < message_classes; ++i) {
      const toml::table& row = table_of(*bands->get(i), "[[band]]", file);
      collective_band& band = model.own[i];
      band = {positive_of(row, "low", file), positive_of(row, "high", file),
              static_cast<std::size_t>(row["rows"].value<std::int64_t>().value_or(0))};
      if (band.low > band.high) throw error(error_kind::input, position_of(row, file), "'low' is above 'high'");
    }
  }
  if (const toml::array* curves = document["curve"].as_array()) {
    for (const toml::node& node : *curves) model.curves.push_back(curve_from(table_of(node, "[[curve]]", file), file));
  }
  return model;
}

void save_collectives(const std::filesystem::path& directory, const collective_model& known) {
  std::string toml =
      "# Times of collectives inside a node, written by `gpubench calibrate`; docs/prediction/collectives.md explains\n"
      "# them. Bands are the 5 % and 95 % quantiles of measured / predicted on sizes that were held out, for messages "
      "to\n"
      "# 128 KiB, to 16 MiB and above; rows = 0: as shipped. Curves: ln(measured / formula) at 512 B, 1 KiB, ... 512 "
      "MiB.\n";
  toml += fmt::format("source = {}\ndate = {}\n\n[constants]\n", toml_text(known.origin.source),
                      toml_text(known.origin.date));
  for (std::size_t i = 0; i < collective_constants::count; ++i)
    toml += fmt::format("{} = {:.6g}\n", constant_names[i], known.constants.*collective_constants::fields[i]);
  for (const collective_band& band : known.own)
    toml += fmt::format("\n[[band]]\nlow = {:.6g}\nhigh = {:.6g}\nrows = {}\n", band.low, band.high, band.rows);
  for (const collective_curve& curve : known.curves) {
    const char* link = "";
    for (const auto& [value, name] : links) {
      if (value == curve.link) link = name;
    }
    toml += fmt::format(
        "\n[[curve]]\ngpu = {}\narchitecture = {}\nlink = \"{}\"\ncollective = \"{}\"\nranks = {}\nlog_residual = [",
        toml_text(curve.gpu), toml_text(curve.architecture), link, to_string(curve.kind), curve.ranks);
    for (std::size_t i = 0; i < collective_curve::sizes; ++i)
      toml += fmt::format("{}{:.3f}", i ? ", " : "", curve.log_residual[i]);
    toml += "]\n";
  }
  write_file_atomically(directory / collectives_file, toml);
}

}  // namespace gpubench::predictor
