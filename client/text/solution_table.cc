#include "client/text/solution_table.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "client/text/number_text.h"
#include "client/text/text_table.h"
#include "client/text/warning_lines.h"
#include "ctxfit/v1/planning_service.pb.h"

namespace ctxfit {
namespace {

std::string TokensText(double tokens) {
  return tokens >= 100 ? absl::StrFormat("%.0f", tokens) : NumberText(tokens, 3);
}

// True if the query is for a training compute. A law without prompt lengths leaves both variables unset then.
bool IsForCompute(const v1::Solution& solution) { return !solution.has_training_compute_flops(); }

// Formats a probability to a tenth of a percent, which a few thousand replicates hold.
std::string ProbabilityText(double probability) {
  if (probability < 0.001) return "< 0.1 %";
  if (probability > 0.999) return "> 99.9 %";
  return absl::StrFormat("%.1f %%", 100 * probability);
}

// Formats a value of the solved quantity.
std::string Number(const v1::Solution& solution, double value) {
  return IsForCompute(solution) ? NumberText(value) : TokensText(value);
}

// Appends three cells for a quantity: value, lower end, upper end.
void AddCells(const v1::Solution& solution, bool has, const v1::SolvedValue& quantity, std::vector<std::string>& row) {
  row.push_back(has ? Number(solution, quantity.value()) : "-");
  row.push_back(has && quantity.has_lower() ? Number(solution, quantity.lower()) : "");
  row.push_back(has && quantity.has_upper()         ? Number(solution, quantity.upper())
                : has && quantity.upper_unbounded() ? "unbounded"
                                                    : "");
}

std::string HighestScore(const v1::SolvedValue& score) {
  std::string text = absl::StrCat("not reachable: at most ", NumberText(score.value(), 3));
  if (score.has_lower() && score.has_upper()) {
    absl::StrAppend(&text, " [", NumberText(score.lower(), 3), ", ", NumberText(score.upper(), 3), "]");
  }
  return text;
}

std::string Note(const v1::Solution& solution) {
  if (solution.outcome() == v1::SOLVE_OUTCOME_NOT_DETERMINED) return "not determined by the observations";
  std::vector<std::string> notes;
  if (solution.outcome() == v1::SOLVE_OUTCOME_NOT_REACHABLE) notes.push_back(HighestScore(solution.highest_score()));
  if (solution.never_reached_share() > 0) {
    notes.push_back(absl::StrCat(PercentText(solution.never_reached_share()), " of replicates never reach it"));
  }
  if (solution.most_undetermined()) notes.push_back("longest not determined by the observations");
  if (solution.extrapolated()) notes.push_back("extrapolated");
  if (solution.interval_withheld()) notes.push_back("no interval");
  return absl::StrJoin(notes, ", ");
}

std::vector<std::string> Row(const v1::Solution& solution) {
  const bool for_compute = IsForCompute(solution);
  std::vector<std::string> row = {absl::StrFormat("%.10g", solution.target_score())};
  if (for_compute) {
    row.push_back(solution.has_prompt_tokens() ? TokensText(solution.prompt_tokens()) : "");
  } else {
    row.push_back(NumberText(solution.training_compute_flops()));
  }
  row.push_back(solution.has_context_limit_tokens() ? absl::StrFormat("%.10g", solution.context_limit_tokens()) : "");
  AddCells(solution, solution.has_least(), solution.least(), row);
  if (!for_compute) AddCells(solution, solution.has_most(), solution.most(), row);
  row.push_back(solution.has_budget_probability() ? ProbabilityText(solution.budget_probability()) : "");
  row.push_back(Note(solution));
  return row;
}

void AddHeader(const v1::SolveResponse& response, TextTable& table) {
  const v1::Solution& first = response.solutions(0);
  const std::string from = PercentText(response.confidence()) + " from";
  bool intervals = false;
  for (const v1::Solution& solution : response.solutions()) {
    intervals = intervals || solution.has_never_reached_share();
  }
  const bool limits = first.has_context_limit_tokens();
  const char* limit = limits ? "context limit" : "";
  const char* limit_unit = limits ? "tokens" : "";
  const auto add_interval = [&](std::vector<std::string>& row) {
    row.push_back(intervals ? from : "");
    row.push_back(intervals ? "to" : "");
  };
  const std::string budget = first.has_budget() ? absl::StrCat("reached with ", Number(first, first.budget())) : "";
  if (IsForCompute(first)) {
    const bool prompts = first.has_prompt_tokens();
    std::vector<std::string> row = {"target", prompts ? "prompt" : "", limit, "compute"};
    add_interval(row);
    row.push_back(budget);
    table.AddRow(row);
    table.AddRow({"score", prompts ? "tokens" : "", limit_unit, "FLOP"});
    return;
  }
  std::vector<std::string> row = {"target", "compute", limit, "shortest"};
  add_interval(row);
  row.emplace_back("longest");
  add_interval(row);
  row.push_back(budget);
  table.AddRow(row);
  table.AddRow({"score", "FLOP", limit_unit, "tokens", "", "", "tokens"});
}

}  // namespace

std::string SolutionTable(const std::string& task, const v1::SolveResponse& response) {
  const bool for_compute = IsForCompute(response.solutions(0));
  std::vector<TextTable::Align> alignment(for_compute ? 7 : 10, TextTable::Align::kRight);
  alignment.push_back(TextTable::Align::kLeft);
  TextTable table(alignment);
  AddHeader(response, table);
  for (const v1::Solution& solution : response.solutions()) table.AddRow(Row(solution));
  const std::string what =
      for_compute ? "training compute that reaches the target" : "prompt lengths that reach the target";
  return absl::StrCat(task.empty() ? "" : task + ": ", what, "\n\n", WarningLines("", response.warnings()),
                      response.warnings().empty() ? "" : "\n", table.Print(2));
}

}  // namespace ctxfit
