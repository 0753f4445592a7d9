#include "kernels/search/starts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>
#include <vector>

#include "kernels/data/cells.h"
#include "kernels/law/domain.h"
#include "kernels/law/law_options.h"
#include "kernels/law/penalty.h"
#include "tests/kernels/simulated_data.h"

namespace ctxfit {
namespace {

constexpr Point kBest = {{-0.5, 0.3, 0.4, 1.2, 0.1, 0.2, 0.03, 0.05}};

LawOptions WithPenaltyFitted() {
  LawOptions options;
  options.penalty = {Penalty::Form::kRatio, 0.1, 1};
  options.fit_penalty_width = true;
  options.fit_penalty_onset = true;
  return options;
}

Cells CellsFor(const LawOptions& options) {
  const Observations observations = OnlyTask(Simulate(Simulation()));
  return Collapse(observations, ChooseReferences(observations, {}), options.penalty, Units::kMerge,
                  LawFormFor(MakeDomain(options)));
}

bool IsWithin(const Domain& domain, const Point& point, int first, int last) {
  for (int i = first; i <= last; ++i) {
    if (!(point.at[i] >= domain.lower.at[i] && point.at[i] <= domain.upper.at[i])) return false;
  }
  return true;
}

std::set<int> ShapesOf(const std::vector<StartCandidate>& candidates) {
  std::set<int> shapes;
  for (const StartCandidate& candidate : candidates) shapes.insert(candidate.shape);
  return shapes;
}

TEST(FlatStartsTest, StartsLieOnTheFacesOfFlatFactors) {
  const Domain domain = MakeDomain({});
  const std::vector<Point> starts = FlatStarts(domain, kBest);
  EXPECT_EQ(starts.size(), 8u);
  for (const Point& start : starts) {
    const bool is_compute_flat =
        start.at[kComputeExponent] == 0 || start.at[kLogComputeCoefficient] == domain.upper.at[kLogComputeCoefficient];
    const bool is_context_flat =
        start.at[kContextExponent] == 0 || start.at[kLogContextCoefficient] == domain.upper.at[kLogContextCoefficient];
    EXPECT_NE(is_compute_flat, is_context_flat);
  }
}

TEST(FactorCandidatesTest, CandidatesLieInTheDomainAndKeepTheOtherCoordinates) {
  const Domain domain = MakeDomain({});
  const std::vector<StartCandidate> candidates = FactorCandidates(CellsFor({}), domain, kBest);
  EXPECT_EQ(ShapesOf(candidates).size(), 36u);
  for (const StartCandidate& candidate : candidates) {
    EXPECT_TRUE(IsWithin(domain, candidate.point, kLogComputeCoefficient, kContextExponent));
    EXPECT_TRUE(std::equal(kBest.at + kFactorCoordinateCount, kBest.at + kCoordinateCount,
                           candidate.point.at + kFactorCoordinateCount));
  }
}

// Every pair of faces has a candidate, among them those where both factors are at the upper bounds of their exponents.
TEST(FactorCandidatesTest, CandidatesLieOnEveryPairOfFaces) {
  const Domain domain = MakeDomain({});
  const std::vector<StartCandidate> candidates = FactorCandidates(CellsFor({}), domain, kBest);
  const auto has = [&](Coordinate a, double at_a, Coordinate b, double at_b) {
    return std::any_of(candidates.begin(), candidates.end(), [&](const StartCandidate& candidate) {
      return candidate.point.at[a] == at_a && candidate.point.at[b] == at_b;
    });
  };
  for (const double compute : {domain.lower.at[kComputeExponent], domain.upper.at[kComputeExponent]}) {
    for (const double context : {domain.lower.at[kContextExponent], domain.upper.at[kContextExponent]}) {
      EXPECT_TRUE(has(kComputeExponent, compute, kContextExponent, context)) << compute << " " << context;
    }
    EXPECT_TRUE(has(kComputeExponent, compute, kLogContextCoefficient, domain.upper.at[kLogContextCoefficient]));
  }
}

// Steps lie where the data are: the rate is 1 between the lowest and the highest compute, whatever the bounds.
TEST(FactorCandidatesTest, StepsLieWithinTheData) {
  LawOptions options;
  options.parameters[kLogComputeCoefficient].bounds = {0.05, 20};
  const Domain domain = MakeDomain(options);
  const Cells cells = CellsFor({});
  int steps = 0;
  for (const StartCandidate& candidate : FactorCandidates(cells, domain, kBest)) {
    const double exponent = candidate.point.at[kComputeExponent];
    if (exponent < 2) continue;
    const double place = -candidate.point.at[kLogComputeCoefficient] / exponent;
    EXPECT_TRUE(cells.log_compute.front() < place && place < cells.log_compute.back()) << place;
    ++steps;
  }
  EXPECT_GT(steps, 0);
}

TEST(FactorCandidatesTest, AFixedFactorStaysAsItIs) {
  LawOptions options;
  options.context_factor = false;
  const Domain domain = MakeDomain(options);
  const std::vector<StartCandidate> candidates = FactorCandidates(CellsFor({}), domain, domain.lower);
  EXPECT_EQ(candidates.size(), 37u);
  for (const StartCandidate& candidate : candidates) EXPECT_TRUE(IsWithin(domain, candidate.point, 0, 3));

  for (ParameterOptions& parameter : options.parameters) parameter.fixed = 0.5;
  EXPECT_TRUE(FactorCandidates(CellsFor({}), MakeDomain(options), kBest).empty());
}

TEST(AsymptoteCornersTest, CornersAreAllCombinationsOfBoundsWhereBothAsymptotesAreFitted) {
  LawOptions options;
  options.parameters[kFloor].fixed.reset();
  EXPECT_TRUE(AsymptoteCorners(MakeDomain(WithAsymptoteBounds(options, 0.4)), kBest).empty());
  options.parameters[kHeadroom].fixed.reset();
  const std::vector<Point> corners = AsymptoteCorners(MakeDomain(WithAsymptoteBounds(options, 0.4)), kBest);
  std::set<std::pair<double, double>> asymptotes;
  for (const Point& corner : corners) {
    EXPECT_TRUE(std::equal(kBest.at, kBest.at + kFloor, corner.at));
    asymptotes.emplace(corner.at[kFloor], corner.at[kHeadroom]);
  }
  EXPECT_EQ(asymptotes, (std::set<std::pair<double, double>>{{0, 0}, {0, 0.6}, {0.4, 0}, {0.4, 0.6}}));
}

TEST(PenaltyCandidatesTest, CandidatesSpanWidthsAndOnsets) {
  const LawOptions options = WithPenaltyFitted();
  const Domain domain = MakeDomain(options);
  const std::vector<StartCandidate> candidates = PenaltyCandidates(CellsFor(options), domain, kBest);
  EXPECT_EQ(ShapesOf(candidates).size(), 32u);
  std::set<double> widths;
  for (const StartCandidate& candidate : candidates) {
    EXPECT_TRUE(IsWithin(domain, candidate.point, kLogPenaltyWidth, kLogPenaltyOnset));
    EXPECT_TRUE(std::equal(kBest.at, kBest.at + kFactorCoordinateCount, candidate.point.at));
    widths.insert(candidate.point.at[kLogPenaltyWidth]);
  }
  EXPECT_EQ(*widths.begin(), domain.lower.at[kLogPenaltyWidth]);
  EXPECT_EQ(*widths.rbegin(), domain.upper.at[kLogPenaltyWidth]);
}

TEST(PenaltyCandidatesTest, CandidatesKeepFixedCoordinates) {
  LawOptions options = WithPenaltyFitted();
  options.fit_penalty_onset = false;
  const Point best = MakeDomain(options).lower;
  const std::vector<StartCandidate> candidates = PenaltyCandidates(CellsFor(options), MakeDomain(options), best);
  EXPECT_EQ(candidates.size(), 8u);
  for (const StartCandidate& candidate : candidates) EXPECT_EQ(candidate.point.at[kLogPenaltyOnset], 0);
  EXPECT_TRUE(PenaltyCandidates(CellsFor({}), MakeDomain({}), kBest).empty());
}

TEST(BestOfEachShapeTest, PicksTheLowestCostOfEachShape) {
  const std::vector<StartCandidate> candidates = {{{{1}}, 0}, {{{2}}, 1}, {{{3}}, 0}, {{{4}}, 1}, {{{5}}, 2}};
  const std::vector<Point> best = BestOfEachShape(candidates, {5, 3, 4, 3, INFINITY});
  ASSERT_EQ(best.size(), 3u);
  EXPECT_EQ(best[0].at[0], 2);  // the first of equal costs
  EXPECT_EQ(best[1].at[0], 3);
  EXPECT_EQ(best[2].at[0], 5);
}

}  // namespace
}  // namespace ctxfit
