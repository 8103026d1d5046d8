#include "bench/registry.hpp"

#include "core/error.hpp"

#include <map>
#include <tuple>
#include <utility>

namespace gpubench::bench {

namespace {

// Name, back-end, device: the order of registered_benchmarks().
using registry_key = std::tuple<std::string, std::string, std::string>;

/// Made at first use, because registrations run before main() in no particular order of files.
std::map<registry_key, benchmark_definition>& registry() {
  static std::map<registry_key, benchmark_definition> instance;
  return instance;
}

}  // namespace

std::string_view to_string(suite s) {
  switch (s) {
    case suite::quick:
      return "quick";
    case suite::standard:
      return "standard";
    case suite::apps:
      return "apps";
    case suite::full:
      return "full";
  }
  return "unknown";
}

std::optional<suite> parse_suite(std::string_view name) {
  for (const suite s : all_suites) {
    if (name == to_string(s)) return s;
  }
  return std::nullopt;
}

std::string_view describe(suite s) {
  switch (s) {
    case suite::quick:
      return "the most telling case or two of each benchmark, within a minute";
    case suite::standard:
      return "the cases that estimates interpolate between, within five minutes";
    case suite::apps:
      return "whole applications: simulation, rendering, hashing, data preparation, within five minutes";
    case suite::full:
      return "every case, for as long as it takes";
  }
  return "";
}

std::optional<std::chrono::duration<double>> default_budget(suite s) {
  switch (s) {
    case suite::quick:
      return std::chrono::duration<double>(60);
    case suite::standard:
    case suite::apps:
      return std::chrono::duration<double>(300);
    case suite::full:
      return std::nullopt;
  }
  return std::nullopt;
}

std::vector<results::parameters> cases_of(const benchmark_definition& definition, suite s, const machine& where) {
  const bool included = s == suite::full || definition.application == (s == suite::apps);
  return included ? definition.cases(s, where) : std::vector<results::parameters>{};
}

std::vector<benchmark_definition> registered_benchmarks() {
  std::vector<benchmark_definition> definitions;
  for (const auto& [key, definition] : registry()) definitions.push_back(definition);
  return definitions;
}

void register_benchmark(benchmark_definition definition) {
  if (definition.name.empty() || definition.backend.empty()) {
    throw error(error_kind::internal, "a benchmark was registered without a name or a backend");
  }
  if (!definition.cases || !definition.work || !definition.prepare) {
    throw error(error_kind::internal, "benchmark '" + definition.name + "' lacks its cases, work or prepare function");
  }
  registry_key key(definition.name, definition.backend, definition.device);
  const auto [at, added] = registry().try_emplace(std::move(key), std::move(definition));
  if (!added) {
    throw error(error_kind::internal, "benchmark '" + std::get<0>(at->first) + "' of back-end '" +
                                          std::get<1>(at->first) + "' was registered twice for device '" +
                                          std::get<2>(at->first) + "'");
  }
}

}  // namespace gpubench::bench
