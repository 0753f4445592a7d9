#include "kernels/predict/evaluate.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "kernels/base/status_macros.h"
#include "kernels/base/stop_signal.h"
#include "kernels/data/observations.h"
#include "kernels/law/fitted_law.h"
#include "kernels/predict/mean_band.h"
#include "kernels/predict/predictions.h"

namespace ctxfit {
namespace {

double WeightOf(const ObservationTable& table, std::size_t row) { return table.weight.empty() ? 1 : table.weight[row]; }

// Key of the rows whose mean is compared: compute, limit, octave of the prompt length.
using GroupKey = std::tuple<double, double, int>;

// The rows of a group, with the sum of their scores.
struct Group : LevelRows {
  double weighted_score = 0;
};

std::map<GroupKey, Group> MakeGroups(const ObservationTable& table, const std::vector<std::size_t>& rows) {
  std::map<GroupKey, Group> groups;
  for (const std::size_t row : rows) {
    const double prompt = table.prompt_tokens[row];
    const double compute = table.training_compute_flops[row];
    const double limit = table.context_limit_tokens[row];
    Group& group = groups[{compute, limit, std::ilogb(prompt)}];
    group.compute = compute;
    group.limit = limit;
    const double weight = WeightOf(table, row);
    group.weight += weight;
    group.weighted_score += weight * table.score[row];
    group.weight_by_prompt[prompt] += weight;
  }
  return groups;
}

absl::StatusOr<BandCoverage> CountInsideBand(const PredictionSource& source, const ObservationTable& table,
                                             const std::vector<std::size_t>& rows, double confidence,
                                             const StopSignal& stop) {
  BandCoverage coverage;
  for (const auto& [key, group] : MakeGroups(table, rows)) {
    CTXFIT_ASSIGN_OR_RETURN(const std::optional<Range> band, BandOfMean(source, group, confidence, stop));
    coverage.Add(band, group.weighted_score / group.weight);
  }
  return coverage;
}

std::optional<ErrorSummary> SummaryOf(const ErrorSum& sum) {
  if (sum.record_count() == 0) return std::nullopt;
  return sum.Summarize();
}

}  // namespace

void BandCoverage::Add(const std::optional<Range>& band, double mean) {
  if (!band) {
    ++undetermined_count;
    return;
  }
  ++group_count;
  if (mean >= band->lower && mean <= band->upper) ++inside_count;
}

void ErrorSum::Add(double residual, double weight) {
  ++record_count_;
  weight_ += weight;
  absolute_ += weight * std::abs(residual);
  squared_ += weight * residual * residual;
  signed_ -= weight * residual;
}

ErrorSummary ErrorSum::Summarize() const {
  return {record_count_, absolute_ / weight_, std::sqrt(squared_ / weight_), signed_ / weight_};
}

absl::StatusOr<Evaluation> Evaluate(const PredictionSource& source, const ObservationTable& table,
                                    const std::vector<std::size_t>& rows, double confidence, const StopSignal& stop,
                                    ErrorSum& total) {
  CTXFIT_RETURN_IF_ERROR(stop.Check());
  Evaluation evaluation;
  ErrorSum all;
  ErrorSum within;
  ErrorSum beyond;
  std::map<std::tuple<std::string, double, double>, ErrorSum> models;
  for (const std::size_t row : rows) {
    const double compute = table.training_compute_flops[row];
    const double prompt = table.prompt_tokens[row];
    const double limit = table.context_limit_tokens[row];
    const double residual = table.score[row] - Predict(source.law, compute, prompt, limit);
    const bool named = !table.model.empty() && !table.model[row].empty();
    ErrorSum& model = models[named ? std::tuple(table.model[row], 0.0, 0.0) : std::tuple("", compute, limit)];
    for (ErrorSum* sum : {&total, &all, prompt <= limit ? &within : &beyond, &model}) {
      sum->Add(residual, WeightOf(table, row));
    }
    if (FindExtrapolation(source, compute, prompt, limit)) ++evaluation.extrapolated_count;
  }
  evaluation.all = all.Summarize();
  if (std::isfinite(table.context_limit_tokens.front())) {
    evaluation.within_limit = SummaryOf(within);
    evaluation.beyond_limit = SummaryOf(beyond);
  }
  for (const auto& [key, sum] : models) {
    evaluation.models.push_back({std::get<0>(key), std::get<1>(key), std::get<2>(key), sum.Summarize()});
  }
  if (source.replicates.empty()) {
    evaluation.no_band_reason = source.no_interval_reason;
    return evaluation;
  }
  CTXFIT_ASSIGN_OR_RETURN(evaluation.band_coverage, CountInsideBand(source, table, rows, confidence, stop));
  return evaluation;
}

}  // namespace ctxfit
