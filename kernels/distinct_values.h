#ifndef CTXFIT_KERNELS_DISTINCT_VALUES_H_
#define CTXFIT_KERNELS_DISTINCT_VALUES_H_

#include <cstddef>
#include <vector>

#include "kernels/observations.h"

namespace ctxfit {

// The distinct values of a column, ascending.
class DistinctValues {
 public:
  explicit DistinctValues(std::vector<double> column);

  const std::vector<double>& values() const { return values_; }

  // Where `value` stands, or would. `last` is the place of the value before it in the column: that one and the next are
  // tried first, as columns often repeat a value or run through all of them again and again.
  std::size_t Find(double value, std::size_t last) const;

 private:
  std::vector<double> values_;
};

// The compute of each combination of covariates.
std::vector<double> ComputesOf(const Observations& observations);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_DISTINCT_VALUES_H_
