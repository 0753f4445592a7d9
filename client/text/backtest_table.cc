#include "client/text/backtest_table.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "client/text/number_text.h"
#include "client/text/text_table.h"

namespace ctxfit {
namespace {

using enum TextTable::Align;

// Formats an error. All errors on the score share one scale, and so one number of decimals.
std::string Error(double error) { return absl::StrFormat("%.4f", error); }

const char* HeldOutOf(v1::FoldScheme scheme) {
  switch (scheme) {
    case v1::FOLD_SCHEME_GROUP:
      return "each group of rows";
    case v1::FOLD_SCHEME_COMPUTE:
      return "larger models";
    case v1::FOLD_SCHEME_PROMPT:
      return "longer prompts";
    case v1::FOLD_SCHEME_LIMIT:
      return "larger context limits";
    default:
      return "each model level";
  }
}

std::vector<std::string> PredictorRow(const std::string& name, const v1::PredictorErrors& errors) {
  const v1::ErrorSummary& logit = errors.logit();
  const bool has_logit = errors.has_logit();
  return {name,
          Error(errors.rows().mae()),
          Error(errors.rows().rmse()),
          absl::StrFormat("%+.4f", errors.rows().bias()),
          Error(errors.means().mae()),
          Error(errors.means().rmse()),
          has_logit ? absl::StrFormat("%.3f", logit.mae()) : "",
          has_logit ? absl::StrFormat("%+.3f", logit.bias()) : ""};
}

std::string Totals(const v1::Backtest& backtest) {
  TextTable table({kLeft, kRight, kRight, kRight, kRight, kRight, kRight, kRight});
  table.AddRow({"", "records", "", "", "means", "", "on the logit", ""});
  table.AddRow({"", "MAE", "RMSE", "bias", "MAE", "RMSE", "MAE", "bias"});
  table.AddRow(PredictorRow("the law", backtest.law()));
  for (const v1::NamedErrors& baseline : backtest.baselines()) {
    table.AddRow(PredictorRow(baseline.name(), baseline.errors()));
  }
  return table.Print(2);
}

std::string BandText(const v1::BandCoverage& coverage) {
  return absl::StrCat(CountText(coverage.inside_count()), " of ", CountText(coverage.group_count()));
}

std::string Folds(const v1::Backtest& backtest) {
  TextTable table({kLeft, kRight, kRight, kRight, kRight, kRight, kRight, kRight, kLeft});
  std::vector<std::string> head = {"held out", "fitted", "held out", "MAE: law"};
  for (const v1::NamedErrors& baseline : backtest.baselines()) head.push_back(baseline.name());
  head.resize(7);
  head.insert(head.end(), {"in the band", ""});
  table.AddRow(head);
  for (const v1::Fold& fold : backtest.folds()) {
    std::vector<std::string> row = {FoldName(fold, backtest.scheme()), CountText(fold.fitted_count()),
                                    CountText(fold.held_out_count())};
    if (fold.reason().empty()) {
      row.push_back(Error(fold.law().rows().mae()));
      for (const v1::Baseline& baseline : fold.baselines()) row.push_back(Error(baseline.held_out().rows().mae()));
      row.resize(7);
      row.push_back(fold.has_band_coverage() ? BandText(fold.band_coverage()) : "");
      row.push_back(fold.converged() ? "" : "NOT CONVERGED");
    } else {
      row.resize(8);
      row.push_back("left out: " + fold.reason());
    }
    table.AddRow(row);
  }
  return table.Print(2);
}

std::string RangeText(const v1::DistanceBin& bin) {
  if (bin.has_upper() && bin.upper() == 0) return "within the fitted range";
  if (!bin.has_upper()) return absl::StrFormat("beyond %.2f", bin.lower());
  return absl::StrFormat("up to %.2f", bin.upper());
}

std::string Distances(const v1::Backtest& backtest) {
  TextTable table({kLeft, kRight, kRight, kRight, kRight, kRight});
  std::vector<std::string> head = {"distance", "means", "MAE: law"};
  for (const v1::NamedErrors& baseline : backtest.baselines()) head.push_back(baseline.name());
  table.AddRow(head);
  for (const v1::DistanceBin& bin : backtest.distances()) {
    if (!bin.has_law()) continue;
    std::vector<std::string> row = {RangeText(bin), CountText(bin.law().record_count()), Error(bin.law().mae())};
    for (const v1::ErrorSummary& baseline : bin.baselines()) row.push_back(Error(baseline.mae()));
    table.AddRow(row);
  }
  return table.Print(2);
}

// A verdict as a line of its own, marked like a warning where a line predicts better.
std::string VerdictLine(const v1::Verdict& verdict) {
  const bool warns = verdict.kind() == v1::VERDICT_KIND_LINE;
  return Wrapped(warns ? "  ! " : "  ", verdict.sentence(), kTextWidth);
}

std::string Explanation(const v1::Backtest& backtest) {
  std::string text =
      "Records: single rows. Means: of rows with one compute, context limit and octave of prompt length. Distance: of "
      "their compute and prompt length from those fitted, in natural logarithms; 0.69 is twice as far.";
  if (!backtest.has_band_coverage()) return text;
  const v1::BandCoverage& coverage = backtest.band_coverage();
  absl::StrAppend(&text, " In the band: ", BandText(coverage), " means lie inside the law's ",
                  PercentText(coverage.confidence()), " band");
  if (coverage.undetermined_count() > 0) {
    absl::StrAppend(&text, "; ", CountText(coverage.undetermined_count()), " more have none");
  }
  return text + ".";
}

std::string BacktestTable(const v1::Backtest& backtest) {
  std::string text = absl::StrCat(backtest.task().empty() ? "Backtest" : backtest.task(), ": ",
                                  HeldOutOf(backtest.scheme()), " held out, ", CountText(backtest.fitted_count()),
                                  " of ", Plural(backtest.folds_size(), "fold"), " fitted\n\n");
  if (backtest.has_verdict()) absl::StrAppend(&text, VerdictLine(backtest.verdict()), "\n");
  if (backtest.has_law()) absl::StrAppend(&text, Totals(backtest), "\n");
  absl::StrAppend(&text, Folds(backtest), "\n");
  if (!backtest.has_law()) return text;
  return absl::StrCat(text, Distances(backtest), "\n", Wrapped("  ", Explanation(backtest), kTextWidth));
}

std::string FormText(const v1::Baseline& baseline) {
  const auto slope = [](bool has, double value) { return has ? NumberText(value) : std::string("-"); };
  if (baseline.form() == v1::BASELINE_FORM_CONSTANT) return absl::StrCat("b0 ", NumberText(baseline.intercept()));
  return absl::StrCat("b0 ", NumberText(baseline.intercept()), ", b1 ",
                      slope(baseline.has_compute_slope(), baseline.compute_slope()), ", b2 ",
                      slope(baseline.has_prompt_slope(), baseline.prompt_slope()));
}

}  // namespace

std::string FoldName(const v1::Fold& fold, v1::FoldScheme scheme) {
  switch (scheme) {
    case v1::FOLD_SCHEME_GROUP:
      return fold.group().empty() ? "no label" : fold.group();
    case v1::FOLD_SCHEME_COMPUTE:
      return absl::StrCat("from ", NumberText(fold.cut()), " FLOP on");
    case v1::FOLD_SCHEME_PROMPT:
    case v1::FOLD_SCHEME_LIMIT:
      return absl::StrCat("from ", ChosenNumberText(fold.cut()), " tokens on");
    default:
      break;
  }
  const std::string compute = absl::StrCat("C = ", NumberText(fold.training_compute_flops()), " FLOP");
  if (!fold.has_context_limit_tokens()) return compute;
  return absl::StrCat(compute, ", limit ", TokenText(fold.context_limit_tokens()));
}

std::string BacktestTables(const v1::BacktestResponse& response) {
  std::string text;
  for (const v1::Backtest& backtest : response.backtests()) {
    absl::StrAppend(&text, text.empty() ? "" : "\n", BacktestTable(backtest));
  }
  return text;
}

std::string HeldOutLevelsText(const v1::Fit& fit) {
  if (!fit.held_out_levels().has_verdict()) return "";
  return absl::StrCat(VerdictLine(fit.held_out_levels().verdict()), "\n");
}

std::string BaselineTable(const v1::Fit& fit) {
  if (fit.baselines().empty()) return "";
  TextTable table({kLeft, kRight, kRight, kRight, kRight, kLeft});
  const bool held_out = fit.has_held_out_levels();
  table.AddRow({"", "MAE", "RMSE", "of means", held_out ? "held out" : "", ""});
  for (const v1::Baseline& baseline : fit.baselines()) {
    const std::string of_held_out = baseline.has_held_out() ? Error(baseline.held_out().means().mae()) : "";
    table.AddRow({baseline.name(), Error(baseline.in_sample().rows().mae()), Error(baseline.in_sample().rows().rmse()),
                  Error(baseline.in_sample().means().mae()), of_held_out,
                  absl::StrCat(FormText(baseline), baseline.reasons().empty() ? "" : "; ",
                               absl::StrJoin(baseline.reasons(), "; "))});
  }
  return table.Print(2);
}

}  // namespace ctxfit
