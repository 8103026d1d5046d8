#include "predictor/log_least_squares.hpp"

#include <Eigen/Core>
#include <cmath>
#include <unsupported/Eigen/NonLinearOptimization>
#include <unsupported/Eigen/NumericalDiff>

namespace gpubench::predictor {
namespace {

/// Eigen's steps are a share of the variable: with the logarithms shifted by this they are about the same of every
/// number, whatever its unit.
constexpr double shift = 30;

/// The functor that Eigen's solver asks for.
class problem {
 public:
  using Scalar = double;
  using InputType = Eigen::VectorXd;
  using ValueType = Eigen::VectorXd;
  using JacobianType = Eigen::MatrixXd;
  static constexpr int InputsAtCompileTime = Eigen::Dynamic, ValuesAtCompileTime = Eigen::Dynamic;

  problem(std::size_t inputs, std::size_t values, const deviations_at& deviations)
      : inputs_(inputs), values_(values), deviations_(deviations) {}

  int inputs() const { return static_cast<int>(inputs_); }
  int values() const { return static_cast<int>(values_); }

  static std::vector<double> logarithms_of(const Eigen::VectorXd& shifted) {
    std::vector<double> all(static_cast<std::size_t>(shifted.size()));
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = shifted[static_cast<Eigen::Index>(i)] - shift;
    return all;
  }

  int operator()(const Eigen::VectorXd& shifted, Eigen::VectorXd& out) const {
    std::vector<double> found(values_);
    deviations_(logarithms_of(shifted), found);
    out = Eigen::Map<const Eigen::VectorXd>(found.data(), static_cast<Eigen::Index>(values_));
    return 0;
  }

 private:
  std::size_t inputs_, values_;
  const deviations_at& deviations_;
};

}  // namespace

double softened(double r) {
  const double loss = 2 * (std::sqrt(1 + r * r) - 1);
  return std::copysign(std::sqrt(loss), r);
}

std::vector<double> least_squares(const std::vector<double>& start, std::size_t count, const deviations_at& deviations,
                                  const least_squares_settings& how) {
  Eigen::VectorXd shifted(static_cast<Eigen::Index>(start.size()));
  for (std::size_t i = 0; i < start.size(); ++i) shifted[static_cast<Eigen::Index>(i)] = start[i] + shift;
  const problem functor(start.size(), count, deviations);
  Eigen::NumericalDiff<problem, Eigen::Central> differences(functor, how.step);
  Eigen::LevenbergMarquardt<decltype(differences)> solver(differences);
  // Eigen counts every evaluation of a difference: two for each number.
  solver.parameters.maxfev = how.most_iterations * (2 * static_cast<int>(start.size()) + 1);
  solver.parameters.xtol = 1e-4;
  solver.parameters.ftol = how.tolerance;
  solver.minimize(shifted);
  return problem::logarithms_of(shifted);
}

}  // namespace gpubench::predictor
