#include "core/units.hpp"
#include "models/operators.hpp"

namespace gpubench::models {
namespace {

std::string text(std::int64_t n) {
  return std::to_string(n);
}

std::string text(const gemm& g) {
  std::string shape = "m " + text(g.m) + ", n " + text(g.n) + ", k " + text(g.k);
  if (g.batch > 1) shape += ", batch " + text(g.batch);
  return shape;
}

std::string text(const convolution& c) {
  std::string shape = text(c.n) + " x " + text(c.c_in) + " x " + text(c.height) + " x " + text(c.width) + " to " +
                      text(c.c_out) + ", " + text(c.kernel) + " x " + text(c.kernel);
  if (c.stride > 1) shape += ", stride " + text(c.stride);
  return shape + ", " + std::string(to_string(c.pass));
}

std::string text(const attention& a) {
  return "batch " + text(a.batch) + ", " + text(a.q_len) + " of " + text(a.kv_len) + " tokens, " + text(a.heads) +
         " heads of " + text(a.head_dim) + (a.backward ? ", backward" : "");
}

std::string text(const streaming& s) {
  return format_bytes(s.bytes);
}

std::string text(const row_operation& r) {
  return text(r.rows) + " x " + text(r.cols) + (r.backward ? ", backward" : "");
}

}  // namespace

std::string describe(const operator_shape& shape) {
  return std::visit([](const auto& s) { return text(s); }, shape);
}

}  // namespace gpubench::models
