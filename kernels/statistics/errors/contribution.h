#ifndef CTXFIT_KERNELS_STATISTICS_ERRORS_CONTRIBUTION_H_
#define CTXFIT_KERNELS_STATISTICS_ERRORS_CONTRIBUTION_H_

#include <cstddef>
#include <vector>

namespace ctxfit {

struct Observations;

// The number of records that a row counts as in Observations::record_count(): its weight if the table has variances,
// too, else 1.
double RecordsBehind(const Observations& observations, std::size_t row);

// The records and units behind robust variances: those with rows that carry information. Others pull at nothing, and
// corrections for small numbers must not count them.
struct Contribution {
  double record_count;       // Observations::record_count() of such rows
  std::vector<bool> unit;    // by resampling unit
  std::vector<bool> unit_2;  // by second unit; empty except for two-way resampling
};

// `informative` has an element per combination of covariates.
Contribution FindContribution(const Observations& observations, const std::vector<bool>& informative);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_ERRORS_CONTRIBUTION_H_
