#include "bench/host/convolution.hpp"
#include "bench/host/onednn.hpp"
#include "bench/host/operands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace gpubench::bench::host {
namespace {

using dnnl::memory;
using models::pass;

struct described {
  dnnl::primitive primitive;
  onednn::convolution_layout layout;
  bool is_reference = false;
};

/// The pass as a framework would run it: every layout is oneDNN's choice.
described describe(const models::convolution& c, models::precision p) {
  const auto open = onednn::open_layout(c, onednn::data_type_of(p));
  const auto ahead = onednn::forward(c, open, dnnl::prop_kind::forward_training);
  switch (c.pass) {
    case pass::backward_data: {
      const auto pd = onednn::backward_data(c, open, ahead);
      return {dnnl::convolution_backward_data(pd),
              {pd.diff_src_desc(), pd.weights_desc(), pd.diff_dst_desc()},
              onednn::is_reference(pd)};
    }
    case pass::backward_weights: {
      const auto pd = onednn::backward_weights(c, open, ahead);
      return {dnnl::convolution_backward_weights(pd),
              {pd.src_desc(), pd.diff_weights_desc(), pd.diff_dst_desc()},
              onednn::is_reference(pd)};
    }
    default:
      return {dnnl::convolution_forward(ahead),
              {ahead.src_desc(), ahead.weights_desc(), ahead.dst_desc()},
              onednn::is_reference(ahead)};
  }
}

class onednn_convolution : public prepared_case {
 public:
  onednn_convolution(const models::convolution& shape, models::precision p, int threads)
      : shape_(shape), precision_(p) {
    use_threads(threads);
    const auto chosen = describe(shape, p);
    primitive_ = chosen.primitive;
    source_ = operand(chosen.layout.source, shape.n * shape.c_in * shape.height * shape.width, 1);
    weights_ = operand(chosen.layout.weights, shape.c_out * shape.c_in * shape.kernel * shape.kernel, 2);
    destination_ =
        operand(chosen.layout.destination, shape.n * shape.c_out * shape.out_height() * shape.out_width(), 3);
    const bool data = shape.pass == pass::backward_data, filters = shape.pass == pass::backward_weights;
    arguments_ = {{data ? DNNL_ARG_DIFF_SRC : DNNL_ARG_SRC, source_},
                  {filters ? DNNL_ARG_DIFF_WEIGHTS : DNNL_ARG_WEIGHTS, weights_},
                  {data || filters ? DNNL_ARG_DIFF_DST : DNNL_ARG_DST, destination_}};
  }

  std::chrono::duration<double, std::nano> sample() override {
    return time_of([this] {
      primitive_.execute(onednn::stream(), arguments_);
      onednn::stream().wait();
    });
  }

  results::verification verify() override {
    const auto source = onednn::values_of(source_, memory::format_tag::nchw);
    const auto weights = onednn::values_of(weights_, memory::format_tag::oihw);
    const auto destination = onednn::values_of(destination_, memory::format_tag::nchw);
    const auto& computed = shape_.pass == pass::forward         ? destination
                           : shape_.pass == pass::backward_data ? source
                                                                : weights;
    constexpr std::int64_t checked = 256;
    const std::int64_t size = result_size(shape_);
    double error = 0;
    for (std::int64_t i = 0; i < checked; ++i) {
      // Both ends of the tensor, where padding matters, and places all over it.
      const auto anywhere = static_cast<std::int64_t>(hash_of(4, static_cast<std::uint64_t>(i)) >> 1) % size;
      const std::int64_t index = i == 0 ? 0 : i == 1 ? size - 1 : anywhere;
      const auto expected = reference_convolution(shape_, {source.data(), weights.data(), destination.data()}, index);
      const double difference =
          std::abs(static_cast<double>(computed[static_cast<std::size_t>(index)]) - expected.value);
      if (expected.scale == 0 && difference == 0) continue;  // a strided 1x1 kernel never sees this input
      if (!(difference <= error * expected.scale)) error = difference / expected.scale;
      if (!std::isfinite(error)) return {"a value is not finite", std::numeric_limits<double>::infinity(), 0};
    }
    // Partial sums of mixed sign stay far below the sum of absolute products, so a few roundings remain of all the
    // additions; a bf16 result is rounded once more, to 8 bits.
    const double tolerance = precision_ == models::precision::bf16 ? 0x1p-8 : 32 * 0x1p-24;
    return {fmt::format("{} values against double precision loops, relative to the sum of absolute products", checked),
            error, tolerance};
  }

 private:
  static memory operand(const memory::desc& description, std::int64_t size, std::uint64_t seed) {
    memory tensor = onednn::allocate(description);
    aligned_array<float> values(static_cast<std::size_t>(size));
    fill_uniform(values.data(), values.size(), seed);
    onednn::set_values(tensor, values.data(), memory::format_tag::abcd);
    return tensor;
  }

  models::convolution shape_;
  models::precision precision_;
  dnnl::primitive primitive_;
  memory source_, weights_, destination_;
  std::unordered_map<int, memory> arguments_;
};

benchmark_definition definition_of(pass which, models::precision p) {
  constexpr const char* computed[] = {"the output", "the gradient of the input", "the gradient of the weights"};
  benchmark_definition definition;
  definition.name = fmt::format("convolution_{}_{}", models::to_string(which), models::to_string(p));
  definition.description = fmt::format("A convolution of ResNet-50, {}, in {} by oneDNN (direct), {}",
                                       computed[static_cast<int>(which)], models::to_string(p), uniform_operands);
  definition.backend = "host";
  definition.cases = [which, p](suite s, const machine& where) {
    return cases_with_instructions(convolution_cases(s, which), where, p);
  };
  definition.work = [which, p](const results::parameters& values) {
    const auto work = models::work_of(convolution_of(values, which), p);
    return results::work_done{work.flop, work.bytes, std::nullopt, {}};
  };
  definition.unavailable = [which, p](const results::parameters& values,
                                      const machine& where) -> std::optional<std::string> {
    if (const auto reason = lacks_instructions(where, p)) return reason;
    const auto shape = convolution_of(values, which);
    // Operands are filled in plain fp32 first.
    if (const auto reason = lacks_memory(where, 2 * models::work_of(shape, models::precision::fp32).bytes))
      return reason;
    return onednn::lacks_fast_implementation([&] { return describe(shape, p).is_reference; });
  };
  definition.prepare = [which, p](const results::parameters& values,
                                  const machine& where) -> std::unique_ptr<prepared_case> {
    return std::make_unique<onednn_convolution>(convolution_of(values, which), p, where.threads);
  };
  definition.peak = benchmark_definition::peak_kind::dense;
  definition.precision = p;
  return definition;
}

const registration registered[] = {
    registration{definition_of(pass::forward, models::precision::fp32)},
    registration{definition_of(pass::backward_data, models::precision::fp32)},
    registration{definition_of(pass::backward_weights, models::precision::fp32)},
    registration{definition_of(pass::forward, models::precision::bf16)},
    registration{definition_of(pass::backward_data, models::precision::bf16)},
    registration{definition_of(pass::backward_weights, models::precision::bf16)},
};

}  // namespace
}  // namespace gpubench::bench::host
