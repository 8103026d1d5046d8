#pragma once

#include "predictor/case_parameters.hpp"
#include "predictor/operator_family.hpp"

namespace gpubench::predictor {

/// The operator that "op=..." parameters describe:
///   op=linear;m;n;k (output m x n, k contracted; in 8 and 4 bits with the quantisation of the activations that serving
///   engines do, unless quantise=0) · op=bmm;b;m;n;k
///   op=softmax|layernorm|rmsnorm;rows;cols · op=add|mul|gelu|...;rows;cols (elementwise_operators())
///   op=embedding;rows (or tokens);cols (or hidden);vocab: each row of a table of vocab rows that is wanted is read
///   once, all are written, 8 bytes an index op=reduction;kind=sum|mean|...;rows;cols;axis=cols|rows|all, or op=sum...:
///   read once; reduction_operators() names them op=conv2d;n;c_in;c_out;kernel;hw;stride;pad (square, with
///   pass=forward|backward_data|backward_weights)
///   op=attention;phase=prefill|decode;batch;q_len;kv_len;heads;kv_heads;head_dim;causal;window
/// A lone operator in fp32 is an eager call, whose dispatch is seen in its time, and a captured kernel in other
/// precisions, as the measurements of each are taken; "launch=eager|captured" says otherwise.
/// @throws error: input naming what is missing or impossible.
operator_call operator_from(const case_parameters& parameters, models::precision precision);

/// Traffic and arithmetic of an element-wise operator.
struct elementwise_operator {
  std::string_view name;
  int tensors;              ///< read and written
  double flop_per_element;  ///< instructions of the processor's vector units, transcendental functions by their length
};
std::span<const elementwise_operator> elementwise_operators();

/// A reduction of a matrix along one of its axes, or of all of it, in one kernel that reads every value once (PyTorch
/// aten/src/ATen/native/cuda/Reduce.cuh).
struct reduction_operator {
  std::string_view name;
  double flop_per_element;
  bool gives_index;  ///< 8 bytes, in place of a value
};
std::span<const reduction_operator> reduction_operators();

/// Rows of a table of `vocabulary` that `rows` indices touch, drawn evenly: V (1 - (1 - 1/V)^n).
double distinct_rows(double rows, double vocabulary);

/// How a lone operator is launched: "launch=eager|captured", else as fp32 or another type says.
launch launch_from(const case_parameters& parameters, bool usually_eager);

}  // namespace gpubench::predictor
