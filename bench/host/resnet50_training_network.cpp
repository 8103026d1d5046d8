#include "bench/host/resnet50_training_network.hpp"

#include <utility>

namespace gpubench::bench::host {
namespace {

using dnnl::memory;
using tag = memory::format_tag;
constexpr auto f32 = memory::data_type::f32;
constexpr auto training = dnnl::prop_kind::forward_training;

}  // namespace

/// A convolution with its normalisation, as the forward pass leaves it for the backward pass.
struct resnet50_training_network::unit {
  models::resnet_layer layer;
  memory input, raw, output;  ///< raw: between convolution and normalisation
  memory mean, variance, workspace;
  dnnl::convolution_forward::primitive_desc convolution;
  dnnl::batch_normalization_forward::primitive_desc normalization;
  bool fused_relu = false;
  std::size_t weights = 0;  ///< index in tensors_; scale and shift follow
};

/// Appends the steps of a training step to the program, in order of execution.
class resnet50_training_network::builder {
 public:
  builder(resnet50_training_network& network, const resnet50_parameters& parameters)
      : net_(network), program_(network.program_), parameters_(parameters) {}

  void build(const std::vector<models::resnet_layer>& layers) {
    struct block {
      std::vector<unit> path;  ///< three convolutions
      std::vector<unit> shortcut;
      memory output;
    };
    const unit stem = forward(layers.front(), {});
    const onednn::pooling_window window{dnnl::algorithm::pooling_max, 3, 2, 1};
    const auto& c = stem.layer.shape;
    const std::int64_t size = layers[1].shape.height;
    const auto pooling =
        onednn::pooling_forward(window, stem.output.get_desc(), {{c.n, c.c_out, size, size}, f32, tag::any}, training);
    memory x = program_.take(pooling.dst_desc());
    const memory workspace = program_.take(pooling.workspace_desc());
    program_.then(dnnl::pooling_forward(pooling),
                  {{DNNL_ARG_SRC, stem.output}, {DNNL_ARG_DST, x}, {DNNL_ARG_WORKSPACE, workspace}});

    std::vector<block> blocks;
    for (std::size_t i = 1; i < layers.size();) {
      const std::string prefix = layers[i].name.substr(0, layers[i].name.rfind('.') + 1);
      block b;
      memory along = x, shortcut = x;
      for (; i < layers.size() && layers[i].name.compare(0, prefix.size(), prefix) == 0; ++i) {
        const bool is_path = layers[i].name != prefix + "downsample";
        auto& list = is_path ? b.path : b.shortcut;
        list.push_back(forward(layers[i], is_path ? along : x));
        (is_path ? along : shortcut) = list.back().output;
      }
      // What the last normalisation wrote is needed by nobody else, so the sum takes its place.
      b.output = along;
      const memory added = program_.in_layout(shortcut, along.get_desc());
      program_.then(
          [along, added] { add_relu(onednn::floats(along), onednn::floats(added), onednn::stored_floats(along)); });
      x = b.output;
      blocks.push_back(std::move(b));
    }

    memory gradient = classifier(x, layers.back().shape);
    for (auto b = blocks.rbegin(); b != blocks.rend(); ++b) {
      gradient = program_.in_layout(gradient, b->output.get_desc());
      program_.then([gradient, output = b->output] {
        mask_relu(onednn::floats(gradient), onednn::floats(output), onednn::stored_floats(output));
      });
      memory along = gradient;
      for (auto u = b->path.rbegin(); u != b->path.rend(); ++u) {
        const memory next = backward(*u, along);
        if (u != b->path.rbegin()) program_.give_back(along);
        along = next;
      }
      const memory other = b->shortcut.empty() ? gradient : backward(b->shortcut.front(), gradient);
      const memory added = program_.in_layout(other, along.get_desc());
      program_.then(
          [along, added] { add(onednn::floats(along), onednn::floats(added), onednn::stored_floats(along)); });
      program_.give_back(gradient);
      if (!b->shortcut.empty()) program_.give_back(other);
      gradient = along;
    }

    const auto pooling_back = onednn::pooling_backward(window, stem.output.get_desc(), pooling.dst_desc(), pooling);
    const memory pooled = program_.in_layout(gradient, pooling_back.diff_dst_desc());
    const memory before = program_.take(pooling_back.diff_src_desc());
    program_.then(dnnl::pooling_backward(pooling_back),
                  {{DNNL_ARG_DIFF_DST, pooled}, {DNNL_ARG_WORKSPACE, workspace}, {DNNL_ARG_DIFF_SRC, before}});
    backward(stem, before);
  }

 private:
  /// A learned tensor whose gradient has the same layout.
  std::size_t learn(std::string name, const memory::desc& description, const std::vector<float>& values, tag plain) {
    trained_tensor t{std::move(name), onednn::allocate(description), onednn::allocate(description),
                     onednn::allocate(description), plain};
    onednn::set_values(t.value, values.data(), plain);
    net_.tensors_.push_back(std::move(t));
    return net_.tensors_.size() - 1;
  }

  unit forward(const models::resnet_layer& layer, const memory& x) {
    const auto& stored = parameters_.units.at(layer.name);
    unit u;
    u.layer = layer;
    u.convolution = onednn::forward(layer.shape, onednn::open_layout(layer.shape, f32), training);
    if (!x) net_.images_ = onednn::allocate(u.convolution.src_desc());
    u.input = x ? program_.in_layout(x, u.convolution.src_desc()) : net_.images_;
    u.weights = learn(layer.name + ".weights", u.convolution.weights_desc(), stored.weights, tag::oihw);
    u.raw = program_.take(u.convolution.dst_desc());
    program_.then(dnnl::convolution_forward(u.convolution),
                  {{DNNL_ARG_SRC, u.input}, {DNNL_ARG_WEIGHTS, value(u.weights)}, {DNNL_ARG_DST, u.raw}});

    u.fused_relu = layer.relu && !layer.adds_residual;
    u.normalization = onednn::normalization_forward(u.raw.get_desc(), resnet50_epsilon, u.fused_relu);
    const auto per_channel = onednn::plain({layer.shape.c_out}, f32, tag::x);
    learn(layer.name + ".scale", per_channel, stored.scale, tag::x);
    learn(layer.name + ".shift", per_channel, stored.shift, tag::x);
    u.mean = onednn::allocate(u.normalization.mean_desc());
    u.variance = onednn::allocate(u.normalization.variance_desc());
    u.output = program_.take(u.normalization.dst_desc());
    onednn::program::arguments arguments{{DNNL_ARG_SRC, u.raw},
                                         {DNNL_ARG_MEAN, u.mean},
                                         {DNNL_ARG_VARIANCE, u.variance},
                                         {DNNL_ARG_SCALE, value(u.weights + 1)},
                                         {DNNL_ARG_SHIFT, value(u.weights + 2)},
                                         {DNNL_ARG_DST, u.output}};
    if (u.fused_relu) {
      u.workspace = onednn::allocate(u.normalization.workspace_desc());
      arguments[DNNL_ARG_WORKSPACE] = u.workspace;
    }
    program_.then(dnnl::batch_normalization_forward(u.normalization), std::move(arguments));
    return u;
  }

  /// @return the gradient of the unit's input; nothing for the first layer, whose input nobody learns
  memory backward(const unit& u, const memory& output_gradient) {
    const memory gradient = program_.in_layout(output_gradient, u.raw.get_desc());
    const auto normalization = onednn::normalization_backward(u.raw.get_desc(), gradient.get_desc(), resnet50_epsilon,
                                                              u.fused_relu, u.normalization);
    const memory raw = program_.take(normalization.diff_src_desc());
    onednn::program::arguments arguments{{DNNL_ARG_SRC, u.raw},
                                         {DNNL_ARG_MEAN, u.mean},
                                         {DNNL_ARG_VARIANCE, u.variance},
                                         {DNNL_ARG_SCALE, value(u.weights + 1)},
                                         {DNNL_ARG_DIFF_DST, gradient},
                                         {DNNL_ARG_DIFF_SRC, raw},
                                         {DNNL_ARG_DIFF_SCALE, net_.tensors_[u.weights + 1].gradient},
                                         {DNNL_ARG_DIFF_SHIFT, net_.tensors_[u.weights + 2].gradient}};
    if (u.fused_relu) arguments[DNNL_ARG_WORKSPACE] = u.workspace;
    if (onednn::reads_shift(normalization, u.fused_relu)) arguments[DNNL_ARG_SHIFT] = value(u.weights + 2);
    program_.then(dnnl::batch_normalization_backward(normalization), std::move(arguments));

    const auto open = onednn::open_layout(u.layer.shape, f32);
    weights_backward(u, onednn::backward_weights(u.layer.shape, open, u.convolution), raw);
    memory result;
    if (u.layer.shape.c_in != 3) {
      const auto data = onednn::backward_data(u.layer.shape, open, u.convolution);
      const memory d = program_.in_layout(raw, data.diff_dst_desc());
      const memory weights = program_.in_layout(value(u.weights), data.weights_desc());
      result = program_.take(data.diff_src_desc());
      program_.then(dnnl::convolution_backward_data(data),
                    {{DNNL_ARG_DIFF_DST, d}, {DNNL_ARG_WEIGHTS, weights}, {DNNL_ARG_DIFF_SRC, result}});
      give_back_copy(weights, value(u.weights));
      give_back_copy(d, raw);
    }
    program_.give_back(raw);
    return result;
  }

  void weights_backward(const unit& u, const dnnl::convolution_backward_weights::primitive_desc& description,
                        const memory& raw_gradient) {
    const memory x = program_.in_layout(u.input, description.src_desc());
    const memory d = program_.in_layout(raw_gradient, description.diff_dst_desc());
    write_gradient(description.diff_weights_desc(), u.weights, [&](const memory& target) {
      program_.then(dnnl::convolution_backward_weights(description),
                    {{DNNL_ARG_SRC, x}, {DNNL_ARG_DIFF_DST, d}, {DNNL_ARG_DIFF_WEIGHTS, target}});
    });
    give_back_copy(x, u.input);
    give_back_copy(d, raw_gradient);
  }

  /// Lets `append` write a gradient in its own layout, and converts that to the layout of the weights if they differ.
  template <class Append>
  void write_gradient(const memory::desc& layout, std::size_t index, const Append& append) {
    const memory& gradient = net_.tensors_[index].gradient;
    if (layout == gradient.get_desc()) return append(gradient);
    const memory own = program_.take(layout);
    append(own);
    program_.then(dnnl::reorder(own, gradient), {{DNNL_ARG_FROM, own}, {DNNL_ARG_TO, gradient}});
    program_.give_back(own);
  }

  /// Average pooling, classifier and loss, forward and backward.   @return the gradient of the last block's output
  memory classifier(const memory& x, const models::convolution& last) {
    const std::int64_t n = last.n, features = parameters_.features, count = parameters_.classes;
    const onednn::pooling_window window{dnnl::algorithm::pooling_avg_exclude_padding, last.out_height(), 1, 0};
    const auto pooling = onednn::pooling_forward(window, x.get_desc(), {{n, features, 1, 1}, f32, tag::any}, training);
    const memory pooled = program_.take(pooling.dst_desc());
    program_.then(dnnl::pooling_forward(pooling), {{DNNL_ARG_SRC, x}, {DNNL_ARG_DST, pooled}});

    const memory::desc bias({count}, f32, tag::x), scores_layout({n, count}, f32, tag::nc);
    const memory::desc open_source({n, features, 1, 1}, f32, tag::any);
    const memory::desc open_weights({count, features, 1, 1}, f32, tag::any);
    const auto linear = onednn::linear_forward(open_source, open_weights, bias, scores_layout, training);
    const std::size_t weights = learn("classifier.weights", linear.weights_desc(), parameters_.classifier, tag::oihw);
    learn("classifier.bias", bias, parameters_.bias, tag::x);
    const memory source = program_.in_layout(pooled, linear.src_desc());
    const memory scores = program_.take(scores_layout), gradient = program_.take(scores_layout);
    program_.then(dnnl::inner_product_forward(linear), {{DNNL_ARG_SRC, source},
                                                        {DNNL_ARG_WEIGHTS, value(weights)},
                                                        {DNNL_ARG_BIAS, value(weights + 1)},
                                                        {DNNL_ARG_DST, scores}});
    program_.then([net = &net_, scores, gradient, count] {
      net->loss_ = cross_entropy(onednn::floats(scores), onednn::floats(gradient), net->classes_, count);
    });

    const auto by_weights = onednn::linear_backward_weights(open_source, open_weights, bias, scores_layout, linear);
    const memory again = program_.in_layout(source, by_weights.src_desc());
    write_gradient(by_weights.diff_weights_desc(), weights, [&](const memory& target) {
      program_.then(dnnl::inner_product_backward_weights(by_weights),
                    {{DNNL_ARG_SRC, again},
                     {DNNL_ARG_DIFF_DST, gradient},
                     {DNNL_ARG_DIFF_WEIGHTS, target},
                     {DNNL_ARG_DIFF_BIAS, net_.tensors_[weights + 1].gradient}});
    });
    const auto by_data = onednn::linear_backward_data(open_source, open_weights, scores_layout, linear);
    const memory turned = program_.in_layout(value(weights), by_data.weights_desc());
    const memory features_gradient = program_.take(by_data.diff_src_desc());
    program_.then(dnnl::inner_product_backward_data(by_data),
                  {{DNNL_ARG_DIFF_DST, gradient}, {DNNL_ARG_WEIGHTS, turned}, {DNNL_ARG_DIFF_SRC, features_gradient}});

    const auto pooling_back = onednn::pooling_backward(window, x.get_desc(), pooling.dst_desc(), pooling);
    const memory spread = program_.in_layout(features_gradient, pooling_back.diff_dst_desc());
    const memory result = program_.take(pooling_back.diff_src_desc());
    program_.then(dnnl::pooling_backward(pooling_back), {{DNNL_ARG_DIFF_DST, spread}, {DNNL_ARG_DIFF_SRC, result}});
    return result;
  }

  const memory& value(std::size_t index) const { return net_.tensors_[index].value; }

  void give_back_copy(const memory& copy, const memory& original) {
    if (copy.get_data_handle() != original.get_data_handle()) program_.give_back(copy);
  }

  resnet50_training_network& net_;
  onednn::program& program_;
  const resnet50_parameters& parameters_;
};

resnet50_training_network::resnet50_training_network(const std::vector<models::resnet_layer>& layers,
                                                     const resnet50_parameters& parameters) {
  builder(*this, parameters).build(layers);
}

resnet50_training_network::~resnet50_training_network() = default;

void resnet50_training_network::set_batch(const std::vector<float>& pixels, const std::vector<std::int32_t>& classes) {
  onednn::set_values(images_, pixels.data(), tag::nchw);
  classes_ = classes;
}

double resnet50_training_network::compute_gradients() {
  program_.run();
  return loss_;
}

void resnet50_training_network::update(const sgd_rates& rates) {
  for (const auto& t : tensors_) {
    sgd_step(onednn::floats(t.value), onednn::floats(t.velocity), onednn::floats(t.gradient),
             onednn::stored_floats(t.value), rates);
  }
}

const std::vector<trained_tensor>& resnet50_training_network::tensors() const {
  return tensors_;
}

}  // namespace gpubench::bench::host
