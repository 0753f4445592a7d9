#include "client/text/ablation_table.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/text/number_text.h"
#include "client/text/text_table.h"

namespace ctxfit {
namespace {

const char* NameOf(v1::LawVariant variant) {
  switch (variant) {
    case v1::LAW_VARIANT_FULL:
      return "the full law";
    case v1::LAW_VARIANT_NO_PENALTY:
      return "without penalty";
    case v1::LAW_VARIANT_NO_CONTEXT_FACTOR:
      return "without context factor";
    case v1::LAW_VARIANT_NEITHER:
      return "without both";
    default:
      return "?";
  }
}

// Formats an error. All errors share one scale, and so one number of decimals.
std::string Error(bool set, double error) { return set ? absl::StrFormat("%.4f", error) : "-"; }

std::string Criterion(bool set, double value) { return set ? absl::StrFormat("%.1f", value) : "-"; }

std::string Difference(bool set, double value) { return set ? absl::StrFormat("%+.1f", value) : ""; }

std::string Note(const v1::VariantFit& variant) {
  if (!variant.fit().refinement().converged()) return "NOT CONVERGED";
  const int unconverged = variant.cross_validation().unconverged_fold_count();
  return unconverged == 0 ? "" : absl::StrCat(Plural(unconverged, "fold"), " NOT CONVERGED");
}

void AddHeader(bool folds, TextTable& table) {
  if (folds) table.AddRow({"", "", "", "", "", "", "", "", "", "", "held out", "", "", "", ""});
  const auto held_out = [folds](const char* name) { return folds ? name : ""; };
  table.AddRow({"", "fitted", "MAE", "within", "beyond", "RMSE", "AIC", "+/-", "BIC", "+/-", held_out("MAE"),
                held_out("within"), held_out("beyond"), held_out("RMSE"), ""});
}

std::vector<std::string> Row(const v1::VariantFit& variant) {
  const v1::Goodness& goodness = variant.fit().goodness();
  const v1::CrossValidation& held_out = variant.cross_validation();
  const auto if_folds = [&](const std::string& text) { return variant.has_cross_validation() ? text : std::string(); };
  return {NameOf(variant.variant()),
          absl::StrCat(variant.fitted_count()),
          Error(true, goodness.mae()),
          Error(goodness.has_mae_within_limit(), goodness.mae_within_limit()),
          Error(goodness.has_mae_beyond_limit(), goodness.mae_beyond_limit()),
          Error(true, goodness.rmse()),
          Criterion(goodness.has_aic(), goodness.aic()),
          Difference(variant.has_aic_difference(), variant.aic_difference()),
          Criterion(goodness.has_bic(), goodness.bic()),
          Difference(variant.has_bic_difference(), variant.bic_difference()),
          if_folds(Error(true, held_out.all().mae())),
          if_folds(Error(held_out.has_within_limit(), held_out.within_limit().mae())),
          if_folds(Error(held_out.has_beyond_limit(), held_out.beyond_limit().mae())),
          if_folds(Error(true, held_out.all().rmse())),
          Note(variant)};
}

// A baseline, with as many fitted parameters as it has coefficients.
std::vector<std::string> Row(const v1::BaselineFit& fit) {
  const v1::Goodness& goodness = fit.goodness();
  const v1::CrossValidation& held_out = fit.cross_validation();
  const v1::Baseline& baseline = fit.baseline();
  const auto if_folds = [&](const std::string& text) { return fit.has_cross_validation() ? text : std::string(); };
  return {baseline.name(),
          absl::StrCat(1 + baseline.has_compute_slope() + baseline.has_prompt_slope()),
          Error(true, goodness.mae()),
          Error(goodness.has_mae_within_limit(), goodness.mae_within_limit()),
          Error(goodness.has_mae_beyond_limit(), goodness.mae_beyond_limit()),
          Error(true, goodness.rmse()),
          "",
          "",
          "",
          "",
          if_folds(Error(true, held_out.all().mae())),
          if_folds(Error(held_out.has_within_limit(), held_out.within_limit().mae())),
          if_folds(Error(held_out.has_beyond_limit(), held_out.beyond_limit().mae())),
          if_folds(Error(true, held_out.all().rmse()))};
}

std::string Explanation(const v1::Ablation& ablation) {
  std::string text =
      "Mean absolute errors (MAE) within and beyond the context limit. AIC and BIC, and their excess over the full "
      "law's, assume independent records. Lines and constant have the full law's penalty, floor and ceiling.";
  if (ablation.fold_count() == 0) return text;
  const v1::Bootstrap& units = ablation.variants(0).fit().bootstrap();
  return absl::StrCat(text, " Held out: each of ", ablation.fold_count(), " folds of ",
                      Plural(units.unit_count(), units.unit() == v1::RESAMPLING_UNIT_CLUSTER ? "cluster" : "record"),
                      " predicted by a fit to the others.");
}

std::string AblationTable(const v1::Ablation& ablation) {
  using enum TextTable::Align;
  std::vector<TextTable::Align> alignment(15, kRight);
  alignment.front() = alignment.back() = kLeft;
  TextTable table(alignment);
  AddHeader(ablation.fold_count() > 0, table);
  for (const v1::VariantFit& variant : ablation.variants()) table.AddRow(Row(variant));
  for (const v1::BaselineFit& fit : ablation.baselines()) table.AddRow(Row(fit));
  return absl::StrCat(ablation.task().empty() ? "Ablation" : ablation.task(), ": ",
                      Plural(ablation.variants(0).fit().goodness().record_count(), "record"), "\n\n", table.Print(2),
                      "\n", Wrapped("  ", Explanation(ablation), kTextWidth));
}

}  // namespace

std::string AblationTables(const v1::AblateResponse& response) {
  std::string text;
  for (const v1::Ablation& ablation : response.ablations()) {
    absl::StrAppend(&text, text.empty() ? "" : "\n", AblationTable(ablation));
  }
  return text;
}

}  // namespace ctxfit
