#include "client/plot/plot_notes.h"

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "client/plot/plot_data.h"
#include "client/text/number_text.h"
#include "client/text/quantity_names.h"
#include "ctxfit/v1/fit.pb.h"

namespace ctxfit {
namespace {

std::string Unbreakable(absl::string_view text) { return absl::StrReplaceAll(text, {{" ", "\u00A0"}}); }

std::string Item(const v1::Estimate& estimate) {
  const QuantityName name = FindQuantityName(estimate.name());
  const std::string value =
      estimate.fixed() ? TypesetChosenNumber(estimate.value()) : TypesetNumber(estimate.value(), 3);
  std::string text = absl::StrCat(name.symbol, " = ", value);
  if (estimate.has_lower() && estimate.has_upper()) {
    absl::StrAppend(&text, " [", TypesetNumber(estimate.lower(), 3), ", ", TypesetNumber(estimate.upper(), 3), "]");
  }
  if (!name.unit.empty()) absl::StrAppend(&text, " ", value == "1" && name.unit == "tokens" ? "token" : name.unit);
  if (!estimate.identified()) absl::StrAppend(&text, " (not identified)");
  return Unbreakable(text);
}

std::string FitNote(const v1::Fit& fit) {
  const v1::Goodness& goodness = fit.goodness();
  const bool clustered = fit.bootstrap().unit() == v1::RESAMPLING_UNIT_CLUSTER;
  std::string text = absl::StrCat("n = ", Plural(goodness.record_count(), "record"));
  if (clustered) absl::StrAppend(&text, " in ", Plural(fit.bootstrap().unit_count(), "cluster"));
  absl::StrAppend(&text, ", mean absolute error ", NumberText(goodness.mae(), 3));
  if (goodness.has_mae_within_limit() && goodness.has_mae_beyond_limit()) {
    absl::StrAppend(&text, " (", NumberText(goodness.mae_within_limit(), 3), " within the context limit, ",
                    NumberText(goodness.mae_beyond_limit(), 3), " beyond)");
  }
  absl::StrAppend(&text, fit.refinement().converged() ? "." : "; THE FIT DID NOT CONVERGE.");
  return text;
}

std::string BandNote(const v1::Fit& fit) {
  return absl::StrCat("Intervals and pointwise bands cover ", PercentText(fit.bootstrap().confidence()),
                      ", by a bootstrap over ",
                      fit.bootstrap().unit() == v1::RESAMPLING_UNIT_CLUSTER ? "clusters" : "records", " with ",
                      Plural(fit.bootstrap().replicate_count(), "replicate"), ".");
}

}  // namespace

std::vector<std::string> ParameterItems(const v1::Fit& fit) {
  std::vector<std::string> items;
  for (const v1::Estimate& estimate : fit.estimates()) {
    if (estimate.has_value()) items.push_back(Item(estimate));
  }
  if (!fit.parameters().has_penalty_onset_ratio()) items.push_back(Unbreakable("no penalty"));
  return items;
}

std::vector<std::string> Notes(const v1::Fit& fit, std::size_t level_count, bool binned) {
  std::vector<std::string> notes = {FitNote(fit)};
  if (fit.bootstrap().replicate_count() > 0) notes.push_back(BandNote(fit));
  if (binned) {
    notes.push_back(
        absl::StrCat("In panels with more than ", kMaxSinglePoints,
                     " records, points are weighted means over prompt lengths within about a factor of √2, "
                     "separately on either side of the context limit; their areas are proportional to the weight."));
  }
  notes.push_back("The curve is dotted outside the observed range.");
  if (level_count > kMaxPanels) {
    notes.push_back(absl::StrCat(kMaxPanels, " of ", level_count, " model levels are shown."));
  }
  return notes;
}

}  // namespace ctxfit
