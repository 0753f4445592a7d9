#include "kernels/fit/task_options.h"

#include <cstddef>

#include "kernels/data/observations.h"
#include "kernels/fit/options.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/law_options.h"

namespace ctxfit {

FitOptions OptionsFor(const FitOptions& options, const Observations& observations) {
  FitOptions chosen = options;
  LawOptions& law = chosen;
  law = OptionsForTask(options, observations.task);
  if (law.parameters[kFloor].fixed && law.parameters[kHeadroom].fixed) return chosen;
  double weight = 0;
  double sum = 0;
  for (std::size_t row = 0; row < observations.size(); ++row) {
    weight += observations.WeightOf(row);
    sum += observations.WeightOf(row) * observations.score[row];
  }
  law = WithAsymptoteBounds(law, sum / weight);
  return chosen;
}

}  // namespace ctxfit
