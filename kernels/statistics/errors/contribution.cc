#include "kernels/statistics/errors/contribution.h"

#include "kernels/data/observations.h"

namespace ctxfit {

double RecordsBehind(const Observations& observations, std::size_t row) {
  return observations.score_variance.empty() ? 1 : observations.WeightOf(row);
}

Contribution FindContribution(const Observations& observations, const std::vector<bool>& informative) {
  Contribution contribution = {0, std::vector<bool>(observations.unit_count),
                               std::vector<bool>(observations.unit_2_count)};
  for (std::size_t k = 0; k < informative.size(); ++k) {
    if (!informative[k]) continue;
    for (std::size_t row = observations.row_begin[k]; row < observations.row_begin[k + 1]; ++row) {
      contribution.record_count += RecordsBehind(observations, row);
      contribution.unit[observations.unit[row]] = true;
      if (!observations.unit_2.empty()) contribution.unit_2[observations.unit_2[row]] = true;
    }
  }
  return contribution;
}

}  // namespace ctxfit
