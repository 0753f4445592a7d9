#include "kernels/statistics/identification/informative.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <vector>

#include "kernels/data/observations.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"
#include "kernels/law/fitted_law.h"
#include "kernels/law/loss_rule.h"

namespace ctxfit {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

// A law from 0.2 to 0.7.
Law LawBetweenAsymptotes() {
  Law law;
  law.point.at[kFloor] = 0.2;
  law.point.at[kHeadroom] = 0.3;
  return law;
}

Domain Fitted(const std::vector<Coordinate>& free_set) {
  Domain domain = {};
  for (const Coordinate coordinate : free_set) domain.free[coordinate] = true;
  return domain;
}

// Each expected score is that of one row, of that many evaluations.
std::vector<bool> BetweenAsymptotes(const std::vector<double>& expected, const Law& law, const Domain& domain,
                                    Loss loss = Loss::kSquared, double evaluations = 1) {
  Observations observations;
  for (std::size_t k = 0; k <= expected.size(); ++k) observations.row_begin.push_back(k);
  observations.weight.assign(expected.size(), evaluations);
  return FindBetweenAsymptotes(observations, expected, law, domain, loss);
}

TEST(InformativeTest, RowsAtAFixedFloorAreNotInformative) {
  const Domain domain = Fitted({kLogComputeCoefficient});
  EXPECT_THAT(FindInformative({0.2004, 0.201, 0.6999, 0.7}, LawBetweenAsymptotes(), domain),
              ElementsAre(false, true, true, true));
}

TEST(InformativeTest, EveryRowTellsAFittedFloor) {
  const Domain domain = Fitted({kLogComputeCoefficient, kFloor});
  EXPECT_THAT(FindInformative({0.2, 0.5}, LawBetweenAsymptotes(), domain), Each(true));
}

TEST(BetweenAsymptotesTest, RowsAtFloorAndCeilingTellNeitherFactorNorPenalty) {
  const std::vector<double> expected = {0.2004, 0.201, 0.69997, 0.69999, 0.7};
  for (const Domain& domain : {Fitted({kLogComputeCoefficient}), Fitted({kLogComputeCoefficient, kFloor, kHeadroom})}) {
    EXPECT_THAT(BetweenAsymptotes(expected, LawBetweenAsymptotes(), domain),
                ElementsAre(false, true, true, false, false));
  }
}

TEST(BetweenAsymptotesTest, LowScoresAreComparedWithTheHighestExpectedOne) {
  EXPECT_THAT(BetweenAsymptotes({0.200001, 0.2001}, LawBetweenAsymptotes(), Fitted({kLogComputeCoefficient})),
              ElementsAre(true, true));
}

TEST(BetweenAsymptotesTest, ManyEvaluationsTellADevianceNearTheAsymptotesToo) {
  const std::vector<double> expected = {0.2004, 0.5, 0.69999};
  const Domain domain = Fitted({kLogComputeCoefficient});
  const auto between = [&](Loss loss, double evaluations) {
    return BetweenAsymptotes(expected, LawBetweenAsymptotes(), domain, loss, evaluations);
  };
  EXPECT_THAT(between(Loss::kBernoulli, 1000), ElementsAre(false, true, false));
  EXPECT_THAT(between(Loss::kBernoulli, 10'000), ElementsAre(true, true, false));
  EXPECT_THAT(between(Loss::kBernoulli, 1e6), ElementsAre(true, true, true));
  EXPECT_THAT(between(Loss::kSquared, 1e6), ElementsAre(false, true, false));
}

TEST(BetweenAsymptotesTest, EveryRowTellsAsymptotesThatAreFittedAlone) {
  EXPECT_THAT(BetweenAsymptotes({0.2, 0.7}, LawBetweenAsymptotes(), Fitted({kFloor, kHeadroom})), Each(true));
}

}  // namespace
}  // namespace ctxfit
