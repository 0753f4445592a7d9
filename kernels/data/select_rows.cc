#include "kernels/data/select_rows.h"

#include <algorithm>
#include <cstdint>
#include <numeric>

#include "kernels/data/compute_levels.h"

namespace ctxfit {
namespace {

// Renumbers the units that occur, which lie in [0, count), by their order. Returns the new number of each old one, and
// behind them the number of units that occur.
std::vector<std::int32_t> Renumber(std::int32_t count, std::vector<std::int32_t>& units) {
  std::vector<std::int32_t> below(static_cast<std::size_t>(count) + 1, 0);
  for (const std::int32_t unit : units) below[unit] = 1;
  std::exclusive_scan(below.begin(), below.end(), below.begin(), 0);
  for (std::int32_t& unit : units) unit = below[unit];
  return below;
}

void SelectCovariates(const Observations& observations, const std::vector<std::size_t>& rows, Observations& selected) {
  auto row = rows.begin();
  for (std::size_t k = 0; k < observations.covariates.size(); ++k) {
    if (row == rows.end() || *row >= observations.row_begin[k + 1]) continue;
    selected.covariates.push_back(observations.covariates[k]);
    selected.row_begin.push_back(static_cast<std::size_t>(row - rows.begin()));
    row = std::lower_bound(row, rows.end(), observations.row_begin[k + 1]);
  }
  selected.row_begin.push_back(rows.size());
  selected.levels = FindComputeLevels(selected.covariates);
}

}  // namespace

Observations Select(const Observations& observations, const std::vector<std::size_t>& rows, UnitNumbers numbers) {
  Observations selected;
  selected.task = observations.task;
  SelectCovariates(observations, rows, selected);
  selected.score = Pick(observations.score, rows);
  selected.weight = Pick(observations.weight, rows);
  selected.score_variance = Pick(observations.score_variance, rows);
  selected.clustered = observations.clustered;
  selected.unit = Pick(observations.unit, rows);
  selected.unit_count = observations.unit_count;
  selected.unit_2 = Pick(observations.unit_2, rows);
  selected.unit_2_count = observations.unit_2_count;
  selected.stratum_begin = observations.stratum_begin;
  selected.group = Pick(observations.group, rows);
  if (numbers == UnitNumbers::kKeep) return selected;
  const std::vector<std::int32_t> below = Renumber(observations.unit_count, selected.unit);
  selected.unit_count = below.back();
  selected.unit_2_count = Renumber(observations.unit_2_count, selected.unit_2).back();
  for (std::int32_t& begin : selected.stratum_begin) begin = below[begin];
  // Drops the levels that have no rows left.
  const auto end = std::unique(selected.stratum_begin.begin(), selected.stratum_begin.end());
  selected.stratum_begin.erase(end, selected.stratum_begin.end());
  return selected;
}

}  // namespace ctxfit
