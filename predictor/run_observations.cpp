#include "core/error.hpp"
#include "core/text.hpp"

#include <map>
#include <optional>
#include <string>

#include "predictor/observations.hpp"

namespace gpubench::predictor {
namespace {

using models::precision;

std::int64_t size_of(const results::measurement& m, std::string_view name, std::int64_t otherwise) {
  return results::integer_parameter(m.params, name).value_or(otherwise);
}

std::optional<models::operator_shape> convolution_of(const results::measurement& m, models::pass pass) {
  models::convolution c;
  c.n = size_of(m, "n", 0);
  c.c_in = size_of(m, "c_in", 0);
  c.height = size_of(m, "height", 0);
  c.width = size_of(m, "width", 0);
  c.c_out = size_of(m, "c_out", 0);
  c.kernel = size_of(m, "kernel", 1);
  c.stride = size_of(m, "stride", 1);
  c.padding = size_of(m, "padding", 0);
  c.pass = pass;
  constexpr std::int64_t largest = std::int64_t{1} << 20;  // so that no product of sizes overflows
  for (const auto size : {c.n, c.c_in, c.c_out, c.height, c.width, c.kernel, c.stride})
    if (size < 1 || size > largest) return std::nullopt;
  if (c.padding < 0 || c.padding > largest || c.out_height() < 1 || c.out_width() < 1) return std::nullopt;
  return c;
}

std::optional<models::operator_shape> attention_of(const results::measurement& m, bool backward) {
  models::attention a;
  a.batch = size_of(m, "batch", 1);
  a.q_len = size_of(m, "q_len", 0);
  a.kv_len = size_of(m, "kv_len", a.q_len);
  a.heads = size_of(m, "heads", 0);
  a.kv_heads = size_of(m, "kv_heads", a.heads);
  a.head_dim = size_of(m, "head_dim", 0);
  a.backward = backward;
  a.causal = true;
  for (const auto& [name, value] : m.params) {
    const auto* text = std::get_if<std::string>(&value);
    if (name == "mask" && text) a.causal = *text == "causal";
  }
  if (a.q_len < 1 || a.heads < 1 || a.head_dim < 1) return std::nullopt;
  return a;
}

/// The operator that a benchmark of this name measures; nothing where it measures something else.
std::optional<models::operator_shape> shape_of(const std::string& base, const results::measurement& m) {
  using kind = models::row_operation::kind;
  if (base == "gemm") {
    const models::gemm g{size_of(m, "m", 0), size_of(m, "n", 0), size_of(m, "k", 0), size_of(m, "batch", 1)};
    if (g.m < 1 || g.n < 1 || g.k < 1) return std::nullopt;
    return g;
  }
  if (base == "convolution_forward") return convolution_of(m, models::pass::forward);
  if (base == "convolution_backward_data") return convolution_of(m, models::pass::backward_data);
  if (base == "convolution_backward_weights") return convolution_of(m, models::pass::backward_weights);
  if (base == "attention_forward" || base == "attention_decode") return attention_of(m, false);
  if (base == "attention_backward") return attention_of(m, true);
  const std::int64_t tokens = size_of(m, "tokens", 0), hidden = size_of(m, "hidden", 0);
  if (tokens > 0 && hidden > 0) {
    if (base == "layer_norm_forward") return models::row_operation{kind::layer_norm, tokens, hidden, false};
    if (base == "layer_norm_backward") return models::row_operation{kind::layer_norm, tokens, hidden, true};
    if (base == "rms_norm_forward") return models::row_operation{kind::rms_norm, tokens, hidden, false};
    if (base == "rms_norm_backward") return models::row_operation{kind::rms_norm, tokens, hidden, true};
  }
  const std::int64_t rows = size_of(m, "rows", 0), columns = size_of(m, "columns", 0);
  if (base == "softmax_forward" && rows > 0 && columns > 0)
    return models::row_operation{kind::softmax, rows, columns, false};
  return std::nullopt;
}

bool is_stream(const std::string& name) {
  return name == "stream_copy" || name == "stream_scale" || name == "stream_add" || name == "stream_triad";
}

}  // namespace

std::optional<operator_call> operator_of(const results::measurement& m) {
  if (is_stream(m.benchmark) && m.work.bytes)
    return operator_call{models::streaming{*m.work.bytes, m.work.flop.value_or(0)}, precision::fp64, launch::captured};
  const std::size_t at = m.benchmark.rfind('_');
  if (at == std::string::npos) return std::nullopt;
  const auto p = models::parse_precision(m.benchmark.substr(at + 1));
  const auto shape = p ? shape_of(m.benchmark.substr(0, at), m) : std::nullopt;
  return shape ? std::optional(operator_call{*shape, *p, launch::captured}) : std::nullopt;
}

void add_observations(const results::run& run, const profiles::catalogue& known, observation_set& to) {
  std::map<std::string, std::shared_ptr<const gpu_traits>> gpus;
  for (const results::gpu_environment& gpu : run.environment.gpus) {
    // What a slice reaches says nothing of the whole GPU, which its name may lead to.
    if (gpu.mig_slice || gpu.virtualization == "vgpu" || !known.find_gpu(gpu.name)) continue;
    try {
      gpus.emplace("gpu" + std::to_string(gpu.index),
                   std::make_shared<const gpu_traits>(traits_of_gpu(gpu.name, known)));
    } catch (const error&) {
      // One whose rates the catalogue does not know: its measurements have nothing to be compared with.
      continue;
    }
  }
  for (const results::measurement& m : run.measurements) {
    const auto gpu = gpus.find(m.device);
    if (gpu == gpus.end() || m.status != results::measurement_status::ok) continue;
    const double time_ns = results::typical_time_ns(m).value_or(0);
    if (m.phase != results::measurement_phase::normal || !(time_ns > 0)) continue;
    observation o;
    o.on = gpu->second;
    o.seconds = time_ns * 1e-9;
    const auto call = operator_of(m);
    if (!call) continue;
    o.call = *call;
    o.fold = fold_of(results::full_name(m));
    to.add(std::move(o), "run " + run.started_at +
                             (run.provenance ? ", imported from " + results::tools_of(*run.provenance) : "") + ", " +
                             results::full_name(m));
  }
}

}  // namespace gpubench::predictor
