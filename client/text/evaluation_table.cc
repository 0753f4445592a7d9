#include "client/text/evaluation_table.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/text/flag_names.h"
#include "client/text/number_text.h"
#include "client/text/text_table.h"
#include "ctxfit/v1/evaluation.pb.h"
#include "ctxfit/v1/planning_service.pb.h"

namespace ctxfit {
namespace {

// Formats an error. All errors share one scale, and so one number of decimals.
std::string Error(double error) { return absl::StrFormat("%.4f", error); }

void AddRow(const std::string& what, const v1::ErrorSummary& errors, TextTable& table) {
  table.AddRow({what, CountText(errors.record_count()), Error(errors.mae()), Error(errors.rmse()),
                absl::StrFormat("%+.4f", errors.bias())});
}

TextTable NewTable() {
  using enum TextTable::Align;
  TextTable table({kLeft, kRight, kRight, kRight, kRight});
  table.AddRow({"", "records", "MAE", "RMSE", "bias"});
  return table;
}

std::string ModelName(const v1::ModelErrors& model) {
  if (!model.model().empty()) return model.model();
  const std::string compute = absl::StrCat("C = ", NumberText(model.training_compute_flops()), " FLOP");
  if (!model.has_context_limit_tokens()) return compute;
  return absl::StrCat(compute, ", limit ", TokenText(model.context_limit_tokens()));
}

std::string BandText(const v1::BandCoverage& coverage, bool has_limits) {
  std::string text =
      absl::StrCat(CountText(coverage.inside_count()), " of ", Plural(coverage.group_count(), "group mean"),
                   " inside the ", PercentText(coverage.confidence()), " band of the expected score (by compute",
                   has_limits ? ", context limit" : "", " and octave of prompt length)");
  if (coverage.undetermined_count() > 0) {
    absl::StrAppend(&text, "; ", CountText(coverage.undetermined_count()),
                    " more not judged: the fit gives no band there, or does not determine the expected score");
  }
  return text;
}

}  // namespace

std::string EvaluationTable(const v1::Evaluation& evaluation) {
  TextTable table = NewTable();
  AddRow("all", evaluation.all(), table);
  if (evaluation.has_within_limit()) AddRow("within the context limit", evaluation.within_limit(), table);
  if (evaluation.has_beyond_limit()) AddRow("beyond it", evaluation.beyond_limit(), table);
  for (const v1::ModelErrors& model : evaluation.models()) AddRow(ModelName(model), model.errors(), table);
  std::string text = table.Print(2);
  const bool has_limits = evaluation.has_within_limit() || evaluation.has_beyond_limit();
  if (evaluation.has_band_coverage())
    text += Wrapped("  band  ", BandText(evaluation.band_coverage(), has_limits), kTextWidth);
  if (!evaluation.no_band_reason().empty()) {
    text += Wrapped("  band  ", absl::StrCat("none (", NameFlags(evaluation.no_band_reason()), ")"), kTextWidth);
  }
  if (evaluation.extrapolated_count() > 0) {
    text += Wrapped("  ",
                    absl::StrCat(Plural(evaluation.extrapolated_count(), "record"),
                                 " outside the fitted range of compute or prompt length"),
                    kTextWidth);
  }
  return text;
}

std::string EvaluationTables(const v1::EvaluateResponse& response) {
  std::string text;
  for (const v1::Evaluation& evaluation : response.evaluations()) {
    absl::StrAppend(&text, text.empty() ? "" : "\n", evaluation.task().empty() ? "" : evaluation.task() + ": ",
                    "predicted against observed\n\n", EvaluationTable(evaluation));
  }
  if (response.evaluations_size() > 1) {
    TextTable table = NewTable();
    AddRow("all", response.all(), table);
    absl::StrAppend(&text, "\nAll tasks\n\n", table.Print(2));
  }
  return text;
}

}  // namespace ctxfit
