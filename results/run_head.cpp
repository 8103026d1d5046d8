#include "results/run_head.hpp"

#include "core/error.hpp"
#include "core/json.hpp"
#include "results/json_field.hpp"
#include "results/run.hpp"
#include "results/run_reader.hpp"

#include <simdjson.h>

#include <array>
#include <cstddef>
#include <string_view>

namespace gpubench::results {
namespace {

namespace sj = simdjson;

std::string text_of(sj::ondemand::value field) {
  return std::string(std::string_view(field.get_string()));
}

void read_environment(sj::ondemand::object environment, run_head& into) {
  for (auto field : environment) {
    const std::string_view key = field.unescaped_key();
    if (key != "cloud" && key != "gpus") continue;
    sj::ondemand::value value = field.value();
    if (value.is_null()) continue;
    if (key == "cloud") {
      for (auto part : value.get_object()) {
        if (std::string_view(part.unescaped_key()) != "instance_type") continue;
        sj::ondemand::value type = part.value();
        if (!type.is_null()) into.instance_type = text_of(type);
      }
      continue;
    }
    for (auto element : value.get_array())
      for (auto part : element.get_object())
        if (std::string_view(part.unescaped_key()) == "name") into.gpus.push_back(text_of(part.value()));
  }
}

void read_ranks(sj::ondemand::value ranks, run_head& into) {
  if (ranks.is_null()) return;
  for (auto rank : ranks.get_array())
    for (auto part : rank.get_object())
      if (std::string_view(part.unescaped_key()) == "node") into.rank_nodes.push_back(text_of(part.value()));
}

// Nothing unless all of it is there, once; whoever called then asks the reader that knows why.
std::optional<run_head> read_fast(const std::string& padded, std::size_t size) {
  thread_local sj::ondemand::parser parser;
  run_head head;
  std::array<int, 8> seen{};
  bool is_run = false;
  try {
    sj::ondemand::document document = parser.iterate(sj::padded_string_view(padded.data(), size, padded.size()));
    for (auto field : document.get_object()) {
      const std::string_view key = field.unescaped_key();
      if (key == "schema") ++seen[0], is_run = text_of(field.value()) == run_schema;
      if (key == "id") ++seen[1], head.id = text_of(field.value());
      if (key == "suite") ++seen[2], head.suite = text_of(field.value());
      if (key == "started_at") ++seen[3], head.started_at = text_of(field.value());
      if (key == "measurements") {
        ++seen[4];
        sj::ondemand::array all = field.value().get_array();
        for (auto element : all) static_cast<void>(element.get_object().value());
      }
      if (key == "environment") ++seen[5], read_environment(field.value().get_object(), head);
      if (key == "ranks") ++seen[7], read_ranks(field.value(), head);
      if (key == "finished_at") {
        ++seen[6];
        sj::ondemand::value value = field.value();
        if (!value.is_null()) head.finished_at = text_of(value);
      }
    }
    const char* after = nullptr;
    if (document.current_location().get(after) == sj::SUCCESS) return std::nullopt;  // more than one value
  } catch (const sj::simdjson_error&) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < 6; ++i)
    if (seen.at(i) != 1) return std::nullopt;
  if (!is_run || seen[6] > 1 || seen[7] > 1 || head.id.empty() || head.started_at.empty()) return std::nullopt;
  return head;
}

}  // namespace

run_head read_run_head(std::string& text, const std::string& file) {
  const auto size = text.size();
  text.resize(size + sj::SIMDJSON_PADDING);
  const auto head = read_fast(text, size);
  text.resize(size);
  if (head) return *head;
  const run whole = run_from_json(json_field(parse_json(text, file), file, &text));
  run_head slow{whole.id, whole.suite, whole.started_at, whole.finished_at, {}, {}};
  if (whole.environment.cloud) slow.instance_type = whole.environment.cloud->instance_type;
  for (const auto& gpu : whole.environment.gpus) slow.gpus.push_back(gpu.name);
  for (const auto& rank : whole.ranks) slow.rank_nodes.push_back(rank.node);
  return slow;
}

}  // namespace gpubench::results
