#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/command/commands.h"
#include "client/command/fit_choice.h"
#include "client/text/fit_table.h"
#include "client/text/json.h"
#include "ctxfit/v1/fitting_service.pb.h"
#include "kernels/base/status_macros.h"

namespace ctxfit {

absl::Status RunShow(const ShowArguments& arguments) {
  CTXFIT_ASSIGN_OR_RETURN(const v1::FitResponse response, ReadFitResponse(arguments.fit));
  CTXFIT_ASSIGN_OR_RETURN(const std::vector<const v1::Fit*> fits,
                          ChooseFits(response, arguments.fit, arguments.task, OutputFormat::kTable));
  const std::vector<std::int64_t>& levels = arguments.model_levels;
  if (!levels.empty() && levels.size() != fits.size()) {
    return absl::InvalidArgumentError(absl::StrCat("--model-levels: has ", levels.size(),
                                                   " numbers: must have one for each of ", fits.size(), " fits"));
  }
  for (std::size_t i = 0; i < fits.size(); ++i) {
    const std::optional<std::size_t> level_count =
        levels.empty() ? std::nullopt : std::optional<std::size_t>(levels[i]);
    absl::PrintF("%s%s", i > 0 ? "\n" : "", FitTable(*fits[i], level_count));
  }
  return absl::OkStatus();
}

}  // namespace ctxfit
