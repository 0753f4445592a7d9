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

// A law with all it needs to predict: the coordinates of `point` are told at the scales of the other two.
struct Law {
  Point point;
  References references;
  Penalty penalty;
};

// The expected score of a law. All arguments finite and > 0.
double Predict(const Law& law, double compute_flops, double prompt_tokens, double limit_tokens);

// The law at one point of its three variables for any coordinates, with what does not depend on them done once.
class LawAt {
 public:
  LawAt(const Law& law, double compute_flops, double prompt_tokens, double limit_tokens);

  // The expected score.
  double operator()(const Point& point) const;

 private:
  const double log_compute_;
  const double log_prompt_;
  const Excess excess_;
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_LAW_FITTED_LAW_H_
