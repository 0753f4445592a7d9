#include "kernels/statistics/misfit/drift_test.h"

#include <cmath>
#include <cstddef>

#include "absl/strings/str_format.h"
#include "kernels/data/observations.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/fitted_law.h"
#include "kernels/statistics/misfit/added_terms.h"

namespace ctxfit {
namespace {

constexpr double kLeastRatio = 1.1;  // least ratio of computes over which a drift means anything
constexpr double kRounding = 1e-9;   // drift of scores that the law meets exactly, which tests nothing

}  // namespace

bool Drifts(std::optional<double> p_value) { return p_value.has_value() && *p_value < kDriftLevel; }

std::optional<DriftTest> TestContextDrift(const AddedTerms& terms, const Observations& observations, const Law& law,
                                          const bool* free_set) {
  const std::vector<double>& computes = observations.levels.compute;
  if (!free_set[kContextExponent] || computes.back() < kLeastRatio * computes.front()) return std::nullopt;
  std::vector<double> log_compute;
  for (const double compute : computes) log_compute.push_back(std::log(compute / law.references.compute_flops));
  // dP / d gamma = dP / d beta ln(C / C^c).
  const auto term = [&](std::size_t k) {
    return terms.Gradient(k, kContextExponent) * log_compute[observations.levels.level_of[k]];
  };
  const TermSums sums = terms.Sum(term, TermMetric::kLoss);
  const std::optional<TermSize> size = terms.SizeOf(sums);
  const std::optional<TermTest> test = terms.Test(term, sums, ErrorModel::kByUnit);
  if (!size || !test || std::abs(size->estimate) < kRounding) return std::nullopt;
  return DriftTest{size->estimate * std::log(10.0), test->statistic, test->degrees_of_freedom, test->p_value};
}

std::string DriftWarning(const DriftTest& drift) {
  return absl::StrFormat(
      "the context exponent is not the same at every compute: it %s by about %.2g per factor of ten (p = %.2g). "
      "Predictions outside the observed computes and prompt lengths have no band: add records near those that you "
      "predict",
      drift.per_decade > 0 ? "rises" : "falls", std::abs(drift.per_decade), drift.p_value);
}

}  // namespace ctxfit
