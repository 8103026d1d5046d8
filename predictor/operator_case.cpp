#include "predictor/operator_case.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

namespace gpubench::predictor {
namespace {

// Tensors read and written, and vector instructions an element. A division, an exponential or a power is a sequence of
// instructions (CUDA Math API: powf takes the longest).
constexpr std::array<elementwise_operator, 24> elementwise{{
    {"add", 3, 1},        {"sub", 3, 1},        {"mul", 3, 1},        {"div", 3, 8},        {"pow", 3, 60},
    {"add_scalar", 2, 1}, {"sub_scalar", 2, 1}, {"mul_scalar", 2, 1}, {"div_scalar", 2, 8}, {"pow_scalar", 2, 100},
    {"relu", 2, 0},       {"gelu", 2, 20},      {"tanh", 2, 20},      {"exp", 2, 10},       {"sigmoid", 2, 15},
    {"silu", 2, 16},      {"sqrt", 2, 8},       {"rsqrt", 2, 8},      {"neg", 2, 1},        {"copy", 2, 0},
    {"dropout", 3, 10},   {"where", 4, 1},      {"fill", 1, 0},       {"triad", 3, 2},
}};

constexpr std::array<reduction_operator, 11> reductions{{
    {"sum", 1, false},
    {"mean", 1, false},
    {"prod", 1, false},
    {"max", 1, true},
    {"min", 1, true},
    {"amax", 1, false},
    {"amin", 1, false},
    {"argmax", 2, true},
    {"argmin", 2, true},
    {"norm", 2, false},
    {"var", 4, false},
}};

constexpr double index_bytes = 8;

operator_call matrix_product(const case_parameters& p, std::int64_t batch, models::precision precision, bool layer) {
  operator_call call;
  models::gemm shape{p.size("m"), p.size("n"), p.size("k"), batch};
  p.find("bias");  // goes into the same kernel: no time of its own
  // A linear layer in 8 or 4 bits is an engine's: activations come and go in 16 bits and are quantised on the way.
  if (layer && batch == 1 && models::bytes_per_element(precision) < 2 && p.flag("quantise", true))
    shape.output = models::precision::bf16;
  call.shape = shape;
  return call;
}

models::convolution convolution_of(const case_parameters& p) {
  models::convolution c;
  c.n = p.has("n") ? p.size("n") : p.size("batch");
  c.c_in = p.size("c_in");
  c.c_out = p.size("c_out");
  c.kernel = p.has("kernel") ? p.size("kernel") : p.size("kernel_size");
  c.height = c.width = p.size("hw");
  c.stride = p.size("stride", 1);
  // Unlike all other sizes it may be 0.
  if (p.has("pad") && p.number("pad") > 0) c.padding = p.size("pad");
  p.find("layout");
  const std::string pass = p.text("pass", "forward");
  if (pass == "backward_data") {
    c.pass = models::pass::backward_data;
  } else if (pass == "backward_weights") {
    c.pass = models::pass::backward_weights;
  } else if (pass != "forward") {
    p.refuse("pass", "is not known", suggestion(pass, {"forward", "backward_data", "backward_weights"}));
  }
  if (c.height + 2 * c.padding < c.kernel) p.refuse("hw", "is smaller than the kernel, padding included");
  return c;
}

models::attention attention_of(const case_parameters& p) {
  models::attention a;
  const std::string phase = p.text("phase", p.has("q_len") && p.size("q_len") == 1 ? "decode" : "prefill");
  a.batch = p.size("batch", 1);
  a.heads = p.size("heads");
  a.kv_heads = p.size("kv_heads", a.heads);
  a.head_dim = p.size("head_dim");
  if (a.kv_heads > a.heads) p.refuse("kv_heads", "is more than heads");
  if (a.heads % a.kv_heads != 0) p.refuse("kv_heads", "does not divide the heads evenly");
  if (phase == "decode") {
    a.q_len = p.size("q_len", 1);
    a.kv_len = p.size("kv_len");
  } else if (phase == "prefill") {
    a.q_len = p.size("q_len");
    a.kv_len = p.size("kv_len", a.q_len);
  } else {
    p.refuse("phase", "is not known", suggestion(phase, {"prefill", "decode"}));
  }
  if (a.q_len > a.kv_len && p.flag("causal", true)) p.refuse("q_len", "is more than kv_len");
  a.causal = p.flag("causal", true);
  a.writes_cache =
      phase == "prefill" && a.causal && !p.flag("backward", false);  // as tables of engines' attention are measured
  a.backward = phase == "prefill" && p.flag("backward", false);
  if (p.has("window")) a.window = p.size("window");
  return a;
}

models::row_operation row_operation_of(const case_parameters& p, models::row_operation::kind kind) {
  return {kind, p.size("rows"), p.size("cols"), p.flag("backward", false)};
}

operator_call elementwise_of(const case_parameters& p, const elementwise_operator& op, models::precision precision) {
  const double elements = static_cast<double>(p.size("rows")) * static_cast<double>(p.size("cols", 1));
  operator_call call;
  call.shape =
      models::streaming{op.tensors * elements * models::bytes_per_element(precision), op.flop_per_element * elements};
  return call;
}

operator_call embedding_of(const case_parameters& p, models::precision precision) {
  const auto rows = static_cast<double>(p.has("tokens") ? p.size("tokens") : p.size("rows"));
  const auto cols = static_cast<double>(p.has("hidden") ? p.size("hidden") : p.size("cols"));
  const double read = p.has("vocab") ? distinct_rows(rows, static_cast<double>(p.size("vocab"))) : rows;
  operator_call call;
  call.shape = models::streaming{(read + rows) * cols * models::bytes_per_element(precision) + rows * index_bytes, 0};
  return call;
}

operator_call reduction_of(const case_parameters& p, const std::string& op, models::precision precision) {
  const bool by_kind = op == "reduction" || op == "reduce";
  const std::string kind = by_kind ? to_lower(p.text("kind", "sum")) : op;
  const auto found =
      std::find_if(reductions.begin(), reductions.end(), [&](const reduction_operator& r) { return r.name == kind; });
  if (found == reductions.end()) {
    std::vector<std::string> names;
    for (const reduction_operator& r : reductions) names.emplace_back(r.name);
    p.refuse("kind", "is no reduction that is known", join(names, ", "));
  }
  const auto rows = static_cast<double>(p.size("rows")), cols = static_cast<double>(p.size("cols", 1));
  const std::string axis = to_lower(p.text("axis", "cols"));
  double results = 1;
  if (axis == "cols" || axis == "1" || axis == "-1") {
    results = rows;
  } else if (axis == "rows" || axis == "0") {
    results = cols;
  } else if (axis != "all" && axis != "none") {
    p.refuse("axis", "is not known", "cols (a result a row), rows (a result a column), or all");
  }
  const double bytes = models::bytes_per_element(precision);
  // Largest and smallest give their place too where they are taken along one axis.
  const bool index = found->gives_index && results > 1;
  operator_call call;
  call.shape = models::streaming{rows * cols * bytes + results * (bytes + (index ? index_bytes : 0)),
                                 found->flop_per_element * rows * cols};
  return call;
}

bool is_reduction(const std::string& op) {
  return op == "reduction" || op == "reduce" ||
         std::any_of(reductions.begin(), reductions.end(), [&](const reduction_operator& r) { return r.name == op; });
}

operator_call shape_from(const case_parameters& p, models::precision precision) {
  std::string op = to_lower(p.text("op"));
  if (op == "layer_norm") op = "layernorm";
  if (op == "rms_norm") op = "rmsnorm";
  if (op == "linear" || op == "gemm" || op == "matmul") return matrix_product(p, p.size("batch", 1), precision, true);
  if (op == "bmm") return matrix_product(p, p.has("b") ? p.size("b") : p.size("batch"), precision, false);
  operator_call call;
  if (op == "conv2d") {
    call.shape = convolution_of(p);
    return call;
  }
  if (op == "attention") {
    call.shape = attention_of(p);
    return call;
  }
  using kind = models::row_operation::kind;
  if (op == "softmax" || op == "layernorm" || op == "rmsnorm") {
    call.shape = row_operation_of(p, op == "softmax"     ? kind::softmax
                                     : op == "layernorm" ? kind::layer_norm
                                                         : kind::rms_norm);
    return call;
  }
  if (op == "embedding") return embedding_of(p, precision);
  if (is_reduction(op)) return reduction_of(p, op, precision);
  const auto found =
      std::find_if(elementwise.begin(), elementwise.end(), [&](const elementwise_operator& e) { return e.name == op; });
  if (found != elementwise.end()) return elementwise_of(p, *found, precision);
  std::vector<std::string> names{"linear",    "bmm",     "conv2d",    "attention",    "softmax",
                                 "layernorm", "rmsnorm", "embedding", "reduction",    "optimizer",
                                 "copy",      "stencil", "md",        "path_tracing", "hash"};
  for (const reduction_operator& r : reductions) names.emplace_back(r.name);
  for (const elementwise_operator& e : elementwise) names.emplace_back(e.name);
  const std::string near = suggestion(op, names);
  p.refuse("op", "is not known", near.empty() ? "known: " + join(names, ", ") : near);
}

}  // namespace

std::span<const elementwise_operator> elementwise_operators() {
  return elementwise;
}

std::span<const reduction_operator> reduction_operators() {
  return reductions;
}

double distinct_rows(double rows, double vocabulary) {
  return -vocabulary * std::expm1(rows * std::log1p(-1 / std::fmax(vocabulary, 1 + 1e-9)));
}

launch launch_from(const case_parameters& parameters, bool usually_eager) {
  const std::string how = parameters.text("launch", usually_eager ? "eager" : "captured");
  if (how != "eager" && how != "captured")
    parameters.refuse("launch", "is not known", suggestion(how, {"eager", "captured"}));
  return how == "eager" ? launch::eager : launch::captured;
}

operator_call operator_from(const case_parameters& parameters, models::precision precision) {
  operator_call call = shape_from(parameters, precision);
  call.precision = precision;
  call.how = launch_from(
      parameters, precision == models::precision::fp32 && !std::holds_alternative<models::attention>(call.shape));
  return call;
}

}  // namespace gpubench::predictor
