#include "client/command/fit_choice.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/input/utf8.h"

namespace ctxfit {

absl::StatusOr<std::vector<const v1::Fit*>> ChooseFits(const v1::FitResponse& response, const std::string& path,
                                                       const std::optional<std::string>& task, OutputFormat format) {
  std::vector<const v1::Fit*> fits;
  std::vector<std::string> tasks;
  for (const v1::Fit& fit : response.fits()) {
    tasks.push_back(Quoted(fit.task()));
    if (!task || fit.task() == *task) fits.push_back(&fit);
  }
  const std::string there_are = absl::StrCat("; ", path, " has ", absl::StrJoin(tasks, ", "));
  if (fits.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("--task ", Quoted(*task), ": no such task", there_are));
  }
  if (fits.size() > 1 && format == OutputFormat::kJson) {
    return absl::InvalidArgumentError(
        absl::StrCat("--format json prints the response for one task: choose it with --task", there_are));
  }
  return fits;
}

UsedVariables FindUsedVariables(const v1::FitOptions& options) {
  return FindUsedVariables(!options.penalty().none(), !options.no_context_factor());
}

UsedVariables FindUsedVariables(const std::vector<const v1::Fit*>& fits) {
  UsedVariables used = {false, false};
  for (const v1::Fit* fit : fits) {
    const UsedVariables by_fit = FindUsedVariables(fit->provenance().options());
    used.prompts = used.prompts || by_fit.prompts;
    used.limits = used.limits || by_fit.limits;
  }
  return used;
}

}  // namespace ctxfit
