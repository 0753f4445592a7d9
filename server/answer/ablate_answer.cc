#include "server/answer/ablate_answer.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "kernels/base/status_macros.h"
#include "kernels/data/split_tasks.h"
#include "kernels/fit/ablation.h"
#include "server/wire/ablation_conversion.h"
#include "server/wire/observations_conversion.h"

namespace ctxfit {

absl::StatusOr<v1::AblateResponse> AnswerAblate(const v1::AblateRequest& request, FitRun& run) {
  CTXFIT_ASSIGN_OR_RETURN(
      const std::vector<Observations> tasks,
      ValidateAndSplit(std::move(run.table), run.options.bootstrap.resampling, run.backend.Sorter(run.stop)));
  run.record.tasks = static_cast<std::int64_t>(tasks.size());
  AblationOptions options;
  options.fit = run.options;
  if (request.has_folds()) options.folds = request.folds();
  CTXFIT_ASSIGN_OR_RETURN(const std::vector<TaskAblation> ablations,
                          AblateTasks(run.backend, tasks, options, run.stop));
  v1::AblateResponse response;
  for (std::size_t i = 0; i < ablations.size(); ++i) {
    CTXFIT_ASSIGN_OR_RETURN(std::string digest, Digest(tasks[i], run.stop));
    *response.add_ablations() =
        ToProto(ablations[i], {run.options, run.backend.Name(), run.backend.Device(), std::move(digest)});
  }
  return response;
}

}  // namespace ctxfit
