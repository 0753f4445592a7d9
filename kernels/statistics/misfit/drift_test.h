#ifndef CTXFIT_KERNELS_STATISTICS_MISFIT_DRIFT_TEST_H_
#define CTXFIT_KERNELS_STATISTICS_MISFIT_DRIFT_TEST_H_

#include <optional>
#include <string>
#include <vector>

namespace ctxfit {

class AddedTerms;
struct Law;
struct Observations;

// A test that the context exponent is the same at every training compute: of gamma = 0 in the context factor
//
//   g = 1 - exp(-B (n / n^c)^(beta + gamma ln(C / C^c))).
//
// An exponent that drifts bends every curve that is extrapolated in compute or prompt length, and neither a mean
// residual nor an interval shows it.
struct DriftTest {
  double per_decade;          // change of beta per factor of ten in compute: one Gauss-Newton step from 0
  double statistic;           // Student's t
  double degrees_of_freedom;  // degrees of freedom of Student's t
  double p_value;             // two-sided
};

// The level of the test at which extrapolations lose their bands.
inline constexpr double kDriftLevel = 0.05;

// True if the exponent drifts. An unset p-value is no evidence.
bool Drifts(std::optional<double> p_value);

// Runs the test by the law's linearisation `terms`, under the fit's loss; `free_set` are the coordinates that were
// fitted and lie on no bound. Unset if beta is none of them, if the computes differ by less than a tenth, if the law
// meets all scores exactly, and where AddedTerms::Test() is.
std::optional<DriftTest> TestContextDrift(const AddedTerms& terms, const Observations& observations, const Law& law,
                                          const bool* free_set);

// Warns of a drift of that many units of beta per decade of compute, and that p-value.
std::string DriftWarning(const DriftTest& drift);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_MISFIT_DRIFT_TEST_H_
