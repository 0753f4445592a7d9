#include "kernels/fit/octave_means.h"

#include <cmath>
#include <cstddef>
#include <map>
#include <tuple>

#include "kernels/data/observations.h"

namespace ctxfit {
namespace {

using Key = std::tuple<double, double, int>;  // compute, limit, octave

Key KeyOf(const Covariates& covariates) {
  return {covariates.compute, covariates.limit, std::ilogb(covariates.prompt)};
}

}  // namespace

OctaveMeans FindOctaveMeans(const Observations& observations) {
  std::map<Key, std::int32_t> index;
  for (const Covariates& covariates : observations.covariates) index.emplace(KeyOf(covariates), 0);
  OctaveMeans result;
  for (auto& [key, at] : index) {
    at = static_cast<std::int32_t>(result.means.size());
    result.means.push_back({std::get<0>(key), std::get<1>(key), 0, 0, 0, 0});
  }
  for (std::size_t k = 0; k < observations.covariates.size(); ++k) {
    const std::int32_t at = index[KeyOf(observations.covariates[k])];
    OctaveMean& mean = result.means[at];
    double weight = 0;
    for (std::size_t row = observations.row_begin[k]; row < observations.row_begin[k + 1]; ++row) {
      weight += observations.WeightOf(row);
      mean.score += observations.WeightOf(row) * observations.score[row];
      ++mean.row_count;
    }
    mean.weight += weight;
    mean.prompt += weight * std::log(observations.covariates[k].prompt);
    result.mean_of.push_back(at);
    result.weight.push_back(weight);
  }
  for (OctaveMean& mean : result.means) {
    mean.score /= mean.weight;
    mean.prompt = std::exp(mean.prompt / mean.weight);
  }
  return result;
}

std::vector<double> MeansOf(const OctaveMeans& means, const std::vector<double>& expected) {
  std::vector<double> sums(means.means.size());
  for (std::size_t k = 0; k < expected.size(); ++k) sums[means.mean_of[k]] += means.weight[k] * expected[k];
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] /= means.means[i].weight;
  return sums;
}

}  // namespace ctxfit
