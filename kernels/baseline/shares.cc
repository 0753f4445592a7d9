#include "kernels/baseline/shares.h"

#include <cmath>
#include <cstddef>
#include <map>
#include <tuple>

#include "kernels/data/cell_frame.h"
#include "kernels/data/observations.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/fitted_law.h"
#include "kernels/law/law.h"

namespace ctxfit {
namespace {

// Weighted sums over rows of one model level.
struct Sums {
  double log_compute = 0;  // of each row, not a sum
  double weight = 0;
  double score = 0;
  double penalty = 0;
  double log_prompt = 0;

  void Add(const Sums& other) {
    log_compute = other.log_compute;
    weight += other.weight;
    score += other.score;
    penalty += other.penalty;
    log_prompt += other.log_prompt;
  }
};

// The sums of the k-th combination of covariates, whose rows have the penalty factor `penalty`.
Sums SumsOf(const Observations& observations, std::size_t k, double penalty) {
  Sums sums;
  for (std::size_t row = observations.row_begin[k]; row < observations.row_begin[k + 1]; ++row) {
    const double weight = observations.WeightOf(row);
    sums.weight += weight;
    sums.score += weight * observations.score[row];
  }
  sums.log_compute = std::log(observations.covariates[k].compute);
  sums.penalty = sums.weight * penalty;
  sums.log_prompt = sums.weight * std::log(observations.covariates[k].prompt);
  return sums;
}

MeanShare MeanOf(const Sums& sums, const Law& frame) {
  const double score = sums.score / sums.weight;
  const double scale = SpanOf(frame.point) * sums.penalty / sums.weight;
  return {sums.log_compute, sums.log_prompt / sums.weight, sums.weight, (score - frame.point.at[kFloor]) / scale};
}

}  // namespace

double MeanShare::Inside() const {
  if (share > 0 && share < 1) return share;
  return (share <= 0 ? 0.5 : weight + 0.5) / (weight + 1);
}

MeanShares AverageShares(const Observations& observations, const Law& frame) {
  MeanShares shares;
  const std::vector<double> penalties = PenaltiesAt(ExcessesOf(observations, frame.penalty), frame.point);
  std::map<std::tuple<double, double, int>, Sums> octaves;  // by compute, limit, octave
  std::size_t at_ends = 0;
  for (std::size_t k = 0; k < observations.covariates.size(); ++k) {
    const Covariates& covariates = observations.covariates[k];
    if (penalties[k] < kLeastPenalty) {
      shares.left_out_count += static_cast<std::int64_t>(observations.row_begin[k + 1] - observations.row_begin[k]);
      continue;
    }
    const Sums sums = SumsOf(observations, k, penalties[k]);
    shares.means.push_back(MeanOf(sums, frame));
    at_ends += sums.score <= 0 || sums.score >= sums.weight;
    octaves[{covariates.compute, covariates.limit, std::ilogb(covariates.prompt)}].Add(sums);
  }
  shares.by_octave = static_cast<double>(at_ends) > kMostAtEnds * static_cast<double>(shares.means.size());
  if (!shares.by_octave) return shares;
  shares.means.clear();
  for (const auto& [key, sums] : octaves) shares.means.push_back(MeanOf(sums, frame));
  return shares;
}

}  // namespace ctxfit
