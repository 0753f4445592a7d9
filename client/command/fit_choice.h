#ifndef CTXFIT_CLIENT_COMMAND_FIT_CHOICE_H_
#define CTXFIT_CLIENT_COMMAND_FIT_CHOICE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/command/commands.h"
#include "ctxfit/v1/fitting_service.pb.h"
#include "ctxfit/v1/options.pb.h"
#include "kernels/law/used_variables.h"

namespace ctxfit {

// Selects from `response`, which was read from `path`, the fit of `task`, or every fit if `task` is unset.
// INVALID_ARGUMENT if there is no such task, or if several fits are to be printed as one JSON document.
absl::StatusOr<std::vector<const v1::Fit*>> ChooseFits(const v1::FitResponse& response, const std::string& path,
                                                       const std::optional<std::string>& task, OutputFormat format);

// The variables that a law fitted with `options` uses.
UsedVariables FindUsedVariables(const v1::FitOptions& options);

// The variables that the law of any of `fits` uses.
UsedVariables FindUsedVariables(const std::vector<const v1::Fit*>& fits);

// Calls `visit` with each value as an optional, or once with an unset one if there are no values: a variable that the
// law of a query does not use is left out.
template <class Visitor>
void VisitOrOnce(const std::vector<double>& values, const Visitor& visit) {
  if (values.empty()) visit(std::optional<double>());
  for (const double value : values) visit(std::optional(value));
}

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_COMMAND_FIT_CHOICE_H_
