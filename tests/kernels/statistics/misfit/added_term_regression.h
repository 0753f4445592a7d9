#ifndef CTXFIT_TESTS_KERNELS_STATISTICS_MISFIT_ADDED_TERM_REGRESSION_H_
#define CTXFIT_TESTS_KERNELS_STATISTICS_MISFIT_ADDED_TERM_REGRESSION_H_

// A regression from matrices of all rows, against which tests of added terms are checked.

#include <Eigen/Dense>
#include <cmath>
#include <map>
#include <vector>

#include "kernels/data/split_tasks.h"
#include "kernels/fit/fit.h"
#include "kernels/fit/options.h"
#include "kernels/law/fitted_law.h"
#include "kernels/statistics/goodness.h"
#include "kernels/statistics/misfit/added_terms.h"
#include "tests/kernels/simulated_data.h"

namespace ctxfit {

inline constexpr bool kFree[kCoordinateCount] = {true, true, true, true};

// A fit with what terms are tested against.
struct Case {
  explicit Case(const ObservationTable& table, Resampling resampling = Resampling::kAuto)
      : observations(OnlyTask(table, resampling)) {
    FitOptions options;
    options.bootstrap.replicates = 0;
    options.bootstrap.resampling = resampling;
    fit = FitTask(*MakeCpuBackend(1), observations, options, StopSignal()).value();
    expected = ExpectedScores(observations, fit.law);
  }
  AddedTerms Terms() const { return {observations, fit.law, expected, {}, kFree}; }

  Observations observations;
  TaskFit fit;
  std::vector<double> expected;
};

inline Simulation NoisyRuns(int clusters) {
  Simulation simulation;
  simulation.clusters = clusters;
  simulation.noise = 0.05;
  return simulation;
}

// The derivative of the expected score by a coordinate, by central differences.
inline double Derivative(const Law& law, const Covariates& at, int coordinate) {
  constexpr double kStep = 1e-5;
  Law up = law;
  Law down = law;
  up.point.at[coordinate] += kStep;
  down.point.at[coordinate] -= kStep;
  return (Predict(up, at.compute, at.prompt, at.limit) - Predict(down, at.compute, at.prompt, at.limit)) / (2 * kStep);
}

// The regression of the residuals on the derivatives and a term, row by row, and the statistic of the term with the
// variance of AddedTerms, from matrices of all rows.
struct Regression {
  double estimate;
  double statistic;
  double degrees_of_freedom;
};

inline Regression Regress(const Case& a, const std::vector<double>& term) {
  const auto rows = static_cast<Eigen::Index>(a.observations.size());
  Eigen::MatrixXd jacobian(rows, 4);
  Eigen::VectorXd z(rows);
  Eigen::VectorXd residual(rows);
  for (std::size_t k = 0; k < term.size(); ++k) {
    for (std::size_t row = a.observations.row_begin[k]; row < a.observations.row_begin[k + 1]; ++row) {
      const auto i = static_cast<Eigen::Index>(row);
      for (int c = 0; c < 4; ++c) jacobian(i, c) = Derivative(a.fit.law, a.observations.covariates[k], c);
      z(i) = term[k];
      residual(i) = a.observations.score[row] - a.expected[k];
    }
  }
  const Eigen::MatrixXd hat = jacobian * (jacobian.transpose() * jacobian).inverse() * jacobian.transpose();
  const Eigen::VectorXd left = z - hat * z;
  const double estimate = left.dot(residual) / left.squaredNorm();
  std::map<int, double> part;
  std::map<int, double> share;
  for (Eigen::Index i = 0; i < rows; ++i) {
    part[a.observations.unit[i]] += left(i) * (residual(i) - estimate * left(i)) / (1 - hat(i, i));
    share[a.observations.unit[i]] += left(i) * left(i) / left.squaredNorm();
  }
  double variance = 0;
  double squared_shares = 0;
  for (const auto& [unit, sum] : part) {
    variance += std::pow(sum / (1 - share[unit]), 2);
    squared_shares += share[unit] * share[unit];
  }
  return {estimate, estimate * left.squaredNorm() / std::sqrt(variance), 1 / squared_shares - 1};
}

// Derivatives by central differences are good to about 1e-10 of themselves, and the regression multiplies that by the
// condition number of the normal equations, up to 1e3.
inline constexpr double kTolerance = 1e-6;

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_KERNELS_STATISTICS_MISFIT_ADDED_TERM_REGRESSION_H_
