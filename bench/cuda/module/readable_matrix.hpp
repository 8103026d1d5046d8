#pragma once

#include "bench/cuda/module/device_values.hpp"

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace gpubench::cuda {

/// A matrix that a check reads in parts, wherever it lies.
class readable_matrix {
 public:
  using block_reader = std::function<std::vector<float>(const matrix_block&)>;

  readable_matrix() = default;
  readable_matrix(std::int64_t rows, std::int64_t columns, block_reader read)
      : rows_(rows), columns_(columns), read_(std::move(read)) {}

  std::int64_t rows() const noexcept { return rows_; }
  std::int64_t columns() const noexcept { return columns_; }

  std::vector<float> some_rows(std::int64_t first, std::int64_t count) const {
    return read_({first, count, 0, columns_});
  }
  std::vector<float> all() const { return some_rows(0, rows_); }
  std::vector<double> row(std::int64_t which) const { return widened(some_rows(which, 1)); }
  std::vector<double> column(std::int64_t which) const { return widened(read_({0, rows_, which, 1})); }
  double value(std::int64_t row, std::int64_t column) const {
    return static_cast<double>(read_({row, 1, column, 1}).front());
  }

 private:
  static std::vector<double> widened(const std::vector<float>& values) { return {values.begin(), values.end()}; }

  std::int64_t rows_ = 0, columns_ = 0;
  block_reader read_;
};

/// One on the device. What writes it must have ended.
inline readable_matrix on_device(kernels::storage type, const void* data, std::int64_t rows, std::int64_t columns) {
  return {rows, columns, [=](const matrix_block& block) { return fetch_block(type, data, {rows, columns}, block); }};
}

}  // namespace gpubench::cuda
