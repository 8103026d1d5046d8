#include "results/run_figures.hpp"

#include "core/file.hpp"
#include "core/parallel.hpp"
#include "results/run_reader.hpp"
#include "results/simdjson_fields.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <exception>
#include <string_view>
#include <utility>

namespace gpubench::results {
namespace {

namespace sj = simdjson;
using detail::number_or_none;
using detail::once;
using detail::repeated_key;
using detail::text_or_none;

/// Members of a measurement that count; its verdict comes last, as members may come in any order.
struct raw_measurement {
  std::string name, status;
  bool is_odd = false;     ///< something in it is not as gpubench writes it
  measurement of_samples;  ///< what figures must follow from, and they
};

std::string raw_text(sj::ondemand::value field) {
  switch (sj::ondemand::json_type(field.type())) {
    case sj::ondemand::json_type::object: {
      sj::ondemand::object object = field.get_object();
      return std::string(std::string_view(object.raw_json()));
    }
    case sj::ondemand::json_type::array: {
      sj::ondemand::array array = field.get_array();
      return std::string(std::string_view(array.raw_json()));
    }
    default:
      return std::string(field.raw_json_token());
  }
}

std::vector<pair_time> read_pairs(sj::ondemand::value field, const std::string& file) {
  const json document{{"pairs", parse_json(raw_text(field), file)}};
  return pairs_from_json(json_field(document, file));
}

/// Numbers of an object by their keys; of other members nothing.
template <std::size_t size>
std::array<std::optional<double>, size> read_numbers(sj::ondemand::object from,
                                                     const std::array<std::string_view, size>& known) {
  std::array<std::optional<double>, size> found;
  once keys;
  for (auto member : from)
    if (const auto place = keys.find(member.unescaped_key(), known); place < size)
      found[place] = number_or_none(member.value());
  return found;
}

void read_interval(sj::ondemand::value field, raw_measurement& into) {
  static constexpr std::array<std::string_view, 2> known{"low", "high"};
  if (field.is_null()) return;
  const auto [low, high] = read_numbers(field.get_object(), known);
  into.is_odd = into.is_odd || !low || !high;
  if (!into.is_odd) into.of_samples.time_ns->median_interval = interval{*low, *high};
}

void read_times(sj::ondemand::object statistics, raw_measurement& into) {
  static constexpr std::array<std::string_view, 9> known{"n",  "median", "mean",           "min", "max", "stddev",
                                                         "p5", "p95",    "median_interval"};
  auto& time = into.of_samples.time_ns.emplace();
  std::array<double*, 9> places{nullptr, &time.median, &time.mean, &time.min, &time.max,
                                nullptr, &time.p5,     &time.p95,  nullptr};
  once keys;
  for (auto figure : statistics) {
    const auto place = keys.find(figure.unescaped_key(), known);
    if (place == known.size()) continue;
    sj::ondemand::value value = figure.value();
    if (known[place] == "median_interval") {
      read_interval(value, into);
    } else if (known[place] == "n") {
      time.n = static_cast<std::size_t>(std::uint64_t(value.get_uint64()));
    } else if (const auto number = number_or_none(value); known[place] == "stddev") {
      time.stddev = number;
    } else {
      into.is_odd = into.is_odd || !number;
      *places[place] = number.value_or(0);
    }
  }
}

void read_samples(sj::ondemand::array samples, std::vector<double>& into) {
  for (auto sample : samples) into.push_back(double(sample.get_double()));  // null is none
}

// A wrong answer is left to the ordinary reader, which knows where it contradicts the status.
void read_verification(sj::ondemand::object check, raw_measurement& into) {
  std::optional<double> error, tolerance;
  once keys;
  static constexpr std::array<std::string_view, 3> known{"error", "tolerance", "passed"};
  for (auto part : check) {
    const auto place = keys.find(part.unescaped_key(), known);
    if (place == known.size()) continue;
    sj::ondemand::value value = part.value();
    if (known[place] == "passed") {
      into.is_odd = into.is_odd || value.is_null() || !bool(value.get_bool());
    } else {
      (known[place] == "error" ? error : tolerance) = number_or_none(value);
    }
  }
  into.is_odd = into.is_odd || !error || !tolerance || !(*error <= *tolerance);
}

raw_measurement read_measurement(sj::ondemand::object fields, const std::string& file) {
  static constexpr std::array<std::string_view, 12> known{"name",   "backend",  "device",     "status",
                                                          "reason", "time_ns",  "pairs",      "work",
                                                          "rates",  "reported", "samples_ns", "verification"};
  static constexpr std::array<std::string_view, 4> amounts{"flop", "bytes", "items", "bus_bytes"};
  static constexpr std::array<std::string_view, 4> rate_names{"flop_per_second", "bytes_per_second", "items_per_second",
                                                              "busbw_bytes_per_second"};
  raw_measurement raw;
  auto& m = raw.of_samples;
  once keys;
  for (auto field : fields) {
    const std::string_view key = field.unescaped_key();
    if (keys.find(key, known) == known.size()) continue;
    sj::ondemand::value value = field.value();
    if (key == "name") raw.name = text_or_none(value);
    if (key == "backend") m.backend = text_or_none(value);
    if (key == "device") m.device = text_or_none(value);
    if (key == "status") raw.status = text_or_none(value);
    if (key == "reason") m.reason = text_or_none(value);
    if (key == "time_ns" && !value.is_null()) read_times(value.get_object(), raw);
    if (key == "samples_ns") read_samples(value.get_array(), m.samples_ns);
    if (key == "pairs" && !value.is_null()) m.pairs = read_pairs(value, file);
    if (key == "work" && !value.is_null()) {
      const auto [flop, bytes, items, bus_bytes] = read_numbers(value.get_object(), amounts);
      m.work = {flop, bytes, items, "", bus_bytes};
    }
    if (key == "rates" && !value.is_null()) {
      const auto [flop, bytes, items, bus_bytes] = read_numbers(value.get_object(), rate_names);
      m.rate = {flop, bytes, items, bus_bytes};
    }
    if (key == "verification" && !value.is_null()) read_verification(value.get_object(), raw);
    // What another tool stated is left to the ordinary reader.
    if (key == "reported") raw.is_odd = raw.is_odd || !value.is_null();
  }
  return raw;
}

/// @return whether it is as a run file has it; what is not is told by the ordinary reader, which knows the place
bool take(raw_measurement raw, run_figures& into) {
  auto& m = raw.of_samples;
  const bool is_ok = raw.status == "ok", has_failed = raw.status == "failed";
  if (!is_ok && !has_failed && raw.status != "skipped") return false;
  m.status = is_ok ? measurement_status::ok : has_failed ? measurement_status::failed : measurement_status::skipped;
  if (raw.is_odd || raw.name.empty() || m.device.empty() || m.backend.empty() || defect_of(m)) return false;
  if (has_failed) into.failed.push_back({m.device, raw.name, m.reason});
  if (!is_ok) return true;
  if (!(m.time_ns->min > 0)) return false;  // nothing takes no time
  into.measured.push_back({m.backend, m.device, raw.name, m.time_ns->median, std::move(m.pairs)});
  return true;
}

/// Everything but the measurements as the ordinary reader reads it, which is a small part of the file.
/// @return nothing unless all of it is there; whoever called then asks the reader that knows why.
std::optional<run_figures> read_fast(const std::string& padded, std::size_t size, const std::string& file) {
  thread_local sj::ondemand::parser parser;
  run_figures found;
  json head = json::object();
  bool has_measurements = false;
  try {
    sj::ondemand::document document = parser.iterate(sj::padded_string_view(padded.data(), size, padded.size()));
    for (auto field : document.get_object()) {
      const std::string key(std::string_view(field.unescaped_key()));
      if (key != "measurements") {
        if (head.contains(key)) return std::nullopt;
        head[key] = parse_json(raw_text(field.value()), file);
        continue;
      }
      if (has_measurements) return std::nullopt;
      has_measurements = true;
      for (auto element : field.value().get_array())
        if (!take(read_measurement(element.get_object(), file), found)) return std::nullopt;
    }
    const char* after = nullptr;
    if (document.current_location().get(after) == sj::SUCCESS) return std::nullopt;  // more than one value
  } catch (const sj::simdjson_error&) {
    return std::nullopt;
  } catch (const repeated_key&) {
    return std::nullopt;
  }
  if (!has_measurements) return std::nullopt;
  head["measurements"] = json::array();
  found.head = run_from_json(json_field(head, file));
  return found;
}

/// The text of a file with the room behind it that simdjson reads into.
std::string padded_text(const std::filesystem::path& path) {
  std::string text = read_file(path);
  text.resize(text.size() + sj::SIMDJSON_PADDING);
  return text;
}

/// Whether a text says that it is a run, of whatever version.
bool says_run(const std::string& padded, std::size_t size) {
  thread_local sj::ondemand::parser parser;
  try {
    sj::ondemand::document document = parser.iterate(sj::padded_string_view(padded.data(), size, padded.size()));
    const std::string_view schema = document["schema"].get_string();
    return schema.rfind("gpubench.run/", 0) == 0;
  } catch (const sj::simdjson_error&) {
    // A run file that was cut off has to be told apart from what never was one.
    return padded.find("\"gpubench.run/") != std::string::npos;
  }
}

/// Nothing takes no time. Other tools round to it.   @throws error: input
void require_times(const run& whole, const std::string& file) {
  if (whole.provenance) return;
  for (const auto& m : whole.measurements)
    if (m.status == measurement_status::ok && m.time_ns && m.time_ns->min <= 0)
      throw error(
          error_kind::input, {file, 0, 0},
          fmt::format("{} on {}: a sample takes {} ns, which cannot be", full_name(m), m.device, m.time_ns->min),
          "measure again, or leave the file out");
}

/// @return nothing for what is no run, unless it has to be one
std::optional<run_figures> figures_in(std::string padded, const std::string& file, bool has_to_be) {
  const std::size_t size = padded.size() - sj::SIMDJSON_PADDING;
  if (!has_to_be && !says_run(padded, size)) return std::nullopt;
  try {
    if (auto found = read_fast(padded, size, file)) return found;
  } catch (const error&) {
    // The reader below says it with line and column.
  }
  padded.resize(size);
  const auto document = parse_json(padded, file);
  const auto whole = run_from_json(json_field(document, file, &padded));
  require_times(whole, file);
  return figures_of(whole);
}

}  // namespace

run_figures figures_of(const run& whole) {
  run_figures found;
  for (const auto& m : whole.measurements) {
    if (m.status == measurement_status::failed) found.failed.push_back({m.device, full_name(m), m.reason});
    if (m.status == measurement_status::ok && m.time_ns && m.time_ns->median > 0)
      found.measured.push_back({m.backend, m.device, full_name(m), m.time_ns->median, m.pairs});
  }
  found.head = whole;
  found.head.measurements.clear();
  return found;
}

run_figures load_run_figures(const std::filesystem::path& path) {
  return *figures_in(padded_text(path), path.string(), true);
}

std::vector<std::optional<run_figures>> load_candidates(const std::vector<run_candidate>& files) {
  std::vector<std::optional<run_figures>> found(files.size());
  std::vector<std::exception_ptr> problems(files.size());
  // The first file that cannot be read is named, whichever thread met one first.
  in_parallel(files.size(), 1, [&](std::size_t i) {
    try {
      found[i] = figures_in(padded_text(files[i].file), files[i].file.string(), files[i].is_named);
    } catch (...) {
      problems[i] = std::current_exception();
    }
  });
  for (const auto& problem : problems)
    if (problem) std::rethrow_exception(problem);
  return found;
}

}  // namespace gpubench::results
