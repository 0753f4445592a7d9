#include "kernels/fit/task_options.h"

#include <cstddef>

#include "kernels/data/observations.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/options.h"

namespace ctxfit {

FitOptions OptionsFor(const FitOptions& options, const Observations& observations) {
  const FitOptions chosen = OptionsForTask(options, observations.task);
  if (chosen.parameters[kFloor].fixed && chosen.parameters[kHeadroom].fixed) return chosen;
  double weight = 0;
  double sum = 0;
  for (std::size_t row = 0; row < observations.size(); ++row) {
    weight += observations.WeightOf(row);
    sum += observations.WeightOf(row) * observations.score[row];
  }
  return WithAsymptoteBounds(chosen, sum / weight);
}

}  // namespace ctxfit
