#include "core/error.hpp"
#include "core/file.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "predictor/calibration_toml.hpp"
#include "predictor/serving_engine.hpp"

namespace gpubench::predictor {
namespace {

constexpr double unlimited_requests = 1e9;

serving_band band_of(const toml::table& row, const char* key, const std::string& file) {
  const toml::table* table = row[key].as_table();
  if (!table) throw error(error_kind::input, position_of(row, file), fmt::format("'{}' is missing", key));
  const serving_band band{positive_of(*table, "low", file), positive_of(*table, "high", file)};
  if (band.low > band.high) throw error(error_kind::input, position_of(*table, file), "'low' is above 'high'");
  return band;
}

serving_engine engine_from(const toml::table& row, const std::string& file) {
  serving_engine e;
  e.name = engine_name(text_of(row, "name", file));
  const std::string version = text_of(row, "version", file);
  e.version = parse_engine_version(version);
  if (!(e.version > 0))
    throw error(error_kind::input, position_of(*row.get("version"), file), "'" + version + "' is no version",
                "\"0.18\"");
  e.kernel_seconds = positive_of(row, "kernel_seconds", file);
  e.prefill_factor = positive_of(row, "prefill_factor", file);
  e.first_token_seconds = positive_of(row, "first_token_seconds", file);
  e.queue_factor = positive_of(row, "queue_factor", file);
  e.queue_power = positive_of(row, "queue_power", file);
  e.most_running_requests =
      row.contains("most_running_requests") ? positive_of(row, "most_running_requests", file) : unlimited_requests;
  e.tpot = band_of(row, "tpot", file);
  e.ttft = band_of(row, "ttft", file);
  e.rows = static_cast<std::size_t>(positive_of(row, "rows", file));
  if (const toml::array* gpus = row["gpus"].as_array()) {
    for (const toml::node& node : *gpus) e.gpus.push_back(node.value<std::string>().value_or(""));
  }
  if (e.gpus.empty() || std::count(e.gpus.begin(), e.gpus.end(), "") > 0)
    throw error(error_kind::input, position_of(row, file), "'gpus' is missing or not a list of names");
  return e;
}

}  // namespace

served_engines load_engines(const std::filesystem::path& directory, served_engines base) {
  const std::filesystem::path path = directory / engines_file;
  const std::string file = path.string();
  const toml::table document = load_toml(path);
  base.origin.source = text_of(document, "source", file);
  base.origin.date = text_of(document, "date", file);
  base.origin.position = {file, 1, 1};
  const toml::array* engines = document["engine"].as_array();
  if (!engines || engines->empty()) throw error(error_kind::input, {file, 1, 1}, "there is no [[engine]]");
  for (const toml::node& node : *engines) {
    serving_engine read = engine_from(table_of(node, "[[engine]]", file), file);
    std::erase_if(base.all, [&](const serving_engine& e) { return e.name == read.name && e.version == read.version; });
    base.all.push_back(std::move(read));
  }
  return base;
}

void save_engines(const std::filesystem::path& directory, const served_engines& known) {
  std::string toml =
      "# What inference engines add to the work of their steps, by version, written by `gpubench calibrate`;\n"
      "# docs/prediction/serving.md explains them. Bands are the 5 % and 95 % quantiles of measured / predicted on\n"
      "# servers that were not fitted on.\n";
  toml += fmt::format("source = {}\ndate = {}\n", toml_text(known.origin.source), toml_text(known.origin.date));
  for (const serving_engine& e : known.all) {
    toml +=
        fmt::format("\n[[engine]]\nname = {}\nversion = \"{}\"\n", toml_text(e.name), engine_version_text(e.version));
    toml += fmt::format(
        "kernel_seconds = {:.6g}\nprefill_factor = {:.6g}\nfirst_token_seconds = {:.6g}\nqueue_factor = {:.6g}\n"
        "queue_power = {:.6g}\n",
        e.kernel_seconds, e.prefill_factor, e.first_token_seconds, e.queue_factor, e.queue_power);
    if (e.most_running_requests < unlimited_requests)
      toml += fmt::format("most_running_requests = {:.6g}\n", e.most_running_requests);
    toml += fmt::format("tpot = {{ low = {:.3f}, high = {:.3f} }}\nttft = {{ low = {:.3f}, high = {:.3f} }}\n",
                        e.tpot.low, e.tpot.high, e.ttft.low, e.ttft.high);
    toml += fmt::format("rows = {}\ngpus = [", e.rows);
    for (std::size_t i = 0; i < e.gpus.size(); ++i) toml += (i ? ", " : "") + toml_text(e.gpus[i]);
    toml += "]\n";
  }
  write_file_atomically(directory / engines_file, toml);
}

}  // namespace gpubench::predictor
