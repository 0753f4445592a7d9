#ifndef CTXFIT_KERNELS_LAW_FITTED_LAW_H_
#define CTXFIT_KERNELS_LAW_FITTED_LAW_H_

#include "kernels/law/coordinate.h"
#include "kernels/law/penalty.h"

namespace ctxfit {

// The scales at which the law's coefficients are expressed.
struct References {
  double compute_flops;  // C^c, > 0
  double prompt_tokens;  // n^c, > 0
};

// A law ready to predict: the coordinates of `point` are expressed at the scales of `references` and `penalty`.
struct Law {
  Point point;
  References references;
  Penalty penalty;
};

// The expected score of a law, in [floor, ceiling]. All numbers are finite and > 0.
double Predict(const Law& law, double compute_flops, double prompt_tokens, double limit_tokens);

// A law's form at fixed values of its three variables, to be evaluated at many points: whatever does not depend on the
// coordinates is computed once.
class LawAt {
 public:
  LawAt(const Law& law, double compute_flops, double prompt_tokens, double limit_tokens);

  // The expected score at the coordinates of `point`.
  double operator()(const Point& point) const;

 private:
  const double log_compute_;
  const double log_prompt_;
  const Excess excess_;
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_LAW_FITTED_LAW_H_
