#include "server/wire/solve_conversion.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "kernels/base/status_macros.h"
#include "kernels/predict/caveats.h"
#include "kernels/predict/predictions.h"
#include "server/wire/field_checks.h"
#include "server/wire/limits.h"
#include "server/wire/source_conversion.h"

namespace ctxfit {
namespace {

// The columns of either kind of query with their field names.
struct NamedColumn {
  std::string name;
  const Column& values;
  bool required = true;  // false if the column may be empty
};
struct QueryColumns {
  NamedColumn target;
  NamedColumn given;
  NamedColumn limit;
  NamedColumn budget;
};

absl::Status CheckTargets(const NamedColumn& target) {
  for (int i = 0; i < target.values.size(); ++i) {
    const double value = target.values[i];
    if (!(value > 0 && value < 1)) return Reject(absl::StrCat(target.name, "[", i, "]"), value, "in (0, 1)");
  }
  return absl::OkStatus();
}

absl::Status Check(const QueryColumns& columns) {
  const int count = columns.target.values.size();
  if (count < 1 || count > kMaxQueries) {
    return absl::InvalidArgumentError(
        absl::StrCat(columns.target.name, " has ", count, " values: must have 1 to ", kMaxQueries));
  }
  for (const NamedColumn* column : {&columns.given, &columns.limit, &columns.budget}) {
    if (column->values.empty() && !column->required) continue;
    if (absl::Status status = CheckLength(column->name, column->values.size(), count, columns.target.name);
        !status.ok()) {
      return status;
    }
    CTXFIT_RETURN_IF_ERROR(CheckMagnitudes(column->name, column->values));
  }
  return CheckTargets(columns.target);
}

absl::StatusOr<std::vector<SolveQuery>> QueriesOf(const QueryColumns& columns) {
  CTXFIT_RETURN_IF_ERROR(Check(columns));
  std::vector<SolveQuery> queries;
  for (int i = 0; i < columns.target.values.size(); ++i) {
    SolveQuery query = {columns.target.values[i], kNoPrompt, kNoLimit, {}};
    if (!columns.given.values.empty()) query.given = columns.given.values[i];
    if (!columns.limit.values.empty()) query.limit = columns.limit.values[i];
    if (!columns.budget.values.empty()) query.budget = columns.budget.values[i];
    queries.push_back(query);
  }
  return queries;
}

absl::StatusOr<std::vector<SolveQuery>> QueriesOf(const v1::SolveRequest& request, const UsedVariables& used) {
  if (request.has_training_compute()) {
    const v1::ComputeQueries& queries = request.training_compute();
    return QueriesOf({{"training_compute.target_score", queries.target_score()},
                      {"training_compute.prompt_tokens", queries.prompt_tokens(), used.prompts},
                      {"training_compute.context_limit_tokens", queries.context_limit_tokens(), used.limits},
                      {"training_compute.budget_compute_flops", queries.budget_compute_flops(), false}});
  }
  const v1::PromptQueries& queries = request.prompt_length();
  return QueriesOf({{"prompt_length.target_score", queries.target_score()},
                    {"prompt_length.training_compute_flops", queries.training_compute_flops()},
                    {"prompt_length.context_limit_tokens", queries.context_limit_tokens(), used.limits},
                    {"prompt_length.budget_prompt_tokens", queries.budget_prompt_tokens(), false}});
}

v1::SolveOutcome ToProto(SolveOutcome outcome) {
  switch (outcome) {
    case SolveOutcome::kReached:
      return v1::SOLVE_OUTCOME_REACHED;
    case SolveOutcome::kNotReachable:
      return v1::SOLVE_OUTCOME_NOT_REACHABLE;
    case SolveOutcome::kNotDetermined:
      return v1::SOLVE_OUTCOME_NOT_DETERMINED;
  }
  return v1::SOLVE_OUTCOME_UNSPECIFIED;
}

v1::SolvedValue ToProto(const SolvedValue& value) {
  v1::SolvedValue converted;
  converted.set_value(value.value);
  if (value.lower) converted.set_lower(*value.lower);
  if (value.upper) converted.set_upper(*value.upper);
  converted.set_upper_unbounded(value.upper_unbounded);
  return converted;
}

v1::Solution ToProto(const ParsedSolveRequest& request, const SolveQuery& query, const Solution& solution) {
  v1::Solution converted;
  converted.set_target_score(query.target);
  if (request.unknown == Variable::kPrompt) converted.set_training_compute_flops(query.given);
  if (request.has_prompts) converted.set_prompt_tokens(query.given);
  if (request.has_limits) converted.set_context_limit_tokens(query.limit);
  if (query.budget) converted.set_budget(*query.budget);
  converted.set_outcome(ToProto(solution.outcome));
  if (solution.least) *converted.mutable_least() = ToProto(*solution.least);
  if (solution.most) *converted.mutable_most() = ToProto(*solution.most);
  converted.set_most_undetermined(solution.most_undetermined);
  if (solution.highest_score) *converted.mutable_highest_score() = ToProto(*solution.highest_score);
  if (solution.never_reached_share) converted.set_never_reached_share(*solution.never_reached_share);
  if (solution.budget_probability) converted.set_budget_probability(*solution.budget_probability);
  converted.set_extrapolated(solution.extrapolated);
  converted.set_interval_withheld(solution.IsWithheld());
  return converted;
}

std::vector<std::string> WarningsOf(const PredictionSource& source, const std::vector<Solution>& solutions) {
  std::vector<std::string> warnings = CaveatsOf(source);
  const auto undetermined = std::count_if(solutions.begin(), solutions.end(), [](const Solution& solution) {
    return solution.outcome == SolveOutcome::kNotDetermined;
  });
  if (undetermined > 0) {
    warnings.push_back(absl::StrFormat(
        "%d of %d answers are not determined by the observations: a parameter they rest on is not identified, and they "
        "lie outside what was observed of its variable, or between its only two levels",
        undetermined, solutions.size()));
  }
  for (std::string& caveat : ExtrapolationCaveats(source, CountExtrapolations(solutions), "answers", "interval")) {
    warnings.push_back(std::move(caveat));
  }
  const auto is_flat = [](const std::optional<SolvedValue>& quantity) {
    return quantity && quantity->lower && quantity->lower == quantity->upper;
  };
  const auto flat = std::count_if(solutions.begin(), solutions.end(), [&is_flat](const Solution& solution) {
    return is_flat(solution.least) || is_flat(solution.most) || is_flat(solution.highest_score);
  });
  if (flat > 0) {
    warnings.push_back(
        absl::StrFormat("intervals of %d of %d answers have no width, be it that of the highest score: the replicates "
                        "all give one number there",
                        flat, solutions.size()));
  }
  return warnings;
}

}  // namespace

absl::StatusOr<ParsedSolveRequest> FromProto(const v1::SolveRequest& request) {
  if (!request.has_fit()) return absl::InvalidArgumentError("fit is unset: must be a fit of FittingService");
  if (request.wanted_case() == v1::SolveRequest::WANTED_NOT_SET) {
    return absl::InvalidArgumentError("wanted is unset: must be `training_compute` or `prompt_length`");
  }
  CTXFIT_ASSIGN_OR_RETURN(PredictionSource source, SourceOf(request.fit()));
  CTXFIT_ASSIGN_OR_RETURN(std::vector<SolveQuery> queries, QueriesOf(request, FindUsedVariables(source)));
  CTXFIT_ASSIGN_OR_RETURN(
      const double confidence,
      ConfidenceOf(request.fit(), request.has_confidence() ? std::optional(request.confidence()) : std::nullopt));
  const bool has_limits = !request.training_compute().context_limit_tokens().empty() ||
                          !request.prompt_length().context_limit_tokens().empty();
  return ParsedSolveRequest{std::move(source),
                            request.has_training_compute() ? Variable::kCompute : Variable::kPrompt,
                            !request.training_compute().prompt_tokens().empty(),
                            has_limits,
                            std::move(queries),
                            confidence};
}

v1::SolveResponse ToProto(const ParsedSolveRequest& request, const std::vector<Solution>& solutions) {
  v1::SolveResponse response;
  for (std::size_t i = 0; i < solutions.size(); ++i) {
    *response.add_solutions() = ToProto(request, request.queries[i], solutions[i]);
  }
  response.set_confidence(request.confidence);
  for (std::string& warning : WarningsOf(request.source, solutions)) response.add_warnings(std::move(warning));
  return response;
}

}  // namespace ctxfit
