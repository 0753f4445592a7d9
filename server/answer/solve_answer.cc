#include "server/answer/solve_answer.h"

#include <vector>

#include "kernels/base/status_macros.h"
#include "kernels/predict/solve.h"
#include "server/wire/solve_conversion.h"

namespace ctxfit {

absl::StatusOr<v1::SolveResponse> AnswerSolve(const v1::SolveRequest& request, const StopSignal& stop) {
  CTXFIT_ASSIGN_OR_RETURN(const ParsedSolveRequest parsed, FromProto(request));
  CTXFIT_ASSIGN_OR_RETURN(const std::vector<Solution> solutions,
                          Solve(parsed.source, parsed.unknown, parsed.queries, parsed.confidence, stop));
  return ToProto(parsed, solutions);
}

}  // namespace ctxfit
