#include "bench/cuda/module/benchmark.hpp"
#include "bench/cuda/module/cudnn_case.hpp"
#include "bench/cuda/module/cudnn_softmax.hpp"
#include "bench/cuda/module/cudnn_values.hpp"
#include "bench/cuda/module/memory_fit.hpp"
#include "bench/cuda/module/watchdog.hpp"
#include "kernels/operands.cuh"
#include "kernels/softmax_check.hpp"

#include <algorithm>
#include <limits>

namespace gpubench::cuda {

namespace {

using kernels::storage;

struct softmax_description {
  storage type;
  const char* name;
  const char* precision;
};

constexpr softmax_description descriptions[] = {
    {storage::fp32, "softmax_forward_fp32", "fp32"},
    {storage::fp16, "softmax_forward_fp16", "fp16"},
    {storage::bf16, "softmax_forward_bf16", "bf16"},
};

struct matrix_shape {
  storage type;
  std::int64_t rows, columns;

  double bytes() const { return static_cast<double>(rows) * static_cast<double>(columns) * kernels::bytes_of(type); }
};

class softmax_case final : public prepared_case {
 public:
  softmax_case(const matrix_shape& shape, const device_properties& device)
      : shape_(shape),
        timer_(device, "a softmax"),
        handle_(timer_.stream()),
        softmax_(handle_, dnn::element_of(shape.type), shape.rows, shape.columns),
        x_(static_cast<std::size_t>(shape.bytes())),
        y_(static_cast<std::size_t>(shape.bytes())) {
    const auto elements = static_cast<std::uint64_t>(shape.rows) * static_cast<std::uint64_t>(shape.columns);
    kernels::launch_operand_fill(shape.type, x_.data(), elements, kernels::softmax_x, timer_.stream());
    GPUBENCH_CUDA(cudaGetLastError());
    // A NaN in every type: an entry that was not written fails the check.
    GPUBENCH_CUDA(cudaMemsetAsync(y_.data(), 0xff, y_.bytes(), timer_.stream()));
    wait_for(timer_.stream(), "filling the operand of a softmax");
  }

  sample_times sample() override {
    return timer_.cold([this] { softmax_.enqueue(x_.data(), y_.data()); });
  }

  verification verify() override {
    constexpr std::int64_t rows = 8;
    const auto row_bytes = static_cast<std::size_t>(shape_.columns) * size();
    std::vector<unsigned char> found(row_bytes);
    worst_error worst;
    for (std::int64_t i = 0; i < rows; ++i) {
      const std::uint64_t drawn =
          kernels::mix_bits(static_cast<std::uint64_t>(i)) % static_cast<std::uint64_t>(shape_.rows);
      const std::int64_t row = i == 0 ? 0 : i == 1 ? shape_.rows - 1 : static_cast<std::int64_t>(drawn);
      const auto* from = y_.as<unsigned char>() + static_cast<std::size_t>(row) * row_bytes;
      GPUBENCH_CUDA(cudaMemcpy(found.data(), from, row_bytes, cudaMemcpyDeviceToHost));
      const auto expected = kernels::reference_softmax(shape_.type, shape_.columns, row);
      for (std::size_t c = 0; c < expected.size(); ++c) {
        worst.add(expected[c].error_of(dnn::stored_value(dnn::element_of(shape_.type), found.data() + c * size())));
      }
    }
    return {"8 rows against double precision, in units of their rounding bound", worst.get(), 1};
  }

  std::optional<double> clock_hertz() const override { return timer_.clock_hertz(); }

  method_notes notes() const override {
    auto result = timer_.notes();
    result.emplace_back("operands", "uniform in [-1, 1)");
    result.emplace_back("algorithm", "cudnnSoftmaxForward, each row's maximum subtracted first");
    return result;
  }

 private:
  std::size_t size() const { return static_cast<std::size_t>(kernels::bytes_of(shape_.type)); }

  matrix_shape shape_;
  timer timer_;
  dnn::handle handle_;
  dnn::softmax softmax_;
  device_buffer x_, y_;
};

class softmax_benchmark final : public benchmark {
 public:
  explicit softmax_benchmark(const softmax_description& described) : described_(described) {}

  gpubench_module_benchmark description() const override {
    return {described_.name,
            "Softmax of each row of a matrix, by cuDNN",
            described_.precision,
            GPUBENCH_MODULE_PEAK_MEMORY_BANDWIDTH,
            GPUBENCH_MODULE_ONE_DEVICE,
            1.0};
  }

  /// The matrix read and written once; an element's subtraction, exponential, sum and division are four FLOP.
  gpubench_module_work work(const parameters& values) const override {
    const auto shape = shape_of(values);
    gpubench_module_work result{};
    result.has_flop = result.has_bytes = 1;
    result.bytes = 2 * shape.bytes();
    result.flop = 4 * static_cast<double>(shape.rows) * static_cast<double>(shape.columns);
    return result;
  }

  /// Rows as attention scores have them, then the probabilities over Llama 3's 128,256 tokens.
  std::vector<parameters> cases(gpubench_module_suite suite, const device_properties& device) const override {
    std::vector<parameters> result;
    if (suite == GPUBENCH_MODULE_QUICK) return result;
    if (suite == GPUBENCH_MODULE_STANDARD && described_.type == storage::fp16) return result;
    const auto add = [&](std::int64_t rows, std::int64_t columns) {
      if (fits({described_.type, rows, columns}, device)) {
        result.push_back(make_parameters({{"rows", rows}, {"columns", columns}}));
      }
    };
    add(32768, 4096);
    if (suite != GPUBENCH_MODULE_FULL) return result;
    add(1024, 128256);
    add(131072, 512);
    return result;
  }

  std::optional<std::string> unavailable(const parameters& values, const device_properties& device) const override {
    const auto shape = shape_of(values);
    constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
    if (shape.rows > most || shape.columns > most) return "cuDNN takes sizes below 2^31";
    if (!fits(shape, device)) return "the matrices do not fit the device's memory";
    return cudnn_cannot(described_.type, false, device);
  }

  std::unique_ptr<prepared_case> prepare(const parameters& values, const device_properties& device) const override {
    return std::make_unique<softmax_case>(shape_of(values), device);
  }

 private:
  matrix_shape shape_of(const parameters& values) const {
    return {described_.type, positive_parameter(values, "rows"), positive_parameter(values, "columns")};
  }
  static bool fits(const matrix_shape& shape, const device_properties& device) {
    return fits_device(2 * shape.bytes(), device);
  }

  softmax_description described_;
};

const registration<softmax_benchmark> unused(descriptions);

}  // namespace

}  // namespace gpubench::cuda
