#include "kernels/data/cell_frame.h"

#include <algorithm>
#include <cmath>

#include "kernels/data/cells.h"
#include "kernels/data/observations.h"
#include "kernels/law/fitted_law.h"
#include "kernels/law/penalty_at.h"

namespace ctxfit {
namespace {

std::vector<double> LogRatios(const std::vector<double>& values, double reference) {
  std::vector<double> logs(values.size());
  std::transform(values.begin(), values.end(), logs.begin(), [&](double value) { return std::log(value / reference); });
  return logs;
}

}  // namespace

Cells MakeFrame(const Observations& observations, const References& references, const LawForm& form) {
  std::vector<double> prompts;
  for (std::size_t k = 0; k < observations.covariates.size(); ++k) {
    if (StartsPrompt(observations, k)) prompts.push_back(observations.covariates[k].prompt);
  }
  Cells cells;
  cells.references = references;
  cells.loss = form.loss;
  cells.record_count = static_cast<std::size_t>(observations.record_count());
  cells.unit_count = observations.unit_count;
  cells.unit_2_count = observations.unit_2_count;
  cells.stratum_begin = observations.stratum_begin;
  cells.log_compute = LogRatios(observations.levels.compute, references.compute_flops);
  cells.log_prompt = LogRatios(prompts, references.prompt_tokens);
  return cells;
}

bool StartsPrompt(const Observations& observations, std::size_t k) {
  return k == 0 || observations.covariates[k].prompt != observations.covariates[k - 1].prompt;
}

std::vector<Excess> ExcessesOf(const Observations& observations, const Penalty& penalty) {
  std::vector<Excess> excesses;
  excesses.reserve(observations.covariates.size());
  for (const Covariates& each : observations.covariates) {
    excesses.push_back(MakeExcess(penalty, each.prompt, each.limit));
  }
  return excesses;
}

std::vector<double> PenaltiesAt(const std::vector<Excess>& excesses, const Point& point) {
  const PenaltyAt penalty_at(point);
  std::vector<double> penalties(excesses.size());
  std::transform(excesses.begin(), excesses.end(), penalties.begin(), penalty_at);
  return penalties;
}

void Rescale(const LawForm& form, Cells& cells) {
  if (form.full || (form.floor == 0 && form.ceiling == 1)) return;
  const double span = form.ceiling - form.floor;
  for (double& score : cells.score) score = (score - form.floor) / span;
  for (double& weight : cells.weight) weight *= span * span;
}

}  // namespace ctxfit
