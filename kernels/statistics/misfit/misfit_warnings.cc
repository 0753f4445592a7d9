#include "kernels/statistics/misfit/misfit_warnings.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "kernels/statistics/misfit/misfit.h"

namespace ctxfit {
namespace {

constexpr std::size_t kShown = 3;  // places that a warning lists
// Options by their fields of ctxfit.v1; a client may put its own names in their place.
constexpr char kFitPenalty[] = "options.penalty.fit_onset, options.penalty.fit_width";

bool IsAboutLimit(const MisfitFinding& finding) {
  return finding.kind == MisfitKind::kAtLimit || finding.kind == MisfitKind::kBeyondLimit;
}

std::string ComputesText(const Range& computes) {
  const std::string lower = absl::StrFormat("%.3g", computes.lower);
  const std::string upper = absl::StrFormat("%.3g", computes.upper);
  return lower == upper ? absl::StrCat("at ", lower, " FLOP") : absl::StrCat("from ", lower, " to ", upper, " FLOP");
}

std::string PromptsText(const Range& prompts) {
  if (prompts.lower == prompts.upper) return absl::StrFormat("on prompts of %.0f tokens", prompts.lower);
  return absl::StrFormat("on prompts of %.0f to %.0f tokens", prompts.lower, prompts.upper);
}

// The change over a factor of ten of what changes by `slope` per unit of the natural logarithm.
double PerDecade(double slope) { return slope * std::log(10.0); }

// A mean residual or a difference, which three decimals must not round to nothing.
std::string DifferenceText(double value, bool with_sign) {
  constexpr double kLeast = 0.0095;
  const bool is_small = std::abs(value) < kLeast;
  if (with_sign) return is_small ? absl::StrFormat("%+.2g", value) : absl::StrFormat("%+.3f", value);
  return is_small ? absl::StrFormat("%.2g", value) : absl::StrFormat("%.3f", value);
}

// A trend is the coefficient of a term that is fitted beside the law, which takes over what it can: the plain slope of
// the residuals may be smaller.
std::string TrendText(const MisfitFinding& finding, const char* variable) {
  return absl::StrFormat("%s by %s per tenfold %s (a trend fitted beside the law)", finding.mean > 0 ? "rise" : "fall",
                         DifferenceText(std::abs(PerDecade(finding.mean)), false), variable);
}

// A finding as an object of "residuals (score minus law) ...".
std::string Describe(const MisfitFinding& finding) {
  const std::string mean = absl::StrCat("average ", DifferenceText(finding.mean, true), " ");
  switch (finding.kind) {
    case MisfitKind::kAllRows:
      return absl::StrCat(mean, "within the context limit");
    case MisfitKind::kComputeGroup:
      return absl::StrCat(mean, ComputesText(finding.compute_flops));
    case MisfitKind::kThird:
      return absl::StrCat(mean, PromptsText(finding.prompt_tokens));
    case MisfitKind::kComputeGroupAndThird:
      return absl::StrCat(mean, ComputesText(finding.compute_flops), " ", PromptsText(finding.prompt_tokens));
    case MisfitKind::kAtLimit:
      return absl::StrCat(mean, "at the context limit");
    case MisfitKind::kBeyondLimit:
      return absl::StrCat(mean, "beyond the context limit");
    case MisfitKind::kPromptTrend:
      return TrendText(finding, "prompt length");
    case MisfitKind::kComputeTrend:
      return TrendText(finding, "compute");
    case MisfitKind::kPromptBend:
      return absl::StrCat("are ", finding.mean > 0 ? "lowest" : "highest", " at intermediate prompt lengths");
    case MisfitKind::kComputeBend:
      return absl::StrCat("are ", finding.mean > 0 ? "lowest" : "highest", " at intermediate computes");
    case MisfitKind::kFloor:
      return "stay positive where the law approaches its floor";
  }
  return "";
}

// True if scores fall over prompt lengths, where the law can only rise and so is flat, and are not rather bent.
bool FallsWithLength(const std::vector<const MisfitFinding*>& findings, const MisfitContext& context) {
  if (!context.context_is_flat) return false;
  for (const MisfitFinding* finding : findings) {
    if (finding->kind == MisfitKind::kPromptBend) return false;
    if (finding->kind == MisfitKind::kPromptTrend) return finding->mean < 0;
  }
  return false;
}

std::string AdviceOn(const std::vector<const MisfitFinding*>& findings, const MisfitContext& context) {
  const MisfitKind worst = findings.empty() ? MisfitKind::kAllRows : findings.front()->kind;
  if (worst == MisfitKind::kFloor) {
    return "Scores level off, as by chance: fit the floor, or set it (options.floor)";
  }
  if (FallsWithLength(findings, context)) {
    const char* fall = "Scores fall with prompt length, where the law's context factor can only rise: ";
    return context.penalty_is_fitted || !context.can_fit_penalty
               ? absl::StrCat(fall, "do not extrapolate")
               : absl::StrCat(fall, "fit the penalty (", kFitPenalty, "), and do not extrapolate");
  }
  if (worst == MisfitKind::kComputeGroup) {
    return "Check the models there, which stand apart, or leave them out; do not extrapolate";
  }
  return "Do not extrapolate";
}

std::string NegativeR2(const MisfitContext& context) {
  if (!context.r_squared || *context.r_squared >= 0) return "";
  return absl::StrFormat("R^2 is %.3g: the mean score alone fits better", *context.r_squared);
}

std::string ChiSquareText(const ChiSquare& chi_square) {
  return absl::StrFormat("chi-square is %.3g on %d degrees of freedom, given the counts in weight",
                         chi_square.statistic, chi_square.degrees_of_freedom);
}

// Describes rows that scatter too far about the law without a pattern; "" where they do not.
std::string DescribeScatter(const Misfit& misfit) {
  if (!misfit.IsScatterAlone()) return "";
  return absl::StrCat(
      "rows scatter about the law more than their counts allow, without a pattern: ", ChiSquareText(*misfit.chi_square),
      ". Evaluations of a row are not independent, or rows differ in more than compute and lengths: a "
      "cluster for each row takes it into account");
}

std::string DescribeWithin(const Misfit& misfit, const MisfitContext& context) {
  std::vector<const MisfitFinding*> findings;
  for (const MisfitFinding& finding : misfit.findings) {
    if (!IsAboutLimit(finding)) findings.push_back(&finding);
  }
  std::vector<std::string> parts;
  if (misfit.chi_square && !misfit.IsScatterAlone()) parts.push_back(ChiSquareText(*misfit.chi_square));
  const bool all_about_limit = findings.empty() && !misfit.findings.empty();
  if (const std::string r2 = NegativeR2(context); !r2.empty() && !all_about_limit) parts.push_back(r2);
  std::vector<std::string> places;
  for (std::size_t i = 0; i < std::min(kShown, findings.size()); ++i) places.push_back(Describe(*findings[i]));
  if (!places.empty()) {
    const std::size_t more = findings.size() - places.size();
    parts.push_back(absl::StrCat("residuals (score minus law) ", absl::StrJoin(places, ", "),
                                 more > 0 ? absl::StrCat(" (and ", more, " more)") : ""));
  }
  if (parts.empty()) return "";
  return absl::StrCat("the law does not fit these data: ", absl::StrJoin(parts, "; "), ". ",
                      AdviceOn(findings, context));
}

// Advice on a misfit at the limit or beyond it; "" where every record lies beyond it, which has a warning of its own.
std::string LimitAdvice(bool at_limit, const MisfitContext& context) {
  if (!context.penalty_is_fitted && !context.can_fit_penalty && !context.all_beyond_limit) {
    return "Add records at the limit and beyond it, of which there are too few to fit a penalty";
  }
  if (context.penalty == Penalty::Form::kNone) return absl::StrCat("Fit a penalty (", kFitPenalty, ")");
  if (context.all_beyond_limit) return "";
  if (!context.penalty_is_fitted) {
    return absl::StrCat("The penalty's onset or width is wrong for these data: fit both (", kFitPenalty, ")");
  }
  return at_limit
             ? "A logistic may not be the shape of their decline"
             : "The penalty's logistic is not the shape of these scores: check context_limit_tokens, or leave such "
               "rows out";
}

std::string DescribeAtLimit(const Misfit& misfit, const MisfitContext& context) {
  std::vector<std::string> parts;
  bool at_limit = false;
  bool all_about_limit = true;
  for (const MisfitFinding& finding : misfit.findings) {
    all_about_limit = all_about_limit && IsAboutLimit(finding);
    if (!IsAboutLimit(finding)) continue;
    at_limit = at_limit || finding.kind == MisfitKind::kAtLimit;
    parts.push_back(absl::StrFormat("%s the context limit score %s %s than the law predicts",
                                    finding.kind == MisfitKind::kAtLimit ? "at" : "beyond",
                                    DifferenceText(std::abs(finding.mean), false),
                                    finding.mean > 0 ? "higher" : "lower"));
  }
  if (parts.empty()) return "";
  std::string text = absl::StrCat("rows ", absl::StrJoin(parts, ", rows "));
  if (const std::string r2 = NegativeR2(context); !r2.empty() && all_about_limit) absl::StrAppend(&text, "; ", r2);
  const std::string advice = LimitAdvice(at_limit, context);
  return advice.empty() ? text : absl::StrCat(text, ". ", advice);
}

}  // namespace

std::vector<std::string> DescribeMisfit(const Misfit& misfit, const MisfitContext& context) {
  std::vector<std::string> warnings;
  for (std::string warning :
       {DescribeWithin(misfit, context), DescribeScatter(misfit), DescribeAtLimit(misfit, context)}) {
    if (!warning.empty()) warnings.push_back(std::move(warning));
  }
  return warnings;
}

}  // namespace ctxfit
