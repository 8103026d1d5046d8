#include "predictor/vector_case.hpp"

#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <vector>

#include "predictor/hashing.hpp"
#include "predictor/molecular_dynamics.hpp"
#include "predictor/path_tracing.hpp"
#include "predictor/stencil.hpp"

namespace gpubench::predictor {
namespace {

using models::precision;

/// Above any count of a day's work of a data centre.
constexpr double largest_count = 1e21;

/// A count that may be larger than a size.
double count_of(const case_parameters& p, std::string_view key) {
  const double value = p.number(key);
  if (!(value > 0) || value > largest_count) p.refuse(key, "is not a count from 1 on");
  return value;
}

double count_of(const case_parameters& p, std::string_view key, double otherwise) {
  return p.has(key) ? count_of(p, key) : otherwise;
}

/// What of a list of spellings is given, else the first.
std::string_view spelled(const case_parameters& p, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (p.has(name)) return name;
  }
  return *names.begin();
}

precision require_precision(const prediction_case& what, const vector_machine& on, const std::string& work,
                            std::initializer_list<precision> computed) {
  const precision p = operator_precision(what);
  if (std::find(computed.begin(), computed.end(), p) == computed.end()) {
    std::vector<std::string> names;
    for (const precision one : computed) names.emplace_back(to_string(one));
    throw error(error_kind::input, what.position, fmt::format("{} is not computed in {}", work, to_string(p)),
                "choose of " + join(names, ", "));
  }
  if (p == precision::fp64 && !on.has_fp64)
    throw error(error_kind::input, what.position, fmt::format("{} has no arithmetic in fp64", on.name),
                "choose fp32, or another GPU: gpubench list gpus");
  return p;
}

case_answer stencil_case(const std::string&, const prediction_case& what, const case_parameters& p,
                         const vector_machine& on) {
  const precision type =
      require_precision(what, on, "a stencil", {precision::fp64, precision::fp32, precision::fp16, precision::bf16});
  stencil_shape s;
  s.nx = static_cast<double>(p.size(spelled(p, {"nx", "n"})));
  s.ny = p.has("ny") || p.has("nx") ? static_cast<double>(p.size("ny")) : s.nx;
  s.nz = p.has("nz") || p.has("nx") ? static_cast<double>(p.size("nz")) : s.nx;
  if (p.has("order")) {
    const std::int64_t order = p.size("order");
    if (order % 2 != 0) p.refuse("order", "is odd", "a central difference of order 2 r reaches r points to each side");
    s.radius = static_cast<double>(order) / 2;
    if (p.has("radius") && p.number("radius") != s.radius) p.refuse("radius", "is not half of order");
  } else {
    s.radius = static_cast<double>(p.size("radius", 1));
  }
  if (s.radius > 64) p.refuse(p.has("order") ? "order" : "radius", "is more than a stencil has", "at most 64 points");
  const std::string form = to_lower(p.text("shape", "star"));
  if (form != "star" && form != "box") p.refuse("shape", "is not known", suggestion(form, {"star", "box"}));
  s.box = form == "box";
  s.steps = count_of(p, spelled(p, {"steps", "iterations"}), 1);
  s.value_bytes = models::bytes_per_element(type);
  s.fp64 = type == precision::fp64;
  return in_unit(on.time(stencil_work(on.cache_bytes, s), stencil_assumptions), what, s.points() * s.steps, "points");
}

case_answer lennard_jones_case(const std::string&, const prediction_case& what, const case_parameters& p,
                               const vector_machine& on) {
  lennard_jones_shape s;
  s.fp64 = require_precision(what, on, "molecular dynamics", {precision::fp64, precision::fp32}) == precision::fp64;
  s.atoms = count_of(p, spelled(p, {"atoms", "particles"}));
  s.neighbours = count_of(p, spelled(p, {"neighbours", "neighbors"}));
  if (s.neighbours >= s.atoms)
    p.refuse(spelled(p, {"neighbours", "neighbors"}), "is as many as there are atoms, or more");
  s.steps = count_of(p, "steps", 1);
  s.rebuild_every = count_of(p, "rebuild_every", s.rebuild_every);
  return in_unit(on.time(lennard_jones_work(on.cache_bytes, s), lennard_jones_assumptions), what, s.atoms * s.steps,
                 "atom-steps");
}

case_answer path_tracing_case(const std::string&, const prediction_case& what, const case_parameters& p,
                              const vector_machine& on) {
  require_precision(what, on, "path tracing", {precision::fp32});
  ray_cost cost;
  if (p.has("instructions_per_ray")) {
    cost.instructions = count_of(p, "instructions_per_ray");
    if (!p.has("bytes_per_ray"))
      throw error(error_kind::input, what.position, "what a ray reads of the scene is not stated",
                  "bytes_per_ray= beside instructions_per_ray=, 0 where the scene stays in the caches");
    cost.bytes = p.number("bytes_per_ray");
  } else {
    if (!p.has("box_tests") && !p.has("triangle_tests"))
      throw error(error_kind::input, what.position, "what a ray costs in this scene is not stated",
                  "instructions_per_ray= and bytes_per_ray=, or box_tests= and triangle_tests= of a ray");
    cost.box_tests = p.has("box_tests") ? p.number("box_tests") : 0;
    cost.triangle_tests = p.has("triangle_tests") ? p.number("triangle_tests") : 0;
  }
  cost.coherent = p.flag("coherent", false);
  // A path is its first ray and one more a bounce.
  const double rays = count_of(p, "rays") * (p.has("bounces") ? p.number("bounces") + 1 : 1);
  if (rays > largest_count) p.refuse("bounces", "makes more rays than can be counted");
  return in_unit(on.time(path_tracing_work(rays, cost), path_tracing_assumptions(cost)), what, rays, "rays");
}

hash_function function_of(const case_parameters& p, const std::string& name) {
  if (name == "equihash") {
    const std::int64_t n = p.size("n", 200), k = p.size("k", 9);
    // Whole bits of a collision, and a list that fits a machine.
    if (k > n - 1 || n % (k + 1) != 0) p.refuse("k", "leaves no whole number of bits for a collision: n / (k + 1)");
    if (n > 512 || n / (k + 1) > 40) p.refuse("n", "needs more strings than any GPU holds");
    return equihash_function(static_cast<double>(n), static_cast<double>(k));
  }
  std::vector<std::string> names{"equihash"};
  for (const hash_function& f : hash_functions()) {
    if (f.name == name) return f;
    names.emplace_back(f.name);
  }
  const std::string near = suggestion(name, names);
  p.refuse(p.has("algorithm") ? "algorithm" : "op", "is no hash that is known",
           near.empty() ? "known: " + join(names, ", ") : near);
}

bool is_hash(const std::string& name) {
  return name == "equihash" || std::any_of(hash_functions().begin(), hash_functions().end(),
                                           [&](const hash_function& f) { return f.name == name; });
}

case_answer hash_case(const std::string& op, const prediction_case& what, const case_parameters& p,
                      const vector_machine& on) {
  const std::string name = is_hash(op) ? op : to_lower(p.text("algorithm"));
  const hash_function function = function_of(p, name);
  const double hashes = count_of(p, spelled(p, {"hashes", "nonces", "runs"}));
  case_answer a =
      in_unit(on.time(hashing_work(hashes, function), hashing_assumptions(function)), what, hashes, "hashes");
  const std::string type = to_lower(what.precision);
  if (!type.empty() && type != "int32" && type != "uint32" && type != "fp32")
    a.notes.push_back("hashing is integer arithmetic: precision " + what.precision + " changes nothing");
  return a;
}

using answer_function = case_answer (*)(const std::string& op, const prediction_case& what, const case_parameters& p,
                                        const vector_machine& on);

/// Under which names each kind of work goes; hashes by those of their functions too.
answer_function answer_of(const std::string& op) {
  if (op == "stencil" || op == "stencil3d" || op == "stencil_3d") return stencil_case;
  if (op == "md" || op == "lennard_jones" || op == "lj" || op == "molecular_dynamics") return lennard_jones_case;
  if (op == "path_tracing" || op == "path_trace" || op == "ray_tracing") return path_tracing_case;
  if (op == "hash" || is_hash(op)) return hash_case;
  return nullptr;
}

}  // namespace

bool is_vector_work(const std::string& op) {
  return answer_of(op) != nullptr;
}

std::optional<case_answer> vector_case(const std::string& op, const prediction_case& what,
                                       const case_parameters& parameters, const vector_machine& on) {
  const answer_function answer = answer_of(op);
  if (!answer) return std::nullopt;
  return answer(op, what, parameters, on);
}

}  // namespace gpubench::predictor
