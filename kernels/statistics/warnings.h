#ifndef CTXFIT_KERNELS_STATISTICS_WARNINGS_H_
#define CTXFIT_KERNELS_STATISTICS_WARNINGS_H_

#include <cstddef>
#include <string>
#include <vector>

namespace ctxfit {

struct Cells;
struct Diagnostics;
struct Goodness;
struct Law;
struct Observations;
struct Refinement;

// Sums over the residuals r of some rows of weights w.
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

// Sums of residuals over the rows where a misfit shows.
struct ResidualsOfInterest {
  ResidualSum at_limit;  // rows whose prompt is within 2 % of its limit
  // Prompt lengths in tokens, ascending: 0, the two that cut the rows within their limit into thirds, and the longest
  // there. Empty where there are too few rows.
  std::vector<double> edges;
  ResidualSum thirds[3];  // between these edges; zeros without edges
};

// Sums the residuals, score less expected score. `expected` has an element per combination of covariates.
ResidualsOfInterest SumResiduals(const Observations& observations, const std::vector<double>& expected);

// A finished point estimate, as far as the warnings depend on it.
struct PointEstimate {
  const Observations& observations;
  const Cells& cells;
  const Law& law;
  const ResidualsOfInterest& residuals;
  const Goodness& goodness;
  const Diagnostics& diagnostics;
  const Refinement& refinement;
};

// Returns warnings against trusting the estimate too far, in plain words that say what to do.
std::vector<std::string> FindWarnings(const PointEstimate& estimate);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_WARNINGS_H_
