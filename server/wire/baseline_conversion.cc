#include "server/wire/baseline_conversion.h"

#include <cstddef>

#include "server/wire/evaluation_conversion.h"

namespace ctxfit {
namespace {

const char* FormulaOf(BaselineForm form) {
  switch (form) {
    case BaselineForm::kIntercept:
      return "u = b0";
    case BaselineForm::kLogLine:
      return "ln u = b0 + b1 ln(C / C0) + b2 ln(n / n0)";
    case BaselineForm::kLogitLine:
      return "ln(u / (1 - u)) = b0 + b1 ln(C / C0) + b2 ln(n / n0)";
  }
  return "";
}

v1::VerdictKind ToProto(VerdictKind kind) {
  switch (kind) {
    case VerdictKind::kLaw:
      return v1::VERDICT_KIND_LAW;
    case VerdictKind::kLine:
      return v1::VERDICT_KIND_LINE;
    case VerdictKind::kUndecided:
      return v1::VERDICT_KIND_UNDECIDED;
  }
  return v1::VERDICT_KIND_UNSPECIFIED;
}

// The errors of one predictor on held-out levels.
v1::PredictorErrors ErrorsOf(const HeldOutLevels& levels, std::size_t predictor) {
  v1::PredictorErrors errors;
  *errors.mutable_means() = ToProto(levels.errors[predictor]);
  if (levels.logits[predictor]) *errors.mutable_logit() = ToProto(*levels.logits[predictor]);
  return errors;
}

}  // namespace

v1::BaselineForm ToProto(BaselineForm form) {
  switch (form) {
    case BaselineForm::kIntercept:
      return v1::BASELINE_FORM_CONSTANT;
    case BaselineForm::kLogLine:
      return v1::BASELINE_FORM_LOG_LINE;
    case BaselineForm::kLogitLine:
      return v1::BASELINE_FORM_LOGIT_LINE;
  }
  return v1::BASELINE_FORM_UNSPECIFIED;
}

std::string NameOf(BaselineForm form) {
  switch (form) {
    case BaselineForm::kIntercept:
      return "constant";
    case BaselineForm::kLogLine:
      return "line on the logarithm";
    case BaselineForm::kLogitLine:
      return "line on the logit";
  }
  return "";
}

v1::Baseline ToProto(const Baseline& baseline) {
  v1::Baseline converted;
  converted.set_form(ToProto(baseline.form));
  converted.set_name(NameOf(baseline.form));
  converted.set_formula(FormulaOf(baseline.form));
  converted.set_intercept(baseline.intercept);
  const bool is_line = baseline.form != BaselineForm::kIntercept;
  if (is_line && baseline.no_compute_slope_reason.empty()) converted.set_compute_slope(baseline.compute_slope);
  if (is_line && baseline.no_prompt_slope_reason.empty()) converted.set_prompt_slope(baseline.prompt_slope);
  for (const std::string* reason : {&baseline.no_compute_slope_reason, &baseline.no_prompt_slope_reason}) {
    if (!reason->empty()) converted.add_reasons(*reason);
  }
  converted.set_compute_reference_flops(baseline.centre.compute_flops);
  converted.set_prompt_reference_tokens(baseline.centre.prompt_tokens);
  converted.set_mean_count(baseline.mean_count);
  converted.set_by_octave(baseline.by_octave);
  converted.set_left_out_count(baseline.left_out_count);
  return converted;
}

v1::PredictorErrors ToProto(const PredictorErrors& errors) {
  v1::PredictorErrors converted;
  *converted.mutable_rows() = ToProto(errors.rows);
  *converted.mutable_means() = ToProto(errors.means);
  if (errors.logit) *converted.mutable_logit() = ToProto(*errors.logit);
  return converted;
}

v1::Verdict ToProto(const Verdict& verdict, const std::string& held_out) {
  v1::Verdict converted;
  converted.set_kind(ToProto(verdict.kind));
  converted.set_sentence(Describe(verdict, held_out));
  converted.set_line(ToProto(verdict.line));
  converted.set_law_error(verdict.law_error);
  converted.set_line_error(verdict.line_error);
  converted.set_statistic(verdict.statistic);
  converted.set_degrees_of_freedom(verdict.fold_count - 1);
  return converted;
}

void AddContest(const Contest& contest, v1::Fit& fit) {
  for (std::size_t i = 0; i < contest.baselines.size(); ++i) {
    v1::Baseline& baseline = *fit.add_baselines();
    baseline = ToProto(contest.baselines[i]);
    *baseline.mutable_in_sample() = ToProto(contest.in_sample[i]);
    if (contest.held_out && i + 1 < contest.held_out->errors.size()) {
      *baseline.mutable_held_out() = ErrorsOf(*contest.held_out, i + 1);
    }
  }
  fit.set_no_held_out_levels_reason(contest.no_held_out_reason);
  if (!contest.held_out) return;
  v1::HeldOutLevels& levels = *fit.mutable_held_out_levels();
  levels.set_level_count(contest.held_out->level_count);
  levels.set_fold_count(contest.held_out->fold_count);
  *levels.mutable_law() = ErrorsOf(*contest.held_out, 0);
  if (contest.held_out->verdict) *levels.mutable_verdict() = ToProto(*contest.held_out->verdict, "models");
}

}  // namespace ctxfit
