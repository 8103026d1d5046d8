// Source of every attribute and its type: cuDNN documentation, "Backend Descriptor Types", and cudnn_graph.h.
#include "bench/cuda/module/cudnn_lowering.hpp"

#include "bench/cuda/module/failure.hpp"

#include <array>

namespace gpubench::cuda::dnn {

namespace {

cudnnDataType_t data_type(element type) {
  switch (type) {
    case element::fp32:
      return CUDNN_DATA_FLOAT;
    case element::fp16:
      return CUDNN_DATA_HALF;
    case element::bf16:
      return CUDNN_DATA_BFLOAT16;
    case element::int32:
      return CUDNN_DATA_INT32;
    case element::int8:
      return CUDNN_DATA_INT8;
    case element::boolean:
      return CUDNN_DATA_BOOLEAN;
  }
  return CUDNN_DATA_FLOAT;
}

cudnnPointwiseMode_t mode_of(pointwise mode) {
  switch (mode) {
    case pointwise::add:
      return CUDNN_POINTWISE_ADD;
    case pointwise::subtract:
      return CUDNN_POINTWISE_SUB;
    case pointwise::multiply:
      return CUDNN_POINTWISE_MUL;
    case pointwise::divide:
      return CUDNN_POINTWISE_DIV;
    case pointwise::maximum:
      return CUDNN_POINTWISE_MAX;
    case pointwise::exponential:
      return CUDNN_POINTWISE_EXP;
    case pointwise::logarithm:
      return CUDNN_POINTWISE_LOG;
    case pointwise::reciprocal_root:
      return CUDNN_POINTWISE_RSQRT;
    case pointwise::identity:
      return CUDNN_POINTWISE_IDENTITY;
    case pointwise::relu:
      return CUDNN_POINTWISE_RELU_FWD;
    case pointwise::relu_backward:
      return CUDNN_POINTWISE_RELU_BWD;
    case pointwise::gelu:
      return CUDNN_POINTWISE_GELU_FWD;
    case pointwise::swish:
      return CUDNN_POINTWISE_SWISH_FWD;
    case pointwise::greater_or_equal:
      return CUDNN_POINTWISE_CMP_GE;
    case pointwise::row_index:
      return CUDNN_POINTWISE_GEN_INDEX;
    case pointwise::select:
      return CUDNN_POINTWISE_BINARY_SELECT;
  }
  return CUDNN_POINTWISE_IDENTITY;
}

cudnnReduceTensorOp_t mode_of(reduction mode) {
  switch (mode) {
    case reduction::sum:
      return CUDNN_REDUCE_TENSOR_ADD;
    case reduction::maximum:
      return CUDNN_REDUCE_TENSOR_MAX;
    case reduction::mean:
      return CUDNN_REDUCE_TENSOR_AVG;
  }
  return CUDNN_REDUCE_TENSOR_ADD;
}

cudnnBackendNormMode_t mode_of(norm mode) {
  switch (mode) {
    case norm::layer:
      return CUDNN_LAYER_NORM;
    case norm::rms:
      return CUDNN_RMS_NORM;
    case norm::batch:
      return CUDNN_BATCH_NORM;
  }
  return CUDNN_LAYER_NORM;
}

/// Turns one operation after the other into descriptors.
class lowering {
 public:
  explicit lowering(const graph& described) : graph_(described) {
    for (std::size_t i = 0; i < described.tensors().size(); ++i) {
      add_tensor(described.tensors()[i], static_cast<std::int64_t>(i) + 1);
    }
    for (const auto& one : described.operations()) {
      std::visit([this](const auto& operation) { add(operation); }, one);
    }
  }

  lowered_graph take() { return std::move(result_); }

 private:
  void add_tensor(const tensor_description& described, std::int64_t id) {
    descriptor one(CUDNN_BACKEND_TENSOR_DESCRIPTOR);
    one.set_data_type(CUDNN_ATTR_TENSOR_DATA_TYPE, data_type(described.type));
    one.set_int64s(CUDNN_ATTR_TENSOR_DIMENSIONS, described.shape.sizes);
    one.set_int64s(CUDNN_ATTR_TENSOR_STRIDES, described.shape.strides);
    one.set_int64(CUDNN_ATTR_TENSOR_UNIQUE_ID, id);
    one.set_int64(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, 16);
    const bool between = described.where == residence::between;
    const bool by_value = described.where == residence::by_value;
    one.set(CUDNN_ATTR_TENSOR_IS_VIRTUAL, CUDNN_TYPE_BOOLEAN, 1, &between);
    one.set(CUDNN_ATTR_TENSOR_IS_BY_VALUE, CUDNN_TYPE_BOOLEAN, 1, &by_value);
    one.finalize("describing a tensor");
    result_.tensors.push_back(std::move(one));
  }

  void set(descriptor& operation, cudnnBackendAttributeName_t name, tensor one) const {
    operation.set_descriptor(name, result_.tensors.at(static_cast<std::size_t>(one.id - 1)));
  }
  void set(descriptor& operation, cudnnBackendAttributeName_t name, const std::optional<tensor>& one) const {
    if (one) set(operation, name, *one);
  }

  void keep(descriptor&& operation, const char* what) {
    operation.finalize(what);
    result_.operations.push_back(std::move(operation));
  }
  const descriptor& keep_part(descriptor&& part, const char* what) {
    part.finalize(what);
    result_.parts.push_back(std::move(part));
    return result_.parts.back();
  }

  void add(const convolution_operation& o) {
    descriptor part(CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR);
    const cudnnConvolutionMode_t mode = CUDNN_CROSS_CORRELATION;
    part.set_data_type(CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_DATA_FLOAT);
    part.set(CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_TYPE_CONVOLUTION_MODE, 1, &mode);
    part.set_int64(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, 2);
    part.set_int64s(CUDNN_ATTR_CONVOLUTION_DILATIONS, {1, 1});
    part.set_int64s(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, {o.window.stride, o.window.stride});
    part.set_int64s(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, {o.window.padding, o.window.padding});
    part.set_int64s(CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, {o.window.padding, o.window.padding});
    const descriptor& convolution = keep_part(std::move(part), "describing a convolution");
    switch (o.pass) {
      case convolution_pass::forward: {
        descriptor one(CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR);
        set(one, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X, o.x);
        set(one, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W, o.w);
        set(one, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y, o.y);
        one.set_descriptor(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC, convolution);
        one.set_float(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA, 1);
        one.set_float(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA, 0);
        return keep(std::move(one), "a convolution");
      }
      case convolution_pass::backward_data: {
        descriptor one(CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR);
        set(one, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX, o.x);
        set(one, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W, o.w);
        set(one, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY, o.y);
        one.set_descriptor(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC, convolution);
        one.set_float(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA, 1);
        one.set_float(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA, 0);
        return keep(std::move(one), "a convolution's data gradient");
      }
      case convolution_pass::backward_weights: {
        descriptor one(CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR);
        set(one, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X, o.x);
        set(one, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW, o.w);
        set(one, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY, o.y);
        one.set_descriptor(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC, convolution);
        one.set_float(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA, 1);
        one.set_float(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA, 0);
        return keep(std::move(one), "a convolution's weight gradient");
      }
    }
  }

  /// Indices and booleans are computed as such, all else in fp32.
  cudnnDataType_t computed_in(const pointwise_operation& o) const {
    const element type = graph_[o.out].type;
    if (type == element::boolean) return CUDNN_DATA_BOOLEAN;
    if (type == element::int32 && o.mode != pointwise::row_index) return CUDNN_DATA_INT32;
    return CUDNN_DATA_FLOAT;
  }

  void add(const pointwise_operation& o) {
    const cudnnPointwiseMode_t mode = mode_of(o.mode);
    descriptor part(CUDNN_BACKEND_POINTWISE_DESCRIPTOR);
    part.set(CUDNN_ATTR_POINTWISE_MODE, CUDNN_TYPE_POINTWISE_MODE, 1, &mode);
    part.set_data_type(CUDNN_ATTR_POINTWISE_MATH_PREC, computed_in(o));
    if (o.mode == pointwise::row_index) part.set_int64(CUDNN_ATTR_POINTWISE_AXIS, o.axis);
    const descriptor& described = keep_part(std::move(part), "describing a pointwise operation");

    descriptor one(CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR);
    one.set_descriptor(CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, described);
    if (o.mode == pointwise::relu_backward) {
      set(one, CUDNN_ATTR_OPERATION_POINTWISE_DYDESC, o.in.at(0));
      set(one, CUDNN_ATTR_OPERATION_POINTWISE_XDESC, o.in.at(1));
      set(one, CUDNN_ATTR_OPERATION_POINTWISE_DXDESC, o.out);
    } else {
      constexpr std::array inputs = {CUDNN_ATTR_OPERATION_POINTWISE_XDESC, CUDNN_ATTR_OPERATION_POINTWISE_BDESC,
                                     CUDNN_ATTR_OPERATION_POINTWISE_TDESC};
      for (std::size_t i = 0; i < o.in.size(); ++i) set(one, inputs.at(i), o.in[i]);
      set(one, CUDNN_ATTR_OPERATION_POINTWISE_YDESC, o.out);
    }
    keep(std::move(one), "a pointwise operation");
  }

  void add(const reduction_operation& o) {
    const cudnnReduceTensorOp_t mode = mode_of(o.mode);
    descriptor part(CUDNN_BACKEND_REDUCTION_DESCRIPTOR);
    part.set(CUDNN_ATTR_REDUCTION_OPERATOR, CUDNN_TYPE_REDUCTION_OPERATOR_TYPE, 1, &mode);
    part.set_data_type(CUDNN_ATTR_REDUCTION_COMP_TYPE, CUDNN_DATA_FLOAT);
    const descriptor& described = keep_part(std::move(part), "describing a reduction");
    descriptor one(CUDNN_BACKEND_OPERATION_REDUCTION_DESCRIPTOR);
    one.set_descriptor(CUDNN_ATTR_OPERATION_REDUCTION_DESC, described);
    set(one, CUDNN_ATTR_OPERATION_REDUCTION_XDESC, o.in);
    set(one, CUDNN_ATTR_OPERATION_REDUCTION_YDESC, o.out);
    keep(std::move(one), "a reduction");
  }

  void add(const reshape_operation& o) {
    descriptor one(CUDNN_BACKEND_OPERATION_RESHAPE_DESCRIPTOR);
    set(one, CUDNN_ATTR_OPERATION_RESHAPE_XDESC, o.in);
    set(one, CUDNN_ATTR_OPERATION_RESHAPE_YDESC, o.out);
    keep(std::move(one), "a reshaping");
  }

  void add(const matmul_operation& o) {
    descriptor part(CUDNN_BACKEND_MATMUL_DESCRIPTOR);
    part.set_data_type(CUDNN_ATTR_MATMUL_COMP_TYPE, CUDNN_DATA_FLOAT);
    const descriptor& described = keep_part(std::move(part), "describing a matrix product");
    descriptor one(CUDNN_BACKEND_OPERATION_MATMUL_DESCRIPTOR);
    one.set_descriptor(CUDNN_ATTR_OPERATION_MATMUL_DESC, described);
    set(one, CUDNN_ATTR_OPERATION_MATMUL_ADESC, o.a);
    set(one, CUDNN_ATTR_OPERATION_MATMUL_BDESC, o.b);
    set(one, CUDNN_ATTR_OPERATION_MATMUL_CDESC, o.c);
    keep(std::move(one), "a matrix product");
  }

  void add(const pooling_operation& o) {
    const cudnnResampleMode_t mode = o.mode == pooling::maximum             ? CUDNN_RESAMPLE_MAXPOOL
                                     : o.mode == pooling::mean_with_padding ? CUDNN_RESAMPLE_AVGPOOL_INCLUDE_PADDING
                                                                            : CUDNN_RESAMPLE_AVGPOOL_EXCLUDE_PADDING;
    const cudnnPaddingMode_t padding = o.mode == pooling::maximum ? CUDNN_NEG_INF_PAD : CUDNN_ZERO_PAD;
    const auto both = [](std::int64_t value) { return std::array<cudnnFraction_t, 2>{{{value, 1}, {value, 1}}}; };
    const auto size = both(o.window.size);
    const auto stride = both(o.window.stride);
    const auto pad = both(o.window.padding);
    descriptor part(CUDNN_BACKEND_RESAMPLE_DESCRIPTOR);
    part.set(CUDNN_ATTR_RESAMPLE_MODE, CUDNN_TYPE_RESAMPLE_MODE, 1, &mode);
    part.set_data_type(CUDNN_ATTR_RESAMPLE_COMP_TYPE, CUDNN_DATA_FLOAT);
    part.set(CUDNN_ATTR_RESAMPLE_PADDING_MODE, CUDNN_TYPE_PADDING_MODE, 1, &padding);
    part.set_int64(CUDNN_ATTR_RESAMPLE_SPATIAL_DIMS, 2);
    part.set(CUDNN_ATTR_RESAMPLE_WINDOW_DIMS, CUDNN_TYPE_FRACTION, 2, size.data());
    part.set(CUDNN_ATTR_RESAMPLE_STRIDES, CUDNN_TYPE_FRACTION, 2, stride.data());
    part.set(CUDNN_ATTR_RESAMPLE_PRE_PADDINGS, CUDNN_TYPE_FRACTION, 2, pad.data());
    part.set(CUDNN_ATTR_RESAMPLE_POST_PADDINGS, CUDNN_TYPE_FRACTION, 2, pad.data());
    const descriptor& described = keep_part(std::move(part), "describing a pooling");
    if (o.backward) {
      descriptor one(CUDNN_BACKEND_OPERATION_RESAMPLE_BWD_DESCRIPTOR);
      one.set_descriptor(CUDNN_ATTR_OPERATION_RESAMPLE_BWD_DESC, described);
      set(one, CUDNN_ATTR_OPERATION_RESAMPLE_BWD_DYDESC, o.y);
      set(one, CUDNN_ATTR_OPERATION_RESAMPLE_BWD_DXDESC, o.x);
      set(one, CUDNN_ATTR_OPERATION_RESAMPLE_BWD_IDXDESC, o.index);
      keep(std::move(one), "a pooling's gradient");
    } else {
      descriptor one(CUDNN_BACKEND_OPERATION_RESAMPLE_FWD_DESCRIPTOR);
      one.set_descriptor(CUDNN_ATTR_OPERATION_RESAMPLE_FWD_DESC, described);
      set(one, CUDNN_ATTR_OPERATION_RESAMPLE_FWD_XDESC, o.x);
      set(one, CUDNN_ATTR_OPERATION_RESAMPLE_FWD_YDESC, o.y);
      set(one, CUDNN_ATTR_OPERATION_RESAMPLE_FWD_IDXDESC, o.index);
      keep(std::move(one), "a pooling");
    }
  }

  void add(const norm_operation& o) {
    const cudnnBackendNormMode_t mode = mode_of(o.mode);
    const cudnnBackendNormFwdPhase_t phase = o.training ? CUDNN_NORM_FWD_TRAINING : CUDNN_NORM_FWD_INFERENCE;
    descriptor one(CUDNN_BACKEND_OPERATION_NORM_FORWARD_DESCRIPTOR);
    one.set(CUDNN_ATTR_OPERATION_NORM_FWD_MODE, CUDNN_TYPE_NORM_MODE, 1, &mode);
    one.set(CUDNN_ATTR_OPERATION_NORM_FWD_PHASE, CUDNN_TYPE_NORM_FWD_PHASE, 1, &phase);
    set(one, CUDNN_ATTR_OPERATION_NORM_FWD_XDESC, o.x);
    set(one, CUDNN_ATTR_OPERATION_NORM_FWD_SCALE_DESC, o.scale);
    set(one, CUDNN_ATTR_OPERATION_NORM_FWD_BIAS_DESC, o.bias);
    set(one, CUDNN_ATTR_OPERATION_NORM_FWD_EPSILON_DESC, o.epsilon);
    set(one, CUDNN_ATTR_OPERATION_NORM_FWD_MEAN_DESC, o.mean);
    set(one, CUDNN_ATTR_OPERATION_NORM_FWD_INV_VARIANCE_DESC, o.inverse_deviation);
    set(one, CUDNN_ATTR_OPERATION_NORM_FWD_EXP_AVG_FACTOR_DESC, o.momentum);
    set(one, CUDNN_ATTR_OPERATION_NORM_FWD_INPUT_RUNNING_MEAN_DESC, o.old_mean);
    set(one, CUDNN_ATTR_OPERATION_NORM_FWD_INPUT_RUNNING_VAR_DESC, o.old_variance);
    set(one, CUDNN_ATTR_OPERATION_NORM_FWD_OUTPUT_RUNNING_MEAN_DESC, o.new_mean);
    set(one, CUDNN_ATTR_OPERATION_NORM_FWD_OUTPUT_RUNNING_VAR_DESC, o.new_variance);
    set(one, CUDNN_ATTR_OPERATION_NORM_FWD_YDESC, o.y);
    keep(std::move(one), "a normalisation");
  }

  void add(const norm_backward_operation& o) {
    const cudnnBackendNormMode_t mode = mode_of(o.mode);
    descriptor one(CUDNN_BACKEND_OPERATION_NORM_BACKWARD_DESCRIPTOR);
    one.set(CUDNN_ATTR_OPERATION_NORM_BWD_MODE, CUDNN_TYPE_NORM_MODE, 1, &mode);
    set(one, CUDNN_ATTR_OPERATION_NORM_BWD_XDESC, o.x);
    set(one, CUDNN_ATTR_OPERATION_NORM_BWD_DYDESC, o.dy);
    set(one, CUDNN_ATTR_OPERATION_NORM_BWD_SCALE_DESC, o.scale);
    set(one, CUDNN_ATTR_OPERATION_NORM_BWD_MEAN_DESC, o.mean);
    set(one, CUDNN_ATTR_OPERATION_NORM_BWD_INV_VARIANCE_DESC, o.inverse_deviation);
    set(one, CUDNN_ATTR_OPERATION_NORM_BWD_DSCALE_DESC, o.dscale);
    set(one, CUDNN_ATTR_OPERATION_NORM_BWD_DBIAS_DESC, o.dbias);
    set(one, CUDNN_ATTR_OPERATION_NORM_BWD_DXDESC, o.dx);
    keep(std::move(one), "a normalisation's gradient");
  }

  const graph& graph_;
  lowered_graph result_;
};

}  // namespace

lowered_graph lower(const graph& described) {
  return lowering(described).take();
}

}  // namespace gpubench::cuda::dnn
