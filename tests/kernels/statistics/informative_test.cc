#include "kernels/statistics/informative.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"
#include "kernels/law/fitted_law.h"

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
    EXPECT_THAT(FindBetweenAsymptotes(expected, LawBetweenAsymptotes(), domain),
                ElementsAre(false, true, true, false, false));
  }
}

TEST(BetweenAsymptotesTest, LowScoresAreComparedWithTheHighestExpectedOne) {
  EXPECT_THAT(FindBetweenAsymptotes({0.200001, 0.2001}, LawBetweenAsymptotes(), Fitted({kLogComputeCoefficient})),
              ElementsAre(true, true));
}

TEST(BetweenAsymptotesTest, EveryRowTellsAsymptotesThatAreFittedAlone) {
  EXPECT_THAT(FindBetweenAsymptotes({0.2, 0.7}, LawBetweenAsymptotes(), Fitted({kFloor, kHeadroom})), Each(true));
}

}  // namespace
}  // namespace ctxfit
