#include "kernels/data/compute_levels.h"

#include <algorithm>

#include "kernels/data/coded_column.h"
#include "kernels/data/ranks.h"

namespace ctxfit {

ComputeLevels FindComputeLevels(const std::vector<Covariates>& covariates) {
  CodedColumn<double> column;
  column.reserve(covariates.size());
  for (const Covariates& combination : covariates) column.push_back(combination.compute);
  ComputeLevels levels;
  levels.level_of = RankAll(column.TakeCodes(), column.dictionary(), &levels.compute).of_row;
  return levels;
}

}  // namespace ctxfit
