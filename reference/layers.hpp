#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

/// Layers of a convolutional network in plain double precision loops, forward and backward: what benchmarks are checked
/// against. Nothing here calls a library.
namespace gpubench::reference {

/// Images n x c x h x w.
struct tensor {
  std::int64_t n = 0, c = 0, h = 0, w = 0;
  std::vector<double> values;

  tensor() = default;
  tensor(std::int64_t images, std::int64_t channels, std::int64_t height, std::int64_t width);
  double* image(std::int64_t i) { return values.data() + i * c * h * w; }
  const double* image(std::int64_t i) const { return values.data() + i * c * h * w; }
};

/// C += A*B, row-major, A m x k, B k x n.
void multiply_add(std::int64_t m, std::int64_t n, std::int64_t k, const double* a, const double* b, double* c);

struct filters {
  const float* weights = nullptr;  ///< out-in-h-w
  std::int64_t c_out = 0, c_in = 0, kernel = 0, stride = 1, padding = 0;
};
tensor convolution(const tensor& x, const filters& f);
struct convolution_gradients {
  tensor x;
  std::vector<double> weights;
};
convolution_gradients convolution_backward(const tensor& x, const filters& f, const tensor& gradient);

/// Statistics and what the backward pass needs.
struct normalization {
  std::vector<double> scale, shift, inverse_deviation;
  tensor normalized;
};
/// Over the batch.
tensor batch_normalization(const tensor& x, double epsilon, normalization& state);
struct normalization_gradients {
  tensor x;
  std::vector<double> scale, shift;
};
normalization_gradients batch_normalization_backward(const normalization& state, const tensor& gradient);

void relu(tensor& x);
/// Zeroes the gradient where the ReLU's output is zero.
void relu_backward(const tensor& output, tensor& gradient);
void add(tensor& x, const tensor& y);

/// 3x3, stride 2, padding 1; `chosen` gets the index within the image plane that each output took.
tensor maximum_pooling(const tensor& x, std::vector<std::int64_t>& chosen);
tensor maximum_pooling_backward(const tensor& x, const std::vector<std::int64_t>& chosen, const tensor& gradient);
tensor average_pooling(const tensor& x);
tensor average_pooling_backward(const tensor& x, const tensor& gradient);

}  // namespace gpubench::reference
