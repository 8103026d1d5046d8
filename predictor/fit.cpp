#include "predictor/fit.hpp"

#include "core/statistics.hpp"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <map>
#include <unsupported/Eigen/NonLinearOptimization>
#include <unsupported/Eigen/NumericalDiff>

namespace gpubench::predictor {
namespace {

/// Eigen's steps are a thousandth of the variable: with the logarithms shifted by this they are about a per cent of
/// every coefficient, whatever its unit.
constexpr double shift = 30;

/// Square root of the pseudo-Huber loss with its sign: about r near 0, growing as the root of |r| far away, so that the
/// sum of squares that Levenberg-Marquardt minimises grows linearly. Hartley, Zisserman, "Multiple View Geometry",
/// 2nd edition, A6.8.
double softened(double r) {
  const double loss = 2 * (std::sqrt(1 + r * r) - 1);
  return std::copysign(std::sqrt(loss), r);
}

/// Weighted residuals of all rows, then of the prior: the functor that Eigen's solver asks for.
class problem {
 public:
  using Scalar = double;
  using InputType = Eigen::VectorXd;
  using ValueType = Eigen::VectorXd;
  using JacobianType = Eigen::MatrixXd;
  static constexpr int InputsAtCompileTime = Eigen::Dynamic, ValuesAtCompileTime = Eigen::Dynamic;

  problem(const operator_family& family, const std::vector<const observation*>& rows, const fit_prior& prior)
      : family_(family), rows_(rows), prior_(prior) {
    std::map<std::string_view, double> count;
    for (const observation* row : rows) ++count[row->on->name];
    weights_.reserve(rows.size());
    for (const observation* row : rows) {
      const double n = count[row->on->name];
      weights_.push_back(std::sqrt(std::min(n, prior.most_rows) / n));
    }
  }

  int inputs() const { return static_cast<int>(family_.coefficients.size()); }
  int values() const { return static_cast<int>(rows_.size() + family_.coefficients.size()); }

  std::vector<double> coefficients(const Eigen::VectorXd& logarithms) const {
    std::vector<double> c(family_.coefficients.size());
    for (std::size_t i = 0; i < c.size(); ++i) {
      c[i] = std::clamp(std::exp(logarithms[static_cast<Eigen::Index>(i)] - shift), family_.coefficients[i].low,
                        family_.coefficients[i].high);
    }
    return c;
  }

  int operator()(const Eigen::VectorXd& logarithms, Eigen::VectorXd& out) const {
    const std::vector<double> c = coefficients(logarithms);
    Eigen::Index at = 0;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      const observation& row = *rows_[i];
      const double r = std::log(family_.time(*row.on, row.call, c.data()).seconds / row.seconds);
      out[at++] = weights_[i] * softened(r / prior_.row_error);
    }
    for (std::size_t i = 0; i < c.size(); ++i) {
      const double sd = family_.coefficients[i].spread * prior_.widen;
      // Of the logarithm before it is kept in bounds: beyond them the prior alone leads back.
      out[at++] = (logarithms[static_cast<Eigen::Index>(i)] - shift - std::log(prior_.centre[i])) / sd;
    }
    return 0;
  }

 private:
  const operator_family& family_;
  const std::vector<const observation*>& rows_;
  const fit_prior& prior_;
  std::vector<double> weights_;
};

}  // namespace

std::vector<double> log_residuals(const operator_family& family, const std::vector<const observation*>& rows,
                                  const std::vector<double>& values) {
  std::vector<double> residuals;
  residuals.reserve(rows.size());
  for (const observation* row : rows)
    residuals.push_back(std::log(row->seconds / family.time(*row->on, row->call, values.data()).seconds));
  return residuals;
}

coefficient_fit fit_coefficients(const operator_family& family, const std::vector<const observation*>& rows,
                                 const fit_prior& prior) {
  Eigen::VectorXd logarithms(static_cast<Eigen::Index>(family.coefficients.size()));
  for (std::size_t i = 0; i < family.coefficients.size(); ++i)
    logarithms[static_cast<Eigen::Index>(i)] = std::log(prior.centre[i]) + shift;
  const problem functor(family, rows, prior);
  // Tiles and waves make the time a staircase: steps of some per cent in the differences look over its edges.
  Eigen::NumericalDiff<problem, Eigen::Central> differences(functor, 1e-6);
  Eigen::LevenbergMarquardt<decltype(differences)> solver(differences);
  // Eigen counts every evaluation of a difference: two for each coefficient.
  solver.parameters.maxfev = 40 * (2 * static_cast<int>(family.coefficients.size()) + 1);
  solver.parameters.xtol = 1e-4;
  solver.parameters.ftol = 1e-5;
  solver.minimize(logarithms);

  coefficient_fit fit;
  fit.values = functor.coefficients(logarithms);
  fit.rows = rows.size();
  std::vector<double> errors;
  errors.reserve(rows.size());
  for (const double r : log_residuals(family, rows, fit.values)) errors.push_back(std::abs(std::exp(-r) - 1));
  const sample_statistics spread = summarize(errors);
  fit.mean_error = spread.mean;
  fit.median_error = spread.median;
  return fit;
}

}  // namespace gpubench::predictor
