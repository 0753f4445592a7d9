#include "kernels/law/penalty.h"

#include <cmath>

#include "kernels/law/coordinate.h"
#include "kernels/law/penalty_at.h"

namespace ctxfit {
namespace {

// An excess at which the penalty is 1 in double precision for every width.
constexpr double kFarWithin = -1e6;

}  // namespace

Excess MakeExcess(const Penalty& penalty, double prompt_tokens, double limit_tokens) {
  switch (penalty.form) {
    case Penalty::Form::kTokens:
      return {prompt_tokens / penalty.width, (penalty.onset_ratio * limit_tokens + penalty.lag) / penalty.width};
    case Penalty::Form::kRatio:
      return {prompt_tokens / limit_tokens / penalty.width, penalty.onset_ratio / penalty.width};
    case Penalty::Form::kNone:
      break;
  }
  return {kFarWithin, 0};
}

PenaltyAt::PenaltyAt(const Point& point)
    : onset_ratio_(std::exp(point.at[kLogPenaltyOnset])), inverse_width_(std::exp(-point.at[kLogPenaltyWidth])) {}

double PenaltyFactor(const Excess& excess, const Point& point) { return PenaltyAt(point)(excess); }

double PenaltyFactor(const Penalty& penalty, double prompt_tokens, double limit_tokens) {
  return PenaltyFactor(MakeExcess(penalty, prompt_tokens, limit_tokens), Point{});
}

}  // namespace ctxfit
