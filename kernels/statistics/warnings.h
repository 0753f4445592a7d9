#ifndef CTXFIT_KERNELS_STATISTICS_WARNINGS_H_
#define CTXFIT_KERNELS_STATISTICS_WARNINGS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "kernels/data/observations.h"
#include "kernels/descent/refine.h"
#include "kernels/law/fitted_law.h"
#include "kernels/statistics/diagnostics.h"
#include "kernels/statistics/goodness.h"

namespace ctxfit {

struct Cells;

// Sums of the residuals r of some rows, which have the weights w.
struct ResidualSum {
  double sum = 0;      // of w r
  double squares = 0;  // of w r^2
  double weight = 0;
  std::size_t rows = 0;

  void Add(double residual, double by) {
    sum += by * residual;
    squares += by * residual * residual;
    weight += by;
    ++rows;
  }

  void Add(const ResidualSum& other) {
    sum += other.sum;
    squares += other.squares;
    weight += other.weight;
    rows += other.rows;
  }
};

// Residuals where a wrong law shows.
struct ResidualsOfInterest {
  ResidualSum at_limit;
  // The prompt lengths that cut the rows below their limit into thirds, between 0 and the longest; empty where there
  // are too few rows.
  std::vector<double> edges;
  ResidualSum thirds[3];
};

// Of observations whose combinations of covariates have those expected scores.
ResidualsOfInterest SumResiduals(const Observations& observations, const std::vector<double>& expected);

// A finished point estimate, as the warnings look at it.
struct PointEstimate {
  const Observations& observations;
  const Cells& cells;
  const Law& law;
  const ResidualsOfInterest& residuals;
  const Goodness& goodness;
  const Diagnostics& diagnostics;
  const Refinement& refinement;
};

// What a reader must know before trusting the estimate, in plain words that say what to do.
std::vector<std::string> FindWarnings(const PointEstimate& estimate);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_WARNINGS_H_
