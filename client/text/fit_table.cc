#include "client/text/fit_table.h"

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/text/evaluation_table.h"
#include "client/text/number_text.h"
#include "client/text/quantity_names.h"
#include "client/text/text_table.h"
#include "ctxfit/v1/fit.pb.h"

namespace ctxfit {
namespace {

constexpr std::size_t kWidth = 110;

absl::Duration ToDuration(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

absl::string_view UnitNoun(const v1::Bootstrap& bootstrap) {
  return bootstrap.unit() == v1::RESAMPLING_UNIT_CLUSTER ? "cluster" : "record";
}

std::string SecondUnits(const v1::Bootstrap& bootstrap) {
  if (bootstrap.stratum_count() > 0) return absl::StrCat(" within ", Plural(bootstrap.stratum_count(), "model level"));
  if (bootstrap.unit_2_count() == 0) return "";
  return absl::StrCat(" crossed with ", CountText(bootstrap.unit_2_count()), " units of the second key");
}

std::string GlobalText(const v1::Bootstrap& bootstrap) {
  if (bootstrap.global_count() == 0) return "";
  return absl::StrCat(CountText(bootstrap.global_agreeing_count()), " of ", CountText(bootstrap.global_count()),
                      " confirmed by a search from scratch, ");
}

std::string Heading(const v1::Fit& fit, std::size_t level_count) {
  std::vector<std::string> parts = {Plural(fit.goodness().record_count(), "record")};
  if (fit.bootstrap().unit() == v1::RESAMPLING_UNIT_CLUSTER) {
    parts.push_back(Plural(fit.bootstrap().unit_count(), "cluster"));
  }
  parts.push_back(Plural(static_cast<std::int64_t>(level_count), "model level"));
  parts.push_back(fit.refinement().converged() ? "converged" : "NOT CONVERGED");
  return absl::StrCat(fit.task().empty() ? "Fit" : fit.task(), ": ", absl::StrJoin(parts, ", "), "\n");
}

std::string Warnings(const v1::Fit& fit) {
  std::string text;
  for (const std::string& warning : fit.diagnostics().warnings()) text += Wrapped("  ! ", warning, kWidth);
  return text.empty() ? "" : text + "\n";
}

bool HasReplicates(const v1::Bootstrap& bootstrap) {
  return bootstrap.replicate_count() > 0 && bootstrap.no_interval_reason().empty();
}

bool IsReference(const v1::Estimate& estimate) {
  return estimate.name() == "compute_reference_flops" || estimate.name() == "prompt_reference_tokens";
}

std::vector<std::string> EstimateRow(const v1::Estimate& estimate, bool profile) {
  const QuantityName name = FindQuantityName(estimate.name());
  const auto text = [](bool set, double value) { return set ? NumberText(value) : std::string(); };
  std::string value = "-";
  if (estimate.has_value()) {
    value = estimate.fixed() ? ChosenNumberText(estimate.value()) : NumberText(estimate.value(), 5);
  }
  std::string note;
  if (estimate.fixed()) {
    note = IsReference(estimate) ? "reference scale, chosen" : "fixed";
  } else if (!estimate.identified()) {
    note = absl::StrCat("not identified: ", estimate.reason());
  } else {
    note = estimate.reason();
  }
  std::vector<std::string> row = {std::string(name.symbol),
                                  estimate.name(),
                                  value,
                                  text(estimate.has_standard_error(), estimate.standard_error()),
                                  text(estimate.has_sandwich_standard_error(), estimate.sandwich_standard_error()),
                                  text(estimate.has_lower(), estimate.lower()),
                                  text(estimate.has_upper(), estimate.upper())};
  if (profile) {
    row.push_back(text(estimate.has_profile_lower(), estimate.profile_lower()));
    row.push_back(text(estimate.has_profile_upper(), estimate.profile_upper()));
  }
  row.insert(row.end(), {std::string(name.unit), note});
  return row;
}

std::string Estimates(const v1::Fit& fit) {
  using enum TextTable::Align;
  const bool profile = fit.provenance().options().profile_intervals();
  std::vector<TextTable::Align> aligns = {kLeft, kLeft, kRight, kRight, kRight, kRight, kRight, kLeft, kLeft};
  if (profile) aligns.insert(aligns.end() - 2, {kRight, kRight});
  TextTable table(aligns);
  const std::string confidence = PercentText(fit.bootstrap().confidence());
  const bool intervals = HasReplicates(fit.bootstrap());
  std::vector<std::string> head = {"",
                                   "parameter",
                                   "value",
                                   intervals ? "std. error" : "",
                                   "sandwich",
                                   intervals ? confidence + " from" : "",
                                   intervals ? "to" : ""};
  if (profile) head.insert(head.end(), {"profile from", "to"});
  head.insert(head.end(), {"unit", "note"});
  table.AddRow(head);
  const double lag = fit.parameters().penalty_lag_tokens();
  for (const v1::Estimate& estimate : fit.estimates()) {
    std::vector<std::string> row = EstimateRow(estimate, profile);
    if (lag > 0 && estimate.name() == "penalty_width_tokens") {
      absl::StrAppend(&row.back(), ", a step ", ChosenNumberText(lag), " tokens beyond the limit");
    }
    table.AddRow(row);
  }
  return table.Print(2);
}

std::string GoodnessText(const v1::Goodness& goodness) {
  std::string mae = absl::StrCat("MAE ", NumberText(goodness.mae()));
  std::vector<std::string> split;
  if (goodness.has_mae_within_limit()) {
    split.push_back(absl::StrCat(NumberText(goodness.mae_within_limit()), " within the context limit"));
  }
  if (goodness.has_mae_beyond_limit()) {
    split.push_back(absl::StrCat(NumberText(goodness.mae_beyond_limit()), " beyond"));
  }
  if (split.size() == 2) absl::StrAppend(&mae, " (", absl::StrJoin(split, ", "), ")");
  std::vector<std::string> parts = {mae, absl::StrCat("RMSE ", NumberText(goodness.rmse()))};
  if (goodness.has_r_squared()) parts.push_back(absl::StrCat("R² ", NumberText(goodness.r_squared())));
  if (goodness.has_aic()) parts.push_back(absl::StrCat("AIC ", NumberText(goodness.aic(), 6)));
  if (goodness.has_bic()) parts.push_back(absl::StrCat("BIC ", NumberText(goodness.bic(), 6)));
  return absl::StrJoin(parts, ", ");
}

std::string SearchText(const v1::Search& search) {
  if (search.termination() == v1::SEARCH_TERMINATION_NOTHING_TO_FIT) return "nothing to fit: every parameter is fixed";
  std::string text =
      absl::StrCat(Plural(search.generation_count(), "generation"), " of ",
                   Plural(search.candidate_count(), "candidate"), ", ", Plural(search.evaluation_count(), "evaluation"),
                   ", ", DurationText(ToDuration(search.duration())), ": ", search.termination_message());
  if (search.non_finite_count() > 0) {
    absl::StrAppend(&text, "; ", Plural(search.non_finite_count(), "candidate"), " without a finite cost");
  }
  return text;
}

std::string RefinementText(const v1::Refinement& refinement) {
  if (refinement.start_count() == 0) return refinement.termination_message();
  const int optima = refinement.distinct_optimum_count();
  return absl::StrCat(CountText(refinement.agreeing_count()), " of ", Plural(refinement.start_count(), "start"),
                      " agree, ", optima == 1 ? "one optimum" : absl::StrCat(optima, " distinct optima"), ", ",
                      DurationText(ToDuration(refinement.duration())), ": ", refinement.termination_message());
}

std::string BootstrapText(const v1::Bootstrap& bootstrap) {
  if (!HasReplicates(bootstrap)) {
    return bootstrap.replicate_count() == 0 ? "off" : absl::StrCat("none: ", bootstrap.no_interval_reason());
  }
  return absl::StrCat(Plural(bootstrap.replicate_count(), "replicate"), " over ",
                      Plural(bootstrap.unit_count(), UnitNoun(bootstrap)), SecondUnits(bootstrap), ", ",
                      CountText(bootstrap.converged_count()), " converged, ", GlobalText(bootstrap),
                      DurationText(ToDuration(bootstrap.duration())));
}

// The ends of profile intervals that are missing, with their reasons.
std::string ProfileText(const v1::Fit& fit) {
  std::vector<std::string> parts;
  for (const v1::Estimate& estimate : fit.estimates()) {
    if (estimate.profile_reason().empty()) continue;
    parts.push_back(absl::StrCat(estimate.name(), " has ", estimate.profile_reason()));
  }
  return absl::StrJoin(parts, "; ");
}

std::string Summary(const v1::Fit& fit) {
  const v1::Provenance& provenance = fit.provenance();
  std::string text = Wrapped("  fit         ", GoodnessText(fit.goodness()), kWidth);
  text += Wrapped("  search      ", SearchText(fit.search()), kWidth);
  text += Wrapped("  refinement  ", RefinementText(fit.refinement()), kWidth);
  text += Wrapped("  bootstrap   ", BootstrapText(fit.bootstrap()), kWidth);
  if (const std::string profile = ProfileText(fit); !profile.empty()) {
    text += Wrapped("  profile     ", profile, kWidth);
  }
  text += Wrapped("  made by     ",
                  absl::StrCat("ctxfit ", provenance.version(), " on ", provenance.backend(), " (", provenance.device(),
                               "), seed ", provenance.seed()),
                  kWidth);
  return text;
}

}  // namespace

std::string FitTable(const v1::Fit& fit, std::size_t level_count) {
  std::string text = absl::StrCat(Heading(fit, level_count), "\n", Warnings(fit), Estimates(fit), "\n", Summary(fit));
  if (fit.has_evaluation()) absl::StrAppend(&text, "\n  Held out\n\n", EvaluationTable(fit.evaluation()));
  return text;
}

}  // namespace ctxfit
