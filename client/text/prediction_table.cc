#include "client/text/prediction_table.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/text/number_text.h"
#include "client/text/text_table.h"
#include "client/text/warning_lines.h"
#include "ctxfit/v1/planning_service.pb.h"

namespace ctxfit {
namespace {

bool IsWithheld(const v1::Predictions& predictions, int i) {
  return i < predictions.band_withheld_size() && predictions.band_withheld(i);
}

std::string Note(const v1::Predictions& predictions, int i) {
  std::string note;
  if (i < predictions.determined_size() && !predictions.determined(i)) note = "not determined by the observations";
  if (i < predictions.extrapolated_size() && predictions.extrapolated(i)) {
    absl::StrAppend(&note, note.empty() ? "" : ", ", "extrapolated");
  }
  if (IsWithheld(predictions, i)) absl::StrAppend(&note, note.empty() ? "" : ", ", "no band");
  return note;
}

// Formats a score. All scores share one scale, and so one number of decimals.
std::string Score(double score) { return absl::StrFormat("%.4f", score); }

// The columns of a band, and a qualifier for its heading; "" for the pointwise band.
struct Band {
  const char* name;
  const google::protobuf::RepeatedField<double>& lower;
  const google::protobuf::RepeatedField<double>& upper;
};

// Returns the bands of the response.
std::vector<Band> BandsOf(const v1::Predictions& predictions) {
  std::vector<Band> bands;
  for (const Band& band : {Band{"", predictions.mean_lower(), predictions.mean_upper()},
                           Band{"of all ", predictions.simultaneous_lower(), predictions.simultaneous_upper()},
                           Band{"of a new mean ", predictions.new_mean_lower(), predictions.new_mean_upper()}}) {
    if (!band.lower.empty()) bands.push_back(band);
  }
  return bands;
}

}  // namespace

std::string PredictionTable(const std::string& task, const v1::PredictResponse& response) {
  using enum TextTable::Align;
  const v1::Predictions& predictions = response.predictions();
  const std::string confidence = PercentText(response.confidence());
  const std::vector<Band> bands = BandsOf(predictions);
  const bool has_prompts = !predictions.prompt_tokens().empty();
  const bool has_limits = !predictions.context_limit_tokens().empty();
  std::vector<std::string> names = {"compute"};
  std::vector<std::string> units = {"FLOP"};
  if (has_prompts) names.emplace_back("prompt");
  if (has_limits) names.emplace_back("context limit");
  units.resize(names.size(), "tokens");
  names.emplace_back("score");
  units.emplace_back();
  for (const Band& band : bands) {
    names.insert(names.end(), {absl::StrCat(confidence, " ", band.name, "from"), "to"});
    units.insert(units.end(), {"", ""});
  }
  std::vector<TextTable::Align> aligns(names.size(), kRight);
  aligns.push_back(kLeft);
  TextTable table(aligns);
  names.emplace_back();
  units.emplace_back();
  table.AddRow(names);
  table.AddRow(units);
  for (int i = 0; i < predictions.score_size(); ++i) {
    std::vector<std::string> row = {NumberText(predictions.training_compute_flops(i))};
    if (has_prompts) row.push_back(absl::StrFormat("%.10g", predictions.prompt_tokens(i)));
    if (has_limits) row.push_back(absl::StrFormat("%.10g", predictions.context_limit_tokens(i)));
    row.push_back(Score(predictions.score(i)));
    const bool withheld = IsWithheld(predictions, i);
    for (const Band& band : bands) {
      row.push_back(withheld ? "-" : Score(band.lower.at(i)));
      row.push_back(withheld ? "-" : Score(band.upper.at(i)));
    }
    row.push_back(Note(predictions, i));
    table.AddRow(row);
  }
  const std::string text = absl::StrCat(task.empty() ? "Predictions" : task, "\n\n");
  return absl::StrCat(text, WarningLines("", response.warnings()), response.warnings().empty() ? "" : "\n",
                      table.Print(2));
}

}  // namespace ctxfit
