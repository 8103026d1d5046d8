#include "bench/host/gemm.hpp"
#include "bench/host/gemm_check.hpp"
#include "bench/host/onednn.hpp"
#include "bench/host/operands.hpp"

namespace gpubench::bench::host {
namespace {

using dnnl::memory;
using tag = memory::format_tag;
using type = memory::data_type;

/// bf16 times bf16 into fp32, or unsigned times signed 8-bit integers into 32-bit ones: the forms that the instructions
/// of processors multiply. A and B are laid out as oneDNN likes, C is row-major.
dnnl::matmul::primitive_desc describe(const models::gemm& g, models::precision p) {
  const bool integers = p == models::precision::int8;
  return onednn::multiply({{g.m, g.k}, integers ? type::u8 : type::bf16, tag::any},
                          {{g.k, g.n}, integers ? type::s8 : type::bf16, tag::any},
                          {{g.m, g.n}, integers ? type::s32 : type::f32, tag::ab});
}

class onednn_gemm : public prepared_case {
 public:
  onednn_gemm(const models::gemm& shape, models::precision p, int threads) : shape_(shape) {
    use_threads(threads);
    const auto description = describe(shape, p);
    a_ = onednn::allocate(description.src_desc());
    b_ = onednn::allocate(description.weights_desc());
    c_ = onednn::allocate(description.dst_desc());
    multiply_ = dnnl::matmul(description);
    arguments_ = {{DNNL_ARG_SRC, a_}, {DNNL_ARG_WEIGHTS, b_}, {DNNL_ARG_DST, c_}};
  }

  std::chrono::duration<double, std::nano> sample() override {
    return time_of([this] {
      multiply_.execute(onednn::stream(), arguments_);
      onednn::stream().wait();
    });
  }

 protected:
  template <class A, class B, class C>
  product<A, B, C> product_of(const A* a, const B* b, const C* c) const {
    return {a,
            b,
            c,
            static_cast<std::size_t>(shape_.m),
            static_cast<std::size_t>(shape_.n),
            static_cast<std::size_t>(shape_.k)};
  }
  std::size_t elements_a() const { return static_cast<std::size_t>(shape_.m * shape_.k); }
  std::size_t elements_b() const { return static_cast<std::size_t>(shape_.k * shape_.n); }

  models::gemm shape_;
  memory a_, b_, c_;

 private:
  dnnl::matmul multiply_;
  std::unordered_map<int, memory> arguments_;
};

class bf16_gemm : public onednn_gemm {
 public:
  bf16_gemm(const models::gemm& shape, int threads) : onednn_gemm(shape, models::precision::bf16, threads) {
    std::vector<float> values(std::max(elements_a(), elements_b()));
    fill_uniform(values.data(), elements_a(), 1);
    onednn::set_values(a_, values.data(), tag::ab);
    fill_uniform(values.data(), elements_b(), 2);
    onednn::set_values(b_, values.data(), tag::ab);
  }

  results::verification verify() override {
    // The operands as they were rounded.
    const auto a = onednn::values_of(a_, tag::ab), b = onednn::values_of(b_, tag::ab);
    return verify_product(product_of(a.data(), b.data(), static_cast<const float*>(c_.get_data_handle())));
  }
};

class int8_gemm : public onednn_gemm {
 public:
  int8_gemm(const models::gemm& shape, int threads)
      : onednn_gemm(shape, models::precision::int8, threads), plain_a_(elements_a()), plain_b_(elements_b()) {
    // Products of full-range u8 and s8 pairs overflow the 16-bit sums of processors before VNNI, so none is lost here.
    fill_integers(plain_a_.data(), plain_a_.size(), 1, 0, 255);
    fill_integers(plain_b_.data(), plain_b_.size(), 2, -127, 127);
    onednn::convert(memory({{shape.m, shape.k}, type::u8, tag::ab}, onednn::engine(), plain_a_.data()), a_);
    onednn::convert(memory({{shape.k, shape.n}, type::s8, tag::ab}, onednn::engine(), plain_b_.data()), b_);
  }

  results::verification verify() override {
    return verify_product(
        product_of(plain_a_.data(), plain_b_.data(), static_cast<const std::int32_t*>(c_.get_data_handle())));
  }

 private:
  aligned_array<std::uint8_t> plain_a_;
  aligned_array<std::int8_t> plain_b_;
};

template <class Case>
benchmark_definition onednn_definition(models::precision p, std::string description) {
  auto definition = gemm_definition(p, std::move(description));
  definition.unavailable = [p](const results::parameters& values, const machine& where) -> std::optional<std::string> {
    if (const auto reason = lacks_instructions(where, p)) return reason;
    if (const auto reason = lacks_memory(where, 2 * gemm_bytes(values, p))) return reason;
    return onednn::lacks_fast_implementation([&] { return onednn::is_reference(describe(gemm_of(values), p)); });
  };
  definition.prepare = [](const results::parameters& values, const machine& where) -> std::unique_ptr<prepared_case> {
    return std::make_unique<Case>(gemm_of(values), where.threads);
  };
  return definition;
}

const registration bf16_registered{onednn_definition<bf16_gemm>(
    models::precision::bf16,
    std::string("Matrix product C = A*B of bfloat16 into single precision by oneDNN, ") + uniform_operands)};
const registration int8_registered{
    onednn_definition<int8_gemm>(models::precision::int8,
                                 "Matrix product C = A*B of unsigned and signed 8-bit integers into 32-bit ones by "
                                 "oneDNN, uniform over all values")};

}  // namespace
}  // namespace gpubench::bench::host
