#include "client/text/fit_table.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "client/text/backtest_table.h"
#include "client/text/evaluation_table.h"
#include "client/text/flag_names.h"
#include "client/text/number_text.h"
#include "client/text/quantity_names.h"
#include "client/text/text_table.h"
#include "client/text/warning_lines.h"
#include "ctxfit/v1/fit.pb.h"

namespace ctxfit {
namespace {

absl::Duration ToDuration(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

absl::string_view UnitNoun(const v1::Bootstrap& bootstrap) {
  return bootstrap.unit() == v1::RESAMPLING_UNIT_CLUSTER ? "cluster" : "record";
}

std::string SecondUnits(const v1::Bootstrap& bootstrap) {
  if (bootstrap.stratum_count() > 0) return absl::StrCat(" within ", Plural(bootstrap.stratum_count(), "model level"));
  if (bootstrap.unit_2_count() == 0) return "";
  return absl::StrCat(" crossed with ", Plural(bootstrap.unit_2_count(), "unit"), " of the second key");
}

std::string GlobalText(const v1::Bootstrap& bootstrap) {
  if (bootstrap.global_count() == 0) return "";
  return absl::StrCat(CountText(bootstrap.global_agreeing_count()), " of ", CountText(bootstrap.global_count()),
                      " confirmed by a search from scratch, ");
}

std::string Heading(const v1::Fit& fit, std::optional<std::size_t> level_count) {
  std::vector<std::string> parts = {Plural(fit.goodness().record_count(), "record")};
  if (fit.bootstrap().unit() == v1::RESAMPLING_UNIT_CLUSTER) {
    parts.push_back(Plural(fit.bootstrap().unit_count(), "cluster"));
  }
  if (level_count) parts.push_back(Plural(static_cast<std::int64_t>(*level_count), "model level"));
  parts.push_back(fit.refinement().converged() ? "converged" : "NOT CONVERGED");
  return absl::StrCat(fit.task().empty() ? "Fit" : fit.task(), ": ", absl::StrJoin(parts, ", "), "\n");
}

std::string Warnings(const v1::Fit& fit) {
  const auto& warnings = fit.diagnostics().warnings();
  return absl::StrCat(WarningLines("", warnings), warnings.empty() ? "" : "\n");
}

bool HasReplicates(const v1::Bootstrap& bootstrap) {
  return bootstrap.replicate_count() > 0 && bootstrap.no_interval_reason().empty();
}

bool IsReference(const v1::Estimate& estimate) {
  return estimate.name() == "compute_reference_flops" || estimate.name() == "prompt_reference_tokens";
}

// Reasons why estimates have no interval, which stand below the table if they are long or hold for several.
class Footnotes {
 public:
  explicit Footnotes(const v1::Fit& fit) {
    for (const v1::Estimate& estimate : fit.estimates()) ++counts_[estimate.reason()];
  }

  // Returns a note of `what` with its reason, or with the number of its footnote.
  std::string Note(absl::string_view what, const std::string& reason) {
    constexpr std::size_t kShort = 60;
    const std::string text = NameFlags(reason);
    if (reason.empty() || (counts_[reason] == 1 && text.size() <= kShort)) {
      return absl::StrCat(what, what.empty() || text.empty() ? "" : ": ", text);
    }
    const std::size_t at = std::find(texts_.begin(), texts_.end(), text) - texts_.begin();
    if (at == texts_.size()) texts_.push_back(text);
    return absl::StrCat(what.empty() ? "no interval" : what, " [", at + 1, "]");
  }

  std::string Print() const {
    std::string lines;
    for (std::size_t i = 0; i < texts_.size(); ++i)
      lines += Wrapped(absl::StrCat("  [", i + 1, "] "), texts_[i], kTextWidth);
    return lines.empty() ? "" : absl::StrCat("\n", lines);
  }

 private:
  std::map<std::string, int> counts_;
  std::vector<std::string> texts_;
};

std::vector<std::string> EstimateRow(const v1::Estimate& estimate, bool profile, Footnotes& footnotes) {
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
    note = footnotes.Note("not identified", estimate.reason());
  } else {
    note = footnotes.Note("", estimate.reason());
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
  Footnotes footnotes(fit);
  const double lag = fit.parameters().penalty_lag_tokens();
  for (const v1::Estimate& estimate : fit.estimates()) {
    std::vector<std::string> row = EstimateRow(estimate, profile, footnotes);
    if (lag > 0 && estimate.name() == "penalty_width_tokens") {
      absl::StrAppend(&row.back(), ", a step ", ChosenNumberText(lag), " tokens beyond the limit");
    }
    table.AddRow(row);
  }
  return absl::StrCat(table.Print(2), footnotes.Print());
}

// Formats a statistic in units of scores, without what is left of 0 by rounding.
std::string StatisticText(double value) {
  constexpr double kRounding = 1e-12;
  return NumberText(std::abs(value) < kRounding ? 0 : value);
}

std::string GoodnessText(const v1::Goodness& goodness) {
  std::string mae = absl::StrCat("MAE ", StatisticText(goodness.mae()));
  std::vector<std::string> split;
  if (goodness.has_mae_within_limit()) {
    split.push_back(absl::StrCat(StatisticText(goodness.mae_within_limit()), " within the context limit"));
  }
  if (goodness.has_mae_beyond_limit()) {
    split.push_back(absl::StrCat(StatisticText(goodness.mae_beyond_limit()), " beyond"));
  }
  if (split.size() == 2) absl::StrAppend(&mae, " (", absl::StrJoin(split, ", "), ")");
  std::vector<std::string> parts = {mae, absl::StrCat("RMSE ", StatisticText(goodness.rmse()))};
  if (goodness.has_r_squared()) parts.push_back(absl::StrCat("R² ", StatisticText(goodness.r_squared())));
  if (goodness.has_aic()) parts.push_back(absl::StrCat("AIC ", NumberText(goodness.aic(), 6)));
  if (goodness.has_bic()) parts.push_back(absl::StrCat("BIC ", NumberText(goodness.bic(), 6)));
  return absl::StrJoin(parts, ", ");
}

std::string SearchText(const v1::Search& search) {
  if (search.termination() == v1::SEARCH_TERMINATION_NOTHING_TO_FIT) return "nothing to fit: every parameter is fixed";
  std::string text =
      absl::StrCat(Plural(search.generation_count(), "generation"), " of ",
                   Plural(search.candidate_count(), "candidate"), " over ", Plural(search.cell_count(), "cell"),
                   search.over() == v1::SEARCH_OVER_BINS ? " of binned prompt lengths" : " of equal covariates", ", ",
                   Plural(search.evaluation_count(), "evaluation"), ", ", DurationText(ToDuration(search.duration())),
                   " (", NumberText(search.candidate_records_per_second(), 2),
                   " candidate-records per second): ", search.termination_message());
  if (search.non_finite_count() > 0) {
    absl::StrAppend(&text, "; ", Plural(search.non_finite_count(), "candidate"), " without a finite cost");
  }
  return text;
}

std::string RefinementText(const v1::Refinement& refinement) {
  if (refinement.start_count() == 0) return refinement.termination_message();
  const int optima = refinement.distinct_optimum_count();
  return absl::StrCat(CountText(refinement.agreeing_count()), " of ", Plural(refinement.start_count(), "start"),
                      refinement.agreeing_count() == 1 ? " agrees, " : " agree, ",
                      optima == 1 ? "one optimum" : absl::StrCat(optima, " distinct optima"), ", ",
                      DurationText(ToDuration(refinement.duration())), ": ", refinement.termination_message());
}

std::string BootstrapText(const v1::Bootstrap& bootstrap) {
  if (!HasReplicates(bootstrap)) {
    return bootstrap.replicate_count() == 0 ? "off"
                                            : absl::StrCat("none (", NameFlags(bootstrap.no_interval_reason()), ")");
  }
  return absl::StrCat(Plural(bootstrap.replicate_count(), "replicate"), " over ",
                      Plural(bootstrap.unit_count(), UnitNoun(bootstrap)), SecondUnits(bootstrap), ", ",
                      CountText(bootstrap.converged_count()), " converged, ", GlobalText(bootstrap),
                      DurationText(ToDuration(bootstrap.duration())));
}

// Says once why both ends of a profile interval are missing, where they share the reason.
std::string ProfileReason(const v1::Estimate& estimate) {
  absl::string_view lower = estimate.profile_reason();
  absl::string_view upper = lower.substr(std::min(lower.size(), lower.find("; ")));
  lower.remove_suffix(upper.size());
  const bool both = absl::ConsumePrefix(&lower, "no lower end, because ") &&
                    absl::ConsumePrefix(&upper, "; no upper end, because ") && lower == upper;
  return NameFlags(both ? absl::StrCat("neither end, because ", lower) : estimate.profile_reason());
}

// The ends of profile intervals that are missing: each reason once, with the parameters that it is about.
std::string ProfileText(const v1::Fit& fit) {
  std::vector<std::pair<std::string, std::vector<std::string>>> reasons;
  for (const v1::Estimate& estimate : fit.estimates()) {
    if (estimate.profile_reason().empty()) continue;
    const std::string reason = ProfileReason(estimate);
    const auto known = std::find_if(reasons.begin(), reasons.end(), [&](const auto& of) { return of.first == reason; });
    if (known == reasons.end()) {
      reasons.push_back({reason, {estimate.name()}});
    } else {
      known->second.push_back(estimate.name());
    }
  }
  std::vector<std::string> parts;
  for (const auto& [reason, names] : reasons) {
    parts.push_back(absl::StrCat(absl::StrJoin(names, ", "), names.size() == 1 ? " has " : " have ", reason));
  }
  return absl::StrJoin(parts, "; ");
}

std::string Summary(const v1::Fit& fit) {
  const v1::Provenance& provenance = fit.provenance();
  std::string text = Wrapped("  fit         ", GoodnessText(fit.goodness()), kTextWidth);
  text += Wrapped("  search      ", SearchText(fit.search()), kTextWidth);
  text += Wrapped("  refinement  ", RefinementText(fit.refinement()), kTextWidth);
  text += Wrapped("  bootstrap   ", BootstrapText(fit.bootstrap()), kTextWidth);
  if (const std::string profile = ProfileText(fit); !profile.empty()) {
    text += Wrapped("  profile     ", profile, kTextWidth);
  }
  text += Wrapped("  made by     ",
                  absl::StrCat("ctxfit ", provenance.version(), " on ", provenance.backend(), " (", provenance.device(),
                               "), seed ", provenance.seed()),
                  kTextWidth);
  return text;
}

}  // namespace

std::string FitTable(const v1::Fit& fit, std::optional<std::size_t> level_count) {
  std::string text = absl::StrCat(Heading(fit, level_count), "\n", HeldOutLevelsText(fit), Warnings(fit),
                                  Estimates(fit), "\n", Summary(fit));
  if (const std::string baselines = BaselineTable(fit); !baselines.empty()) {
    absl::StrAppend(&text, "\n  Baselines\n\n", baselines);
  }
  if (fit.has_evaluation()) absl::StrAppend(&text, "\n  Held out\n\n", EvaluationTable(fit.evaluation()));
  return text;
}

}  // namespace ctxfit
