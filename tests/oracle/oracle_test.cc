// Simulated sets against what SciPy finds on them; scipy_fits.py made the results beside this file.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "kernels/data/cells.h"
#include "kernels/data/split_tasks.h"
#include "kernels/fit/fit.h"
#include "kernels/fit/options.h"
#include "kernels/law/fitted_law.h"
#include "kernels/law/parameters.h"
#include "kernels/law/penalty.h"
#include "kernels/objective/linearization.h"
#include "tests/oracle/data_sets.h"

namespace ctxfit {
namespace {

// SciPy's result on a set.
struct ScipyFit {
  Point point;
  double cost;
  std::optional<Point> standard_errors;  // where the set determines all four
};

Point ToPoint(const nlohmann::json& numbers) {
  Point point{};
  for (int i = 0; i < kFactorCoordinateCount; ++i) point.at[i] = numbers.at(i);
  return point;
}

ScipyFit ReadScipyFit(int index, const std::string& name) {
  std::ifstream file(CTXFIT_SCIPY_FITS);
  const nlohmann::json fit = nlohmann::json::parse(file).at("fits").at(index);
  EXPECT_EQ(fit.at("name"), name);
  ScipyFit result{ToPoint(fit.at("point")), fit.at("cost"), {}};
  if (!fit.at("standard_errors").is_null()) result.standard_errors = ToPoint(fit.at("standard_errors"));
  return result;
}

// The law behind a set at other references: A (C^c' / C^c)^alpha, and B likewise.
Point Truth(const DataSet& set, const References& references) {
  return {{std::log(set.compute_coefficient) +
               set.compute_exponent * std::log(references.compute_flops / set.compute_reference),
           set.compute_exponent,
           std::log(set.context_coefficient) +
               set.context_exponent * std::log(references.prompt_tokens / set.prompt_reference),
           set.context_exponent}};
}

TaskFit Fit(const std::vector<Observations>& tasks, std::uint64_t seed = 0) {
  FitOptions options;
  options.seed = seed;
  options.bootstrap.replicates = 0;
  return FitTasks(*MakeCpuBackend(), tasks, options, StopSignal(), [](const FitProgress&) {}).value().at(0);
}

class OracleTest : public testing::TestWithParam<int> {
 protected:
  OracleTest()
      : set_(MakeDataSet(GetParam())),
        scipy_(ReadScipyFit(GetParam(), set_.name)),
        tasks_(ValidateAndSplit(set_.table).value()) {}

  const DataSet set_;
  const ScipyFit scipy_;
  const std::vector<Observations> tasks_;
};

// Both sides see the same data and mean the same cost. Each adds at most 20,000 terms, all positive, whose residuals
// carry a few units of rounding: 1e-11 is far above that, and far below what one other score would change.
TEST_P(OracleTest, CostsWhatScipySaysAtScipysOptimum) {
  const References references = ChooseReferences(tasks_[0], {});
  const Cells cells = Collapse(tasks_[0], references, kStepPenalty, Units::kMerge);
  EXPECT_NEAR(WeightedCost(cells, scipy_.point) / scipy_.cost, 1, 1e-11);
}

TEST_P(OracleTest, EndsNoHigherThanScipyWhateverTheSeed) {
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const TaskFit fit = Fit(tasks_, seed);
    EXPECT_TRUE(fit.refinement.converged) << "seed " << seed << ": " << fit.refinement.termination_message;
    EXPECT_LE(fit.refinement.final_cost, scipy_.cost * (1 + 1e-9)) << "seed " << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(Simulated, OracleTest, testing::Range(0, kDataSetCount));

// Returns true if the set behind a result determines its law: the estimate's own bias, of the order of the squared
// error, stays small beside the error while that is below 0.2.
bool DeterminesLaw(const ScipyFit& scipy) {
  return scipy.standard_errors && std::ranges::all_of(scipy.standard_errors->at, [](double e) { return e < 0.2; });
}

// The sandwich standard errors are those of SciPy's optimum. None of 200 normal deviates is beyond 5 but with a
// probability of 1e-4.
TEST(RecoveryTest, TheLawBehindTheDataIsWithinFiveStandardErrors) {
  int determined = 0;
  for (int index = 0; index < kDataSetCount; ++index) {
    const DataSet set = MakeDataSet(index);
    SCOPED_TRACE(set.name);
    const ScipyFit scipy = ReadScipyFit(index, set.name);
    if (!DeterminesLaw(scipy)) continue;
    ++determined;
    const TaskFit fit = Fit(ValidateAndSplit(set.table).value());
    const Point truth = Truth(set, fit.law.references);
    for (int i = 0; i < kFactorCoordinateCount; ++i) {
      EXPECT_NEAR(fit.law.point.at[i], truth.at[i], 5 * scipy.standard_errors->at[i])
          << ParameterName(static_cast<Coordinate>(i));
    }
  }
  EXPECT_GE(determined, kDataSetCount / 2);
}

}  // namespace
}  // namespace ctxfit
