#include "kernels/statistics/errors/few_units.h"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <string>
#include <vector>

#include "kernels/data/cells.h"
#include "kernels/data/split_tasks.h"
#include "kernels/law/domain.h"
#include "kernels/law/law_options.h"
#include "kernels/objective/linearization.h"
#include "kernels/statistics/errors/variance_components.h"
#include "tests/kernels/simulated_data.h"

namespace ctxfit {
namespace {

const Point kPoint = Simulation().law.point;
constexpr int kFitted = 4;
constexpr double kGradient[kCoordinateCount] = {0.3, -0.2, 0.5, 0.1};

Cells CellsOf(const ObservationTable& table) {
  return Collapse(ValidateAndSplit(table).value().at(0), Simulation().law.references, kStepPenalty, Units::kKeep);
}

bool IsFree(int coordinate) { return MakeDomain({}).free[coordinate]; }

FewUnits UnitsOf(const Cells& cells, const VarianceComponents& variance) {
  return {cells, MakeDomain({}).free, kPoint, variance};
}

// M of few_units.h as the product of the residual maker with the covariance of the errors.
Eigen::MatrixXd WrittenDown(const Cells& cells, double effect_share) {
  const auto rows = static_cast<Eigen::Index>(cells.size());
  Eigen::MatrixXd jacobian(rows, kFitted);
  VisitWeightedResiduals(cells, kPoint, [&](std::int32_t cell, double, const double* row) {
    for (int i = 0; i < kFitted; ++i) jacobian(cell, i) = row[i];
  });
  const Eigen::MatrixXd inverse = (jacobian.transpose() * jacobian).inverse();
  const Eigen::MatrixXd maker = Eigen::MatrixXd::Identity(rows, rows) - jacobian * inverse * jacobian.transpose();
  Eigen::MatrixXd covariance = (1 - effect_share) * Eigen::MatrixXd::Identity(rows, rows);
  const Eigen::VectorXd along = jacobian * inverse * Eigen::Map<const Eigen::VectorXd>(kGradient, kFitted);
  Eigen::MatrixXd parts = Eigen::MatrixXd::Zero(rows, cells.unit_count);
  for (Eigen::Index a = 0; a < rows; ++a) {
    parts(a, cells.unit[a]) = along(a);
    for (Eigen::Index b = 0; b < rows; ++b) {
      if (cells.unit[a] != cells.unit[b]) continue;
      covariance(a, b) += effect_share * std::sqrt(cells.weight[a] * cells.weight[b]);
    }
  }
  const Eigen::MatrixXd left = maker * parts;
  return left.transpose() * covariance * left;
}

double VarianceWrittenDown(const Cells& cells, double effect_share) {
  // Without the residual maker M sums to x' Q x.
  const auto rows = static_cast<Eigen::Index>(cells.size());
  Eigen::MatrixXd jacobian(rows, kFitted);
  VisitWeightedResiduals(cells, kPoint, [&](std::int32_t cell, double, const double* row) {
    for (int i = 0; i < kFitted; ++i) jacobian(cell, i) = row[i];
  });
  const Eigen::VectorXd along =
      jacobian * (jacobian.transpose() * jacobian).inverse() * Eigen::Map<const Eigen::VectorXd>(kGradient, kFitted);
  double variance = (1 - effect_share) * along.squaredNorm();
  for (int unit = 0; unit < cells.unit_count; ++unit) {
    double effect = 0;
    for (Eigen::Index a = 0; a < rows; ++a) effect += cells.unit[a] == unit ? std::sqrt(cells.weight[a]) * along(a) : 0;
    variance += effect_share * effect * effect;
  }
  return variance;
}

TEST(FewUnitsTest, ExpansionIsThatOfTheQuadraticFormWrittenDown) {
  Simulation simulation;
  simulation.clusters = 6;
  ObservationTable table = Simulate(simulation);
  for (std::size_t row = 0; row < table.score.size(); ++row) table.weight.push_back(1 + static_cast<double>(row % 5));
  const Cells cells = CellsOf(table);
  for (int i = 0; i < kCoordinateCount; ++i) ASSERT_EQ(IsFree(i), i < kFitted);
  for (const double effect_share : {0.0, 0.25, 1.0}) {
    const Expansion expansion = UnitsOf(cells, {effect_share, 1 - effect_share}).ExpansionFor(kGradient).value();
    const Eigen::MatrixXd form = WrittenDown(cells, effect_share);
    const double freedom = form.trace() * form.trace() / form.squaredNorm();
    // Both invert J' W J, whose condition number is some 1e4, in double precision.
    EXPECT_NEAR(expansion.freedom / freedom, 1, 1e-9) << effect_share;
    EXPECT_NEAR(expansion.inflation * form.trace() / VarianceWrittenDown(cells, effect_share), 1, 1e-9) << effect_share;
  }
}

// Each of them determines all parameters by itself: their estimates are independent, as numbers behind a mean are.
TEST(FewUnitsTest, UnitsOfEqualCovariatesLoseOneDegreeOfFreedomHoweverManyParametersAreFitted) {
  const ObservationTable one = Simulate({});
  ObservationTable table;
  constexpr int kUnits = 6;
  for (int unit = 0; unit < kUnits; ++unit) {
    for (std::size_t row = 0; row < one.score.size(); ++row) {
      table.training_compute_flops.push_back(one.training_compute_flops[row]);
      table.prompt_tokens.push_back(one.prompt_tokens[row]);
      table.context_limit_tokens.push_back(one.context_limit_tokens[row]);
      table.score.push_back(one.score[row]);
      table.cluster.push_back(std::to_string(unit));
    }
  }
  const FewUnits units = UnitsOf(CellsOf(table), {0.03, 0.05});
  for (const std::optional<Expansion>& expansion : {units.ExpansionFor(kGradient), units.ExpansionForScores()}) {
    ASSERT_TRUE(expansion.has_value());
    EXPECT_NEAR(expansion->freedom, kUnits - 1, 1e-6);
    EXPECT_NEAR(expansion->inflation, kUnits / (kUnits - 1.0), 1e-6);
  }
  EXPECT_NEAR(UnitsWithExpansion(kUnits, *units.ExpansionForScores()).fitted, 1, 1e-6);
}

TEST(FewUnitsTest, WhatDependsOnNoCoordinateHasNoExpansion) {
  Simulation simulation;
  simulation.clusters = 6;
  EXPECT_FALSE(UnitsOf(CellsOf(Simulate(simulation)), {}).ExpansionFor({}).has_value());
}

TEST(UnitsWithExpansionTest, HeightIsThatOfTheExpansionUpToTwoDegreesOfFreedom) {
  for (const double fitted : {0.5, 1.0, 2.5, 4.0}) {
    const Expansion expansion = {6 - fitted, 6 / (6 - fitted)};
    EXPECT_NEAR(UnitsWithExpansion(6, expansion).fitted, fitted, 1e-9);
  }
  EXPECT_EQ(UnitsWithExpansion(6, {1, 4}).fitted, 4);
}

}  // namespace
}  // namespace ctxfit
