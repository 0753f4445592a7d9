#ifndef CTXFIT_KERNELS_WARNINGS_H_
#define CTXFIT_KERNELS_WARNINGS_H_

#include <string>
#include <vector>

#include "kernels/cells.h"
#include "kernels/diagnostics.h"
#include "kernels/goodness.h"
#include "kernels/observations.h"
#include "kernels/predict.h"
#include "kernels/refine.h"

namespace ctxfit {

// A finished point estimate, as the warnings look at it.
struct PointEstimate {
  const Observations& observations;
  const Cells& cells;
  const Law& law;
  const std::vector<double>& expected;  // ExpectedScores() of the law
  const Goodness& goodness;
  const Diagnostics& diagnostics;
  const Refinement& refinement;
};

// What a reader must know before trusting the estimate, in plain words that say what to do.
std::vector<std::string> FindWarnings(const PointEstimate& estimate);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_WARNINGS_H_
