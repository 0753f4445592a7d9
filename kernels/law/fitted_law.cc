#include "kernels/law/fitted_law.h"

#include <cmath>

#include "kernels/law/law.h"
#include "kernels/law/penalty_at.h"

namespace ctxfit {

LawAt::LawAt(const Law& law, double compute_flops, double prompt_tokens, double limit_tokens)
    : log_compute_(std::log(compute_flops / law.references.compute_flops)),
      log_prompt_(std::log(prompt_tokens / law.references.prompt_tokens)),
      excess_(MakeExcess(law.penalty, prompt_tokens, limit_tokens)) {}

double LawAt::operator()(const Point& point) const {
  return Score(ComputeFactor(point, log_compute_), ContextFactor(point, log_prompt_), PenaltyFactor(excess_, point),
               point.at[kFloor], SpanOf(point));
}

double Predict(const Law& law, double compute_flops, double prompt_tokens, double limit_tokens) {
  return LawAt(law, compute_flops, prompt_tokens, limit_tokens)(law.point);
}

}  // namespace ctxfit
