#include "server/default_options.h"

#include <string>

#include "kernels/fit/ablation.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/options.h"
#include "kernels/law/parameters.h"
#include "kernels/law/penalty.h"
#include "kernels/law/range.h"
#include "server/wire/options_conversion.h"

namespace ctxfit {

v1::FitOptions DefaultFitOptions() {
  const FitOptions defaults;
  v1::FitOptions converted = ToProto(defaults, v1::BACKEND_AUTO);
  converted.set_huber_threshold(defaults.loss.threshold);
  return converted;
}

std::vector<v1::Bound> DefaultBounds() {
  std::vector<v1::Bound> bounds;
  const auto add = [&bounds](Coordinate coordinate, Penalty::Form form) {
    const Range range = DefaultBounds(coordinate, form);
    v1::Bound& bound = bounds.emplace_back();
    bound.set_name(std::string(ParameterName(coordinate, form)));
    bound.set_lower(range.lower);
    bound.set_upper(range.upper);
  };
  for (int i = 0; i < kFloor; ++i) {
    add(static_cast<Coordinate>(i), Penalty::Form::kTokens);
    if (i == kLogPenaltyWidth) add(kLogPenaltyWidth, Penalty::Form::kRatio);
  }
  return bounds;
}

int DefaultFolds() { return kDefaultFolds; }

}  // namespace ctxfit
