#include "models/resnet50_lowering.hpp"

#include "core/error.hpp"
#include "models/network_builder.hpp"
#include "models/optimizer_step.hpp"
#include "models/resnet50.hpp"

namespace gpubench::models {
namespace {

constexpr std::int64_t classes = 1000, features = 2048;
// A kernel that works on a handful of values: what counts is its launch.
constexpr double tiny_bytes = 64;

double elements_of(std::int64_t n, std::int64_t channels, std::int64_t height, std::int64_t width) {
  return static_cast<double>(n) * static_cast<double>(channels) * static_cast<double>(height * width);
}

double input_elements(const convolution& c) {
  return elements_of(c.n, c.c_in, c.height, c.width);
}

double output_elements(const convolution& c) {
  return elements_of(c.n, c.c_out, c.out_height(), c.out_width());
}

double weight_elements(const convolution& c) {
  return static_cast<double>(c.c_in * c.c_out * c.kernel * c.kernel);
}

class resnet_pass {
 public:
  explicit resnet_pass(const resnet50_request& request)
      : r_(request),
        layers_(resnet50_layers(request.images, request.image_size)),
        matrix_(matrix_precision(request.numerics)),
        trains_(request.phase != phase::forward),
        autocast_(is_autocast(request.numerics)),
        eager_(request.execution == execution::eager),
        bytes_(bytes_per_element(matrix_)) {}

  std::vector<network_operator> operators() {
    if (autocast_) kernel("image cast", input_elements(layers_[0].shape), 4, bytes_);
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      convolve(layers_[i].shape, i > 0);
      normalise(layers_[i]);
    }
    pool();
    classify();
    if (r_.phase == phase::full_step) step();
    return net_.take();
  }

 private:
  void kernel(const char* name, double elements, double read, double written, double flop = 0, double count = 1) {
    net_.add(name, streaming{elements * (read + written), elements * flop}, matrix_, count);
  }

  void convolve(convolution shape, bool needs_input_gradient) {
    shape.output = matrix_;
    const double weights = weight_elements(shape), in = input_elements(shape), out = output_elements(shape);
    const bool reorders = !r_.channels_last && matrix_ != precision::fp32;
    if (autocast_) kernel("weight cast", weights, 4, bytes_);
    const auto run = [&](const char* name, pass which) {
      // In and out of the order that tensor cores take, once a pass each way.
      if (reorders) kernel("layout conversion", in + out, bytes_, bytes_);
      shape.pass = which;
      net_.add(name, shape, matrix_);
    };
    run("convolution", pass::forward);
    if (!trains_) return;
    run("convolution backward weights", pass::backward_weights);
    if (needs_input_gradient) run("convolution backward data", pass::backward_data);
    if (autocast_) kernel("weight gradient cast", weights, bytes_, 4);
  }

  // Training reads the activation twice, for its moments and to normalise; backward two sums over input and gradient,
  // then both again. ReLU's backward reads what it wrote and the gradient.
  void normalise(const resnet_layer& layer) {
    const double elements = output_elements(layer.shape), b = bytes_;
    const double reads = trains_ ? 2 : 1;
    if (!eager_) {
      kernel("fused normalization", elements, (reads + (layer.adds_residual ? 1 : 0)) * b, b, trains_ ? 6 : 3);
      if (trains_)
        kernel("fused normalization backward", elements, (layer.relu ? 6 : 4) * b, b * (layer.adds_residual ? 2 : 1),
               10);
      return;
    }
    kernel("batch normalization", elements, reads * b, b, trains_ ? 5 : 2);
    if (trains_) net_.add("batch count", streaming{tiny_bytes, 1}, precision::fp32);
    if (layer.adds_residual) kernel("residual", elements, 2 * b, b, 1);
    if (layer.relu) kernel("relu", elements, b, b);
    if (!trains_) return;
    if (layer.relu) kernel("relu backward", elements, 2 * b, b);
    kernel("batch normalization backward", elements, 4 * b, b, 8);
    // The block's input forked: the gradients of both ways are added.
    if (layer.adds_residual) kernel("residual backward", elements, 2 * b, b, 1);
  }

  void pool() {
    const double before = output_elements(layers_[0].shape), after = input_elements(layers_[1].shape), b = bytes_;
    const double last = output_elements(layers_.back().shape), means = static_cast<double>(r_.images * features);
    // Maximum pooling writes which input was the largest as an 8-byte index.
    const auto add = [&](const char* name, double bytes) { net_.add(name, streaming{bytes, last}, matrix_); };
    add("maximum pooling", before * b + after * (b + 8));
    add("average pooling", (last + means) * b);
    if (!trains_) return;
    add("maximum pooling backward", before * b + after * (b + 8));
    add("average pooling backward", (last + means) * b);
  }

  void classify() {
    const gemm forward{r_.images, classes, features, 1, matrix_};
    const double logits = static_cast<double>(r_.images * classes), weights = static_cast<double>(features * classes);
    if (autocast_) kernel("weight cast", weights, 4, bytes_);
    net_.add("classifier", forward, matrix_);
    if (!trains_) return;
    if (bytes_ < 4) kernel("logits cast", logits, bytes_, 4);
    using kind = row_operation::kind;
    net_.add("log-softmax", row_operation{kind::softmax, r_.images, classes}, precision::fp32);
    net_.add("log-softmax backward", row_operation{kind::softmax, r_.images, classes, true}, precision::fp32);
    net_.add("loss", streaming{tiny_bytes, 1}, precision::fp32, 2);
    net_.add("classifier backward data", gemm{r_.images, features, classes, 1, matrix_}, matrix_);
    net_.add("classifier backward weights", gemm{classes, features, r_.images, 1, matrix_}, matrix_);
    kernel("bias gradient", logits, bytes_, 0, 1);
    if (autocast_) kernel("weight gradient cast", weights, bytes_, 4);
  }

  void step() {
    // A weight and two vectors for each convolution and its normalisation, and the classifier's two.
    const trained_weights weights{resnet50_parameters(), 3.0 * static_cast<double>(layers_.size()) + 2};
    if (r_.numerics == numerics::fp16_amp) {
      const auto unscale = unscale_gradients(weights);
      net_.add(unscale.name, unscale.shape, unscale.precision, unscale.count);
    }
    const double stored = bytes_per_element(stored_precision(r_.numerics));
    for (const auto& op : optimizer_step(r_.optimizer, weights, stored, r_.fused_optimizer))
      net_.add(op.name, op.shape, op.precision, op.count);
  }

  resnet50_request r_;
  std::vector<resnet_layer> layers_;
  precision matrix_;
  bool trains_, autocast_, eager_;
  double bytes_;
  network_builder net_;
};

}  // namespace

std::vector<network_operator> lower(const resnet50_request& request) {
  if (request.execution == execution::engine) {
    if (request.phase != phase::forward)
      throw error(error_kind::usage, "an inference engine does not train", "choose eager or compiled execution");
    return resnet50_inference(request.images, matrix_precision(request.numerics), true, request.image_size);
  }
  if (request.phase == phase::full_step && request.optimizer == optimizer_kind::none)
    throw error(error_kind::usage, "a full training step needs an optimizer", "choose sgd, momentum, adam or adamw");
  return resnet_pass(request).operators();
}

}  // namespace gpubench::models
