#include "client/text/prediction_table.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/text/number_text.h"
#include "client/text/text_table.h"
#include "ctxfit/v1/planning_service.pb.h"

namespace ctxfit {
namespace {

std::string Note(const v1::Predictions& predictions, int i) {
  std::string note;
  if (i < predictions.determined_size() && !predictions.determined(i)) note = "not determined by the observations";
  if (i < predictions.extrapolated_size() && predictions.extrapolated(i)) {
    absl::StrAppend(&note, note.empty() ? "" : ", ", "extrapolated");
  }
  return note;
}

// Scores share one scale, so they share the place of their last digit.
std::string Score(double score) { return absl::StrFormat("%.4f", score); }

}  // namespace

std::string PredictionTable(const std::string& task, const v1::PredictResponse& response) {
  using enum TextTable::Align;
  const v1::Predictions& predictions = response.predictions();
  const bool bands = predictions.mean_lower_size() > 0;
  TextTable table({kRight, kRight, kRight, kRight, kRight, kRight, kLeft});
  table.AddRow({"compute", "prompt", "context limit", "score",
                bands ? PercentText(response.confidence()) + " from" : "", bands ? "to" : "", ""});
  table.AddRow({"FLOP", "tokens", "tokens", "", "", "", ""});
  for (int i = 0; i < predictions.score_size(); ++i) {
    table.AddRow({NumberText(predictions.training_compute_flops(i)),
                  absl::StrFormat("%.10g", predictions.prompt_tokens(i)),
                  absl::StrFormat("%.10g", predictions.context_limit_tokens(i)), Score(predictions.score(i)),
                  bands ? Score(predictions.mean_lower(i)) : "", bands ? Score(predictions.mean_upper(i)) : "",
                  Note(predictions, i)});
  }
  std::string text = absl::StrCat(task.empty() ? "Predictions" : task, "\n\n");
  for (const std::string& warning : response.warnings()) text += Wrapped("  ! ", warning, 110);
  if (response.warnings_size() > 0) text += "\n";
  return text + table.Print(2);
}

}  // namespace ctxfit
