#include "kernels/fit/prediction_source.h"

#include <algorithm>

#include "kernels/fit/task_fit.h"
#include "kernels/law/parameters.h"
#include "kernels/law/penalty.h"

namespace ctxfit {
namespace {

// The penalty at `law.point`. A law without one has the default scales.
Penalty PenaltyAtOptimum(const Law& law) {
  if (law.penalty.form == Penalty::Form::kNone) return {.form = Penalty::Form::kNone};
  const auto parameter = [&law](Coordinate coordinate) {
    return ToParameter(coordinate, law.point.at[coordinate], law.penalty);
  };
  return {law.penalty.form, parameter(kLogPenaltyWidth), parameter(kLogPenaltyOnset), law.penalty.lag};
}

// The point of the same parameters in the scales of another penalty.
Point Rescale(const Point& point, const Penalty& from, const Penalty& to) {
  Point rescaled{};
  const int count = to.form == Penalty::Form::kNone ? kFactorCoordinateCount : kFloor;
  const auto convert = [&](int i) {
    const auto coordinate = static_cast<Coordinate>(i);
    rescaled.at[i] = ToCoordinate(coordinate, ToParameter(coordinate, point.at[i], from), to);
  };
  for (int i = 0; i < count; ++i) convert(i);
  for (int i = kFloor; i < kCoordinateCount; ++i) convert(i);
  return rescaled;
}

}  // namespace

PredictionSource PredictionSourceOf(const TaskFit& fit) {
  const Penalty penalty = PenaltyAtOptimum(fit.law);
  PredictionSource source;
  source.law = {Rescale(fit.law.point, fit.law.penalty, penalty), fit.law.references, penalty};
  source.replicates.reserve(fit.replicates.points.size());
  for (const Point& replicate : fit.replicates.points) {
    source.replicates.push_back(Rescale(replicate, fit.law.penalty, penalty));
  }
  std::copy_n(fit.diagnostics.identified, kCoordinateCount, source.identified);
  source.converged = fit.refinement.converged;
  source.no_interval_reason = fit.bootstrap.no_interval_reason;
  source.misfit = fit.diagnostics.misfit;
  source.observed = fit.observed;
  source.variance = fit.goodness.variance;
  source.units = fit.bootstrap.units;
  source.determining_units = fit.bootstrap.determining_units;
  source.influence = fit.influence;
  source.fits_exponent = IsFitted(fit.diagnostics, kContextExponent);
  source.fits_penalty = IsPenaltyFitted(fit.diagnostics);
  if (fit.drift) source.drift_p_value = fit.drift->p_value;
  return source;
}

}  // namespace ctxfit
