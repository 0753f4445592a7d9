#include "kernels/statistics/identification/separation.h"

#include <algorithm>
#include <cstddef>

#include "kernels/data/observations.h"
#include "kernels/law/loss_rule.h"

namespace ctxfit {

std::string SeparationReason(const Observations& observations, const std::vector<double>& expected,
                             const LossRule& loss) {
  if (!TraitsOf(loss.loss).is_deviance) return "";
  const auto [least, greatest] = std::minmax_element(observations.score.begin(), observations.score.end());
  if (*least == *greatest && (*least == 0 || *least == 1)) return "all scores are equal: nothing in them spreads";
  constexpr double kRounding = 1e-12;
  double highest_with_failures = -1;
  double lowest_with_successes = 2;
  for (std::size_t k = 0; k < expected.size(); ++k) {
    for (std::size_t row = observations.row_begin[k]; row < observations.row_begin[k + 1]; ++row) {
      if (observations.score[row] < 1) highest_with_failures = std::max(highest_with_failures, expected[k]);
      if (observations.score[row] > 0) lowest_with_successes = std::min(lowest_with_successes, expected[k]);
    }
  }
  if (highest_with_failures > lowest_with_successes + kRounding) return "";
  const auto [lowest, highest] = std::minmax_element(expected.begin(), expected.end());
  if (*highest - *lowest <= kRounding) return "";  // a flat law orders nothing
  return "the law separates the scores of 0 from those of 1: its steepness, and scores between those that were "
         "observed, are set by the bounds of its parameters, not by the data";
}

}  // namespace ctxfit
