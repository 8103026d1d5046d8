#include "bench/host/operands.hpp"

#include "core/error.hpp"
#include "core/memory_room.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <omp.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace gpubench::bench::host {
namespace {

template <class T>
void fill_integers_of(T* data, std::size_t size, std::uint64_t seed, int low, int high) {
  const auto span = static_cast<std::uint64_t>(high - low + 1);
  for_parts(size, [=](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      data[i] = static_cast<T>(low + static_cast<int>(((hash_of(seed, i) >> 32) * span) >> 32));
    }
  });
}

}  // namespace

void fill_integers(std::int8_t* data, std::size_t size, std::uint64_t seed, int low, int high) {
  fill_integers_of(data, size, seed, low, high);
}

void fill_integers(std::uint8_t* data, std::size_t size, std::uint64_t seed, int low, int high) {
  fill_integers_of(data, size, seed, low, high);
}

void use_threads(int threads) {
  omp_set_num_threads(std::max(1, threads));
}

std::int64_t size_of(const results::parameters& values, const char* name) {
  const auto value = results::integer_parameter(values, name);
  if (!value) throw error(error_kind::internal, fmt::format("benchmark parameter '{}' is missing", name));
  return *value;
}

const std::vector<std::string>& instructions_for(models::precision p) {
  static const std::vector<std::string> bf16{"avx512_bf16", "amx_bf16", "bf16"};
  static const std::vector<std::string> int8{"avx512_vnni", "avx_vnni", "amx_int8", "asimddp"};
  static const std::vector<std::string> every_processor;
  return p == models::precision::bf16 ? bf16 : p == models::precision::int8 ? int8 : every_processor;
}

std::optional<std::string> lacks_instructions(const machine& where, models::precision p) {
  const auto& wanted = instructions_for(p);
  const auto& known = where.environment.cpu.features;
  const auto is_known = [&](const std::string& f) { return std::find(known.begin(), known.end(), f) != known.end(); };
  if (wanted.empty() || std::any_of(wanted.begin(), wanted.end(), is_known)) return std::nullopt;
  return fmt::format("this processor has no instructions for {} (none of {})", models::to_string(p),
                     join(wanted, ", "));
}

std::vector<results::parameters> cases_with_instructions(std::vector<results::parameters> cases, const machine& where,
                                                         models::precision p) {
  if (cases.size() > 1 && lacks_instructions(where, p)) cases.resize(1);
  return cases;
}

std::optional<std::string> lacks_memory(const machine& where, double bytes) {
  if (bytes * 1.1 <= where.usable_memory_bytes) return std::nullopt;
  return fmt::format("needs {} of memory, {} are usable", format_bytes(bytes), format_bytes(where.usable_memory_bytes));
}

void throw_out_of_memory(std::size_t bytes) {
  throw error(error_kind::out_of_device_memory,
              fmt::format("not enough memory: asked for {}", format_bytes(static_cast<double>(bytes))),
              hint_about_memory());
}

}  // namespace gpubench::bench::host
