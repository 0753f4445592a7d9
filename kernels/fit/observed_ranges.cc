#include "kernels/fit/observed_ranges.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>

#include "kernels/data/compute_levels.h"
#include "kernels/data/observations.h"
#include "kernels/law/fitted_law.h"
#include "kernels/law/law_options.h"
#include "kernels/law/penalty.h"
#include "kernels/law/penalty_at.h"
#include "kernels/law/range.h"
#include "kernels/law/used_variables.h"
#include "kernels/predict/predictions.h"

namespace ctxfit {
namespace {

ObservedVariable Observe(const Observations& observations, const std::vector<bool>& informative,
                         double Covariates::*variable) {
  ObservedVariable observed = {{std::numeric_limits<double>::infinity(), 0}};
  std::vector<double> values;  // values of informative rows
  for (std::size_t k = 0; k < informative.size(); ++k) {
    const double value = observations.covariates[k].*variable;
    observed.lower = std::min(observed.lower, value);
    observed.upper = std::max(observed.upper, value);
    if (informative[k]) values.push_back(value);
  }
  if (values.empty()) return observed;
  std::sort(values.begin(), values.end());
  observed.informative = {values.front(), values.back()};
  observed.level_count = CountLevels(std::move(values));
  return observed;
}

// Finds ObservedRanges::penalty_fall.
Range FindFall(const Observations& observations, const Law& law) {
  std::vector<std::pair<double, double>> penalties;  // by share of the limit
  const PenaltyAt penalty_at(law.point);
  for (const Covariates& each : observations.covariates) {
    penalties.emplace_back(each.prompt / each.limit, penalty_at(MakeExcess(law.penalty, each.prompt, each.limit)));
  }
  std::sort(penalties.begin(), penalties.end());
  Range fall = {0, 0};
  double steepest = 0.5;  // of a score
  for (std::size_t i = 1; i < penalties.size(); ++i) {
    const double drop = penalties[i - 1].second - penalties[i].second;
    if (drop <= steepest) continue;
    steepest = drop;
    fall = {penalties[i - 1].first, penalties[i].first};
  }
  return fall;
}

}  // namespace

int CountLevels(std::vector<double> ascending) {
  for (double& value : ascending) value = std::log(value);
  return CountBases(ascending);
}

ObservedRanges ObservedRangesOf(const Observations& observations, const std::vector<bool>& informative,
                                const LawOptions& options, const Law& law) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  ObservedRanges observed = {Observe(observations, informative, &Covariates::compute),
                             Observe(observations, informative, &Covariates::prompt)};
  if (!FindUsedVariables(options).prompts) observed.prompt_tokens = {{0, kInfinity}};
  if (std::isinf(observations.covariates.front().limit)) return observed;
  observed.limit_share = {kInfinity, 0};
  for (const Covariates& each : observations.covariates) {
    const double share = each.prompt / each.limit;
    observed.limit_share.lower = std::min(observed.limit_share.lower, share);
    observed.limit_share.upper = std::max(observed.limit_share.upper, share);
  }
  if (options.fit_penalty_width || options.fit_penalty_onset) observed.penalty_fall = FindFall(observations, law);
  return observed;
}

}  // namespace ctxfit
