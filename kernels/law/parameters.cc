#include "kernels/law/parameters.h"

#include <cmath>

namespace ctxfit {

absl::string_view ParameterName(Coordinate coordinate, Penalty::Form form) {
  if (coordinate == kLogPenaltyWidth && form == Penalty::Form::kRatio) return "penalty_width_ratio";
  constexpr absl::string_view kNames[] = {"compute_coefficient",
                                          "compute_exponent",
                                          "context_coefficient",
                                          "context_exponent",
                                          "penalty_width_tokens",
                                          "penalty_onset_ratio",
                                          "floor",
                                          "ceiling"};
  return kNames[coordinate];
}

bool IsLogarithm(Coordinate coordinate) {
  return coordinate == kLogComputeCoefficient || coordinate == kLogContextCoefficient ||
         coordinate == kLogPenaltyWidth || coordinate == kLogPenaltyOnset;
}

double ToCoordinate(Coordinate coordinate, double parameter, const Penalty& scale) {
  switch (coordinate) {
    case kLogComputeCoefficient:
    case kLogContextCoefficient:
      return std::log(parameter);
    case kLogPenaltyWidth:
      return std::log(parameter / scale.width);
    case kLogPenaltyOnset:
      return std::log(parameter / scale.onset_ratio);
    case kHeadroom:
      return 1 - parameter;
    default:
      return parameter;
  }
}

double ToParameter(Coordinate coordinate, double value, const Penalty& scale) {
  switch (coordinate) {
    case kLogComputeCoefficient:
    case kLogContextCoefficient:
      return std::exp(value);
    case kLogPenaltyWidth:
      return scale.width * std::exp(value);
    case kLogPenaltyOnset:
      return scale.onset_ratio * std::exp(value);
    case kHeadroom:
      return 1 - value;
    default:
      return value;
  }
}

}  // namespace ctxfit
