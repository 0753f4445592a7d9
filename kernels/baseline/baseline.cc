#include "kernels/baseline/baseline.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "kernels/baseline/shares.h"
#include "kernels/data/cell_frame.h"
#include "kernels/data/compute_levels.h"
#include "kernels/data/observations.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/law.h"

namespace ctxfit {
namespace {

// Weighted central moments of ln C and ln n over means, on which every line rests.
struct Design {
  double weight = 0;
  double log_compute = 0;  // mean
  double log_prompt = 0;   // mean
  double compute_compute = 0;
  double compute_prompt = 0;
  double prompt_prompt = 0;
  std::string no_compute_slope_reason;
  std::string no_prompt_slope_reason;

  double Determinant() const { return compute_compute * prompt_prompt - compute_prompt * compute_prompt; }
};

// True if all values count as one.
bool IsOneValue(const std::vector<MeanShare>& means, double MeanShare::*log_value) {
  const auto [least, greatest] =
      std::minmax_element(means.begin(), means.end(),
                          [log_value](const MeanShare& a, const MeanShare& b) { return a.*log_value < b.*log_value; });
  return CountAsOne((*least).*log_value, (*greatest).*log_value);
}

Design DesignOf(const std::vector<MeanShare>& means) {
  Design design;
  for (const MeanShare& mean : means) {
    design.weight += mean.weight;
    design.log_compute += mean.weight * mean.log_compute;
    design.log_prompt += mean.weight * mean.log_prompt;
  }
  design.log_compute /= design.weight;
  design.log_prompt /= design.weight;
  for (const MeanShare& mean : means) {
    const double x = mean.log_compute - design.log_compute;
    const double y = mean.log_prompt - design.log_prompt;
    design.compute_compute += mean.weight * x * x;
    design.compute_prompt += mean.weight * x * y;
    design.prompt_prompt += mean.weight * y * y;
  }
  if (IsOneValue(means, &MeanShare::log_compute)) {
    design.no_compute_slope_reason = "all records have one training compute";
  }
  // Squared sine of the angle between the two variables, below which rounding would make the slopes.
  constexpr double kCollinear = 1e-10;
  if (IsOneValue(means, &MeanShare::log_prompt)) {
    design.no_prompt_slope_reason = "all records have one prompt length";
  } else if (design.no_compute_slope_reason.empty() &&
             design.Determinant() <= kCollinear * design.compute_compute * design.prompt_prompt) {
    design.no_prompt_slope_reason = "the logarithm of prompt length is a linear function of that of compute";
  }
  return design;
}

double Link(BaselineForm form, double share) {
  switch (form) {
    case BaselineForm::kIntercept:
      return share;
    case BaselineForm::kLogLine:
      return std::log(share);
    case BaselineForm::kLogitLine:
      return std::log(share / (1 - share));
  }
  return 0;
}

double ShareAt(BaselineForm form, double link) {
  switch (form) {
    case BaselineForm::kIntercept:
      return link;
    case BaselineForm::kLogLine:
      return std::min(1.0, std::exp(link));
    case BaselineForm::kLogitLine:
      return 1 / (1 + std::exp(-link));
  }
  return 0;
}

Baseline FitForm(BaselineForm form, const std::vector<MeanShare>& means, const Design& design) {
  Baseline baseline = {
      .form = form, .intercept = 0, .centre = {std::exp(design.log_compute), std::exp(design.log_prompt)}, .frame = {}};
  const bool is_line = form != BaselineForm::kIntercept;
  const auto link_of = [&](const MeanShare& mean) { return Link(form, is_line ? mean.Inside() : mean.share); };
  for (const MeanShare& mean : means) baseline.intercept += mean.weight * link_of(mean);
  baseline.intercept /= design.weight;
  if (!is_line) return baseline;
  baseline.no_compute_slope_reason = design.no_compute_slope_reason;
  baseline.no_prompt_slope_reason = design.no_prompt_slope_reason;
  double by_compute = 0;
  double by_prompt = 0;
  for (const MeanShare& mean : means) {
    const double deviation = mean.weight * (link_of(mean) - baseline.intercept);
    by_compute += deviation * (mean.log_compute - design.log_compute);
    by_prompt += deviation * (mean.log_prompt - design.log_prompt);
  }
  const bool has_compute = design.no_compute_slope_reason.empty();
  const bool has_prompt = design.no_prompt_slope_reason.empty();
  if (has_compute && has_prompt) {
    const double determinant = design.Determinant();
    baseline.compute_slope = (by_compute * design.prompt_prompt - by_prompt * design.compute_prompt) / determinant;
    baseline.prompt_slope = (by_prompt * design.compute_compute - by_compute * design.compute_prompt) / determinant;
  } else if (has_compute) {
    baseline.compute_slope = by_compute / design.compute_compute;
  } else if (has_prompt) {
    baseline.prompt_slope = by_prompt / design.prompt_prompt;
  }
  return baseline;
}

}  // namespace

std::vector<Baseline> FitBaselines(const Observations& observations, const Law& frame) {
  const MeanShares shares = AverageShares(observations, frame);
  std::vector<Baseline> baselines;
  if (shares.means.empty()) return baselines;
  const Design design = DesignOf(shares.means);
  for (const BaselineForm form : kBaselineForms) {
    Baseline& baseline = baselines.emplace_back(FitForm(form, shares.means, design));
    baseline.frame = frame;
    baseline.mean_count = static_cast<std::int64_t>(shares.means.size());
    baseline.by_octave = shares.by_octave;
    baseline.left_out_count = shares.left_out_count;
  }
  return baselines;
}

std::vector<double> ExpectedScores(const Observations& observations, const Baseline& baseline) {
  const Law& frame = baseline.frame;
  const std::vector<double> penalties = PenaltiesAt(ExcessesOf(observations, frame.penalty), frame.point);
  const double span = SpanOf(frame.point);
  std::vector<double> by_level;  // part of the link by compute
  for (const double compute : observations.levels.compute) {
    by_level.push_back(baseline.intercept + baseline.compute_slope * std::log(compute / baseline.centre.compute_flops));
  }
  std::vector<double> expected(observations.covariates.size());
  double by_prompt = 0;
  for (std::size_t k = 0; k < expected.size(); ++k) {
    const Covariates& covariates = observations.covariates[k];
    if (k == 0 || covariates.prompt != observations.covariates[k - 1].prompt) {
      by_prompt = baseline.prompt_slope * std::log(covariates.prompt / baseline.centre.prompt_tokens);
    }
    const double share = ShareAt(baseline.form, by_level[observations.levels.level_of[k]] + by_prompt);
    expected[k] = frame.point.at[kFloor] + span * share * penalties[k];
  }
  return expected;
}

}  // namespace ctxfit
