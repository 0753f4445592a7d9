#include "kernels/predict/band_tails.h"

#include <gtest/gtest.h>

#include <cmath>

#include "kernels/law/coordinate.h"
#include "kernels/predict/predictions.h"
#include "kernels/statistics/intervals/effective_units.h"

namespace ctxfit {
namespace {

constexpr double kConfidence = 0.95;

// A fit of 60 units whose 101 replicates differ in ln A and in the onset, evenly and independently of one another. The
// onset lies at a limit of 4,096 tokens and is 10 % of that wide.
PredictionSource SomeSource() {
  PredictionSource source;
  source.law = {{{std::log(0.9), 0.4, std::log(1.1), 0.6}}, {1e22, 1000}, {Penalty::Form::kRatio, 0.1, 1}};
  for (int b = 0; b <= 100; ++b) {
    Point point = source.law.point;
    point.at[kLogComputeCoefficient] += 0.002 * (b - 50);
    point.at[kLogPenaltyOnset] += 0.002 * (b * 37 % 101 - 50);
    source.replicates.push_back(point);
  }
  for (bool& identified : source.identified) identified = true;
  source.units = {60, 5};
  return source;
}

// The tail at a prompt length, with the spread that the replicates have there.
IntervalTail TailAt(const PredictionSource& source, double prompt) {
  const LawAt score(source.law, 3e22, prompt, 4096);
  Spread spread{};
  for (const Point& replicate : source.replicates) spread.mean += score(replicate) / 101;
  for (const Point& replicate : source.replicates) spread.squares += std::pow(score(replicate) - spread.mean, 2);
  return BandTails(source, kConfidence).At(3e22, prompt, 4096, spread).tail;
}

void ExpectTail(const IntervalTail& tail, const EffectiveUnits& units) {
  const IntervalTail expected = ExpandedTail(kConfidence, units, 101);
  EXPECT_EQ(tail.probability, expected.probability);
  EXPECT_EQ(tail.stretch, expected.stretch);
}

TEST(BandTailsTest, TailsAreThoseOfTheFitWhereAllItsUnitsDetermineWhatMovesTheScore) {
  for (const double prompt : {200.0, 4096.0}) ExpectTail(TailAt(SomeSource(), prompt), {60, 5});
}

TEST(BandTailsTest, ACoordinateOfFewUnitsWidensBandsWhereItMovesTheScoreAndNowhereElse) {
  PredictionSource source = SomeSource();
  source.determining_units[kLogPenaltyOnset] = 3;
  ExpectTail(TailAt(source, 200), {60, 5});
  ExpectTail(TailAt(source, 4096), {3, 1});
}

TEST(BandTailsTest, TheWeakestOfTheCoordinatesThatMoveTheScoreDecides) {
  PredictionSource source = SomeSource();
  source.determining_units[kLogComputeCoefficient] = 6;
  source.determining_units[kLogPenaltyOnset] = 3;
  ExpectTail(TailAt(source, 200), {6, 1});
  ExpectTail(TailAt(source, 4096), {3, 1});
}

TEST(BandTailsTest, AsManyDeterminingUnitsAsTheFitHasChangeNothing) {
  PredictionSource source = SomeSource();
  source.determining_units.fill(60);
  ExpectTail(TailAt(source, 4096), {60, 5});
}

}  // namespace
}  // namespace ctxfit
