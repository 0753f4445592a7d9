#include "kernels/statistics/errors/determining_units.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "kernels/data/cells.h"
#include "kernels/data/compute_levels.h"
#include "kernels/law/domain.h"
#include "kernels/law/law.h"
#include "kernels/law/law_options.h"
#include "kernels/objective/linearization.h"

namespace ctxfit {
namespace {

const References kReferences = {5e22, 1500};
constexpr double kLimit = 8192;

// Ten units of one row each at the given prompt lengths, computes in turn.
Cells CellsAt(const std::vector<double>& prompts, const LawOptions& options) {
  Observations observations;
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    observations.covariates.push_back({i % 2 == 0 ? 1e22 : 1e24, prompts[i], kLimit});
    observations.row_begin.push_back(i);
    observations.score.push_back(0.5);
    observations.unit.push_back(static_cast<std::int32_t>(i));
  }
  observations.row_begin.push_back(prompts.size());
  observations.levels = FindComputeLevels(observations.covariates);
  observations.unit_count = static_cast<std::int32_t>(prompts.size());
  return Collapse(observations, kReferences, options.penalty, Units::kKeep, LawFormFor(MakeDomain(options)));
}

CoordinateUnits UnitsOf(const Cells& cells, const LawOptions& options, const Point& point) {
  return FindDeterminingUnits(cells, Linearize(cells, point, Curvature::kFisher), MakeDomain(options).free, point);
}

TEST(DeterminingUnitsTest, OneCoordinateIsDeterminedByTheSquaresOfItsGradient) {
  LawOptions options;
  options.penalty.form = Penalty::Form::kNone;
  options.parameters[kComputeExponent].fixed = 0.4;
  options.parameters[kLogContextCoefficient].fixed = 1;
  options.parameters[kContextExponent].fixed = 0.5;
  const Point point = {{std::log(0.9), 0.4, 0, 0.5}};
  const Cells cells = CellsAt({100, 300, 1000, 3000}, options);
  double sum = 0;
  double squares = 0;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const double f = ComputeFactorWithSlope(point, cells.log_compute[cells.compute[i]]).slope;
    const double g = ContextFactor(point, cells.log_prompt[i]);
    sum += f * g * f * g;
    squares += std::pow(f * g, 4);
  }
  const CoordinateUnits units = UnitsOf(cells, options, point);
  // A few roundings.
  EXPECT_NEAR(units[kLogComputeCoefficient], sum * sum / squares, 1e-12);
  EXPECT_EQ(units[kComputeExponent], 0);
}

TEST(DeterminingUnitsTest, FewUnitsNearTheLimitDetermineTheOnset) {
  LawOptions options;
  options.penalty = {Penalty::Form::kRatio, 0.02, 1};
  options.fit_penalty_onset = true;
  const Point point = {{std::log(0.9), 0.4, std::log(1.1), 0.5}};
  std::vector<double> prompts;
  for (int i = 0; i < 30; ++i) prompts.push_back(100 * std::pow(1.1, i));
  prompts.insert(prompts.end(), {8000, 8400});
  const CoordinateUnits units = UnitsOf(CellsAt(prompts, options), options, point);
  EXPECT_LT(units[kLogPenaltyOnset], 3);
  EXPECT_GT(units[kLogPenaltyOnset], 1);
  EXPECT_GT(units[kContextExponent], 2 * units[kLogPenaltyOnset]);
}

TEST(DeterminingUnitsTest, SingularEquationsDetermineNothing) {
  LawOptions options;
  options.penalty.form = Penalty::Form::kNone;
  const Point point = {{std::log(0.9), 0.4, std::log(1.1), 0.5}};
  const CoordinateUnits units = UnitsOf(CellsAt({100, 100}, options), options, point);
  for (const double count : units) EXPECT_EQ(count, 0);
}

}  // namespace
}  // namespace ctxfit
