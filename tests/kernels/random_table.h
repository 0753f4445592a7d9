#ifndef CTXFIT_TESTS_KERNELS_RANDOM_TABLE_H_
#define CTXFIT_TESTS_KERNELS_RANDOM_TABLE_H_

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "kernels/data/observations.h"

// Valid tables of random rows, which follow no law.

namespace ctxfit {

// The design of a random table. Small counts of distinct values make ties and duplicates.
struct TableDesign {
  int rows = 300;
  int prompts = 20;
  int computes = 4;
  int limits = 3;
  bool wide = false;        // covariates over the whole range of double precision, rather than near 1
  bool bits = false;        // scores 0 and 1 only, rather than five values
  int clusters = 0;         // 0: no such column
  int second_clusters = 0;  // 0: no such column
  bool weight = false;
  bool score_variance = false;
  bool group = false;
};

// The design with a set of optional columns, in [0, 64): a bit each for clusters, second clusters, weights, variances,
// scores of 0 and 1 only, and groups.
inline TableDesign DesignWith(unsigned columns) {
  TableDesign design;
  design.clusters = (columns & 1) != 0 ? 5 : 0;
  design.second_clusters = (columns & 2) != 0 ? 4 : 0;
  design.weight = (columns & 4) != 0;
  design.score_variance = (columns & 8) != 0;
  design.bits = (columns & 16) != 0;
  design.group = (columns & 32) != 0;
  return design;
}

// Draws `count` positive values: the ends of the range and whole powers of ten if `wide`, else small integers.
inline std::vector<double> DrawLevels(int count, bool wide, std::mt19937& random) {
  std::vector<double> values;
  if (wide) values = {1e-300, 1e300, std::numeric_limits<double>::denorm_min(), std::numeric_limits<double>::max()};
  while (static_cast<int>(values.size()) < count) {
    values.push_back(wide ? std::pow(10.0, static_cast<int>(random() % 601) - 300) : 1.0 + random() % (4 * count));
  }
  return values;
}

inline ObservationTable DrawTable(const TableDesign& design, unsigned seed) {
  std::mt19937 random(seed);
  const std::vector<double> computes = DrawLevels(design.computes, design.wide, random);
  const std::vector<double> prompts = DrawLevels(design.prompts, design.wide, random);
  const std::vector<double> limits = DrawLevels(design.limits, design.wide, random);
  const auto pick = [&random](const std::vector<double>& values) { return values[random() % values.size()]; };
  ObservationTable table;
  for (int row = 0; row < design.rows; ++row) {
    table.training_compute_flops.push_back(pick(computes));
    table.prompt_tokens.push_back(pick(prompts));
    table.context_limit_tokens.push_back(pick(limits));
    table.score.push_back(design.bits ? random() % 2 : 0.25 * static_cast<double>(random() % 5));
    if (design.clusters > 0) table.cluster.push_back("run " + std::to_string(random() % design.clusters));
    if (design.second_clusters > 0) {
      table.cluster_2.push_back("item " + std::to_string(random() % design.second_clusters));
    }
    if (design.weight) table.weight.push_back(1 + random() % 3);
    const double score = table.score.back();
    if (design.score_variance) table.score_variance.push_back(score * (1 - score) * 0.25 * (random() % 3));
    if (design.group) table.group.push_back(static_cast<std::int32_t>(random() % 2));
  }
  return table;
}

inline std::vector<std::size_t> AllRows(const ObservationTable& table) {
  std::vector<std::size_t> rows(table.score.size());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  return rows;
}

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_KERNELS_RANDOM_TABLE_H_
