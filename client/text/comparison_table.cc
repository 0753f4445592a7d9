#include "client/text/comparison_table.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/text/flag_names.h"
#include "client/text/number_text.h"
#include "client/text/quantity_names.h"
#include "client/text/text_table.h"
#include "client/text/warning_lines.h"

namespace ctxfit {
namespace {

// Formats a score. All scores share one scale, and so one number of decimals.
std::string Score(double score) { return absl::StrFormat("%.4f", score); }
std::string ScoreDifference(double difference) { return absl::StrFormat("%+.4f", difference); }

std::string PText(double p) { return p < 1e-300 ? "< 1e-300" : NumberText(p, 2); }

bool HasClusters(const v1::Fit& fit) { return fit.bootstrap().unit() == v1::RESAMPLING_UNIT_CLUSTER; }

std::string GroupText(const v1::Fit& fit, const std::string& what) {
  std::string size = Plural(fit.goodness().record_count(), "record");
  if (HasClusters(fit)) absl::StrAppend(&size, " in ", Plural(fit.bootstrap().unit_count(), "cluster"));
  return absl::StrCat(what, ": ", size, ", MAE ", Score(fit.goodness().mae()));
}

std::string Heading(const v1::CompareResponse& response, const v1::Comparison& comparison,
                    const ComparedGroups& groups) {
  const std::string& a = response.first_group();
  const std::string& b = response.second_group();
  std::string text = absl::StrCat(comparison.task().empty() ? "Comparison" : comparison.task(), "\n\n");
  text += Wrapped(absl::StrCat("  ", a, "  "), GroupText(comparison.first_fit(), groups.first), kTextWidth);
  text += Wrapped(absl::StrCat("  ", b, "  "), GroupText(comparison.second_fit(), groups.second), kTextWidth);
  if (HasClusters(comparison.pooled_fit())) {
    absl::StrAppend(&text, "  ", Plural(comparison.shared_cluster_count(), "cluster"), " in both\n");
  }
  const std::string warnings = absl::StrCat(WarningLines(a, comparison.first_fit().diagnostics().warnings()),
                                            WarningLines(b, comparison.second_fit().diagnostics().warnings()));
  return absl::StrCat(text, warnings.empty() ? "" : "\n", warnings, "\n");
}

std::string Parameters(const v1::CompareResponse& response, const v1::Comparison& comparison) {
  using enum TextTable::Align;
  TextTable table({kLeft, kLeft, kRight, kRight, kRight, kRight, kRight, kRight, kLeft, kLeft});
  const std::string& a = response.first_group();
  const std::string& b = response.second_group();
  table.AddRow({"", "parameter", a, b, absl::StrCat(b, " - ", a), "std. error",
                absl::StrCat(PercentText(response.confidence()), " from"), "to", "unit", "note"});
  for (const v1::ParameterDifference& parameter : comparison.parameters()) {
    const QuantityName name = FindQuantityName(parameter.name());
    const auto text = [](bool set, double value) { return set ? NumberText(value) : std::string(); };
    table.AddRow({std::string(name.symbol), parameter.name(), NumberText(parameter.first()),
                  NumberText(parameter.second()), NumberText(parameter.difference()),
                  text(parameter.has_standard_error(), parameter.standard_error()),
                  text(parameter.has_lower(), parameter.lower()), text(parameter.has_upper(), parameter.upper()),
                  std::string(name.unit), NameFlags(parameter.reason())});
  }
  return table.Print(2);
}

std::string Predictions(const v1::CompareResponse& response, const v1::Comparison& comparison) {
  if (comparison.predictions_size() == 0) return "";
  using enum TextTable::Align;
  TextTable table({kRight, kRight, kRight, kRight, kRight, kRight, kRight, kRight, kLeft});
  const std::string& a = response.first_group();
  const std::string& b = response.second_group();
  // A law that does not use prompts or limits may have been asked without them.
  const bool prompts = comparison.predictions(0).has_prompt_tokens();
  const bool limits = comparison.predictions(0).has_context_limit_tokens();
  const auto tokens = [](bool has, double value) { return has ? absl::StrFormat("%.10g", value) : std::string(); };
  table.AddRow({"compute", prompts ? "prompt" : "", limits ? "context limit" : "", a, b, absl::StrCat(b, " - ", a),
                absl::StrCat(PercentText(response.confidence()), " from"), "to", ""});
  table.AddRow({"FLOP", prompts ? "tokens" : "", limits ? "tokens" : "", "", "", "", "", "", ""});
  for (const v1::PredictionDifference& point : comparison.predictions()) {
    std::string note = point.determined() ? "" : "not determined by the observations";
    if (point.extrapolated()) absl::StrAppend(&note, note.empty() ? "" : ", ", "extrapolated");
    table.AddRow({NumberText(point.training_compute_flops()), tokens(prompts, point.prompt_tokens()),
                  tokens(limits, point.context_limit_tokens()), Score(point.first()), Score(point.second()),
                  ScoreDifference(point.difference()), point.has_lower() ? ScoreDifference(point.lower()) : "",
                  point.has_upper() ? ScoreDifference(point.upper()) : "", note});
  }
  return absl::StrCat("\n", table.Print(2));
}

void AddTest(const std::string& name, const v1::LawTest& test, const std::string& note, TextTable& table) {
  if (!test.has_p_value()) {
    table.AddRow({name, "-", "", "", absl::StrCat("none (", NameFlags(test.reason()), ")")});
    return;
  }
  table.AddRow({name, NumberText(test.statistic()),
                absl::StrFormat("%.4g, %.4g", test.numerator_degrees(), test.denominator_degrees()),
                PText(test.p_value()), note});
}

// The note on the F test, which takes records for independent.
std::string NoteOnF(const v1::Comparison& comparison) {
  if (!HasClusters(comparison.pooled_fit())) return "assumes equal variances";
  return comparison.shared_cluster_count() > 0 ? "assumes independent records: p is wrong where clusters are shared"
                                               : "assumes independent records: p is too small";
}

std::string Tests(const v1::Comparison& comparison) {
  using enum TextTable::Align;
  const bool clusters = HasClusters(comparison.pooled_fit());
  TextTable table({kLeft, kRight, kRight, kRight, kLeft});
  table.AddRow({"one law for both", "F", "degrees of freedom", "p", ""});
  AddTest("Wald, by the replicates", comparison.wald_test(),
          clusters ? "the one to trust: rows of a cluster are correlated" : "allows for unequal variances", table);
  AddTest("F, by the residuals", comparison.f_test(), NoteOnF(comparison), table);
  return absl::StrCat("\n", table.Print(2));
}

}  // namespace

std::string ComparisonTables(const v1::CompareResponse& response, const ComparedGroups& groups) {
  std::string text;
  for (const v1::Comparison& comparison : response.comparisons()) {
    absl::StrAppend(&text, text.empty() ? "" : "\n", Heading(response, comparison, groups),
                    Parameters(response, comparison), Predictions(response, comparison), Tests(comparison));
  }
  return text;
}

}  // namespace ctxfit
