#include "kernels/data/compute_levels.h"

#include <cstddef>

#include "kernels/data/coded_column.h"
#include "kernels/data/ranks.h"

namespace ctxfit {

int CountBases(const std::vector<double>& log_computes) {
  int bases = log_computes.empty() ? 0 : 1;
  for (std::size_t j = 1; j < log_computes.size(); ++j) bases += !CountAsOne(log_computes[j], log_computes[j - 1]);
  return bases;
}

ComputeLevels FindComputeLevels(const std::vector<Covariates>& covariates) {
  CodedColumn<double> column;
  column.reserve(covariates.size());
  for (const Covariates& combination : covariates) column.push_back(combination.compute);
  ComputeLevels levels;
  levels.level_of = RankAll(column.TakeCodes(), column.dictionary(), &levels.compute).of_row;
  return levels;
}

}  // namespace ctxfit
