#ifndef CTXFIT_KERNELS_STATISTICS_WARNINGS_H_
#define CTXFIT_KERNELS_STATISTICS_WARNINGS_H_

#include <string>
#include <vector>

#include "kernels/law/loss_rule.h"

namespace ctxfit {

struct Diagnostics;
struct EffectiveUnits;
struct Goodness;
struct Law;
struct Misfit;
struct Observations;
struct Refinement;

// A finished point estimate, as far as the warnings depend on it.
struct PointEstimate {
  const Observations& observations;
  const int compute_count;  // distinct computes that tell the exponent, of which those within 1 % count as one
  const std::string& no_spread_reason;  // "" if units show the spread of the parameters
  const Loss loss;
  const Law& law;
  const int informative_unit_count;  // InformativeUnits::count of the first key
  const EffectiveUnits& units;       // with all parameters that are fitted
  const Misfit& misfit;
  const Goodness& goodness;
  const Diagnostics& diagnostics;
  const Refinement& refinement;
};

// Warnings against trusting an estimate too far, in plain words that say what to do.
struct Warnings {
  std::vector<std::string> texts;
  std::string misfit;  // the first of `texts` that says that the law does not fit (DescribeMisfit()); "" if none does
};

Warnings FindWarnings(const PointEstimate& estimate);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_WARNINGS_H_
