#include "link/measured_link.hpp"

#include "core/file.hpp"
#include "core/json_null.hpp"
#include "results/json_field.hpp"

#include <fmt/format.h>

namespace gpubench::link {

namespace {

std::optional<double> from_zero(const results::json_field& root, std::string_view key) {
  const auto field = root.find(key);
  return field ? std::optional(field->number_from(0)) : std::nullopt;
}

std::optional<double> fraction(const results::json_field& root, std::string_view key) {
  const auto value = from_zero(root, key);
  if (value && *value > 1) root.at(key).refuse("is above 1");
  return value;
}

std::optional<double> positive(const results::json_field& root, std::string_view key) {
  const auto field = root.find(key);
  return field ? std::optional(field->positive_number()) : std::nullopt;
}

}  // namespace

std::optional<double> measured_link::upload_seconds() const {
  if (!dataset_bytes || !up_bytes_per_second || *up_bytes_per_second <= 0) return std::nullopt;
  return *dataset_bytes / *up_bytes_per_second;
}

const endpoint_latency* measured_link::nearest() const {
  const endpoint_latency* best = nullptr;
  for (const auto& one : endpoints) {
    if (one.median_ns && (best == nullptr || *one.median_ns < *best->median_ns)) best = &one;
  }
  return best;
}

json to_json(const measured_link& link) {
  json endpoints = json::array();
  for (const auto& one : link.endpoints)
    endpoints.push_back({{"name", one.name},
                         {"host", one.host},
                         {"round_trip_ns", or_null(one.median_ns)},
                         {"problem", text_or_null(one.problem)}});
  return {{"schema", link_schema},
          {"made_at", link.made_at},
          {"host", link.host},
          {"method", text_or_null(link.method)},
          {"round_trip_ns", or_null(link.round_trip_ns)},
          {"jitter_ns", or_null(link.jitter_ns)},
          {"lost_fraction", or_null(link.lost_fraction)},
          {"up_bytes_per_second", or_null(link.up_bytes_per_second)},
          {"down_bytes_per_second", or_null(link.down_bytes_per_second)},
          {"udp_bytes_per_second", or_null(link.udp_bytes_per_second)},
          {"udp_lost_fraction", or_null(link.udp_lost_fraction)},
          {"udp_jitter_ns", or_null(link.udp_jitter_ns)},
          {"dataset_bytes", or_null(link.dataset_bytes)},
          {"upload_seconds", or_null(link.upload_seconds())},
          {"endpoints", endpoints},
          {"problems", link.problems}};
}

measured_link load_link(const std::filesystem::path& path) {
  const std::string file = path.string();
  const std::string text = read_file(path);
  const json document = parse_json(text, file);
  const results::json_field root(document, file, &text);
  const auto schema = root.at("schema").text();
  if (schema != link_schema)
    root.refuse(fmt::format("is of schema '{}', not {}", schema, link_schema),
                "write it with: gpubench link HOST --format json --output link.json");
  measured_link link;
  link.host = root.at("host").nonempty_text();
  link.made_at = root.at("made_at").nonempty_text();
  if (const auto method = root.find("method")) link.method = method->text();
  link.round_trip_ns = from_zero(root, "round_trip_ns");
  link.jitter_ns = from_zero(root, "jitter_ns");
  link.lost_fraction = fraction(root, "lost_fraction");
  link.up_bytes_per_second = positive(root, "up_bytes_per_second");
  link.down_bytes_per_second = positive(root, "down_bytes_per_second");
  link.udp_bytes_per_second = from_zero(root, "udp_bytes_per_second");
  link.udp_lost_fraction = fraction(root, "udp_lost_fraction");
  link.udp_jitter_ns = from_zero(root, "udp_jitter_ns");
  link.dataset_bytes = positive(root, "dataset_bytes");
  if (const auto list = root.find("endpoints")) {
    for (const auto& one : list->elements()) {
      endpoint_latency endpoint{one.at("name").nonempty_text(), one.at("host").nonempty_text(),
                                from_zero(one, "round_trip_ns"), ""};
      if (const auto problem = one.find("problem")) endpoint.problem = problem->text();
      link.endpoints.push_back(std::move(endpoint));
    }
  }
  if (const auto list = root.find("problems")) link.problems = list->texts();
  return link;
}

}  // namespace gpubench::link
