#include "kernels/predict/band_tails.h"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "kernels/law/coordinate.h"
#include "kernels/predict/predictions.h"
#include "kernels/statistics/intervals/intervals.h"

namespace ctxfit {
namespace {

BandTail MakeTail(const PredictionSource& source, double confidence, const EffectiveUnits& units) {
  constexpr double kHeight = 2;
  const std::size_t replicates = source.replicates.size();
  const IntervalTail tail = ExpandedTail(confidence, units, replicates);
  return {ExpandedHeight(kHeight, units) / ExpandedHeight(kHeight, source.units), tail,
          TailInterval(replicates, {tail.probability, 1 - tail.probability}, tail.stretch)};
}

}  // namespace

BandTails::BandTails(const PredictionSource& source, double confidence)
    : source_(source), of_fit_(MakeTail(source, confidence, source.units)) {
  if (source.replicates.size() < 2) return;
  for (int i = 0; i < kCoordinateCount; ++i) {
    const std::optional<EffectiveUnits> units = WeakerUnits(source.units, source.determining_units[i]);
    if (!units) continue;
    weak_.push_back({i, DeviationOf(source.replicates, i), MakeTail(source, confidence, *units)});
  }
  std::sort(weak_.begin(), weak_.end(),
            [](const WeakCoordinate& a, const WeakCoordinate& b) { return a.tail.widening > b.tail.widening; });
}

const BandTail& BandTails::At(double compute_flops, double prompt_tokens, double limit_tokens,
                              const Spread& spread) const {
  if (weak_.empty()) return of_fit_;
  const LawAt score(source_.law, compute_flops, prompt_tokens, limit_tokens);
  for (const WeakCoordinate& weak : weak_) {
    if (Dominates(weak, score, spread)) return weak.tail;
  }
  return of_fit_;
}

bool BandTails::Dominates(const WeakCoordinate& weak, const LawAt& score, const Spread& spread) const {
  Point above = source_.law.point;
  Point below = source_.law.point;
  above.at[weak.coordinate] += weak.deviation / 2;
  below.at[weak.coordinate] -= weak.deviation / 2;
  const double moved = score(above) - score(below);
  return 4 * moved * moved * static_cast<double>(source_.replicates.size()) > spread.squares;
}

}  // namespace ctxfit
