#ifndef CTXFIT_KERNELS_DATA_OBSERVATIONS_H_
#define CTXFIT_KERNELS_DATA_OBSERVATIONS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "kernels/data/coded_column.h"

namespace ctxfit {

// Scored evaluations as they arrive: columns of equal lengths, element i of each belonging to row i. Names, units and
// ranges are those of ctxfit.v1.Observations. Optional columns are empty or of full length; whether a law needs prompts
// and limits is for CheckTaskOptions() to say.
struct ObservationTable {
  std::vector<double> training_compute_flops;  // > 0
  std::vector<double> prompt_tokens;           // optional, > 0
  std::vector<double> context_limit_tokens;    // optional, > 0
  std::vector<double> score;                   // [0, 1]
  std::vector<double> weight;                  // optional, > 0
  std::vector<double> score_variance;          // optional, [0, score (1 - score)], or 0.1 % above
  Labels cluster;                              // optional, not empty
  Labels cluster_2;                            // optional, not empty
  Labels task;                                 // optional
  Labels model;                                // optional
  std::vector<bool> held_out;                  // optional
  // Optional, in comparisons only: number of the group that a row belongs to; below 0 if the row takes no part.
  std::vector<std::int32_t> group;
};

// The covariates from which the law predicts a score.
struct Covariates {
  double compute;  // C, FLOP
  double prompt;   // n, tokens; 1 if the table has no prompts
  double limit;    // n_ctx, tokens; infinite if the table has no limits

  bool within_limit() const { return prompt <= limit; }
  bool operator==(const Covariates&) const = default;
};

// The distinct computes of some combinations of covariates.
struct ComputeLevels {
  std::vector<double> compute;         // FLOP, ascending
  std::vector<std::int32_t> level_of;  // per combination of covariates: index into `compute`
};

// The observations of one task, valid and in canonical order: sorted by every column, so that the order in which rows
// arrived cannot reach a result.
struct Observations {
  std::string task;
  // The combinations that occur, each once, ordered by prompt length, compute and limit. The k-th is that of the rows
  // [row_begin[k], row_begin[k + 1]).
  std::vector<Covariates> covariates;
  std::vector<std::size_t> row_begin;  // covariates.size() + 1 elements
  ComputeLevels levels;                // FindComputeLevels(covariates)
  std::vector<double> score;           // [0, 1]
  std::vector<double> weight;          // number of evaluations behind each score; empty if it is 1 for all
  // Variance of the evaluations behind each score; empty if the table has none.
  std::vector<double> score_variance;
  std::vector<std::int32_t> unit;  // resampling unit of each row, in [0, unit_count), each occurring
  std::int32_t unit_count = 0;     // number of units
  bool clustered = false;          // true if units are clusters, false if they are rows
  // Two-way resampling only: the second unit of each row, in [0, unit_2_count). It is the label in `cluster_2`, or the
  // model level (pair of compute and limit) if the table has no such column.
  std::vector<std::int32_t> unit_2;
  std::int32_t unit_2_count = 0;
  std::vector<std::int32_t> group;  // in comparisons only: number of each row's group; otherwise empty
  // Stratified resampling only: units are numbered by model level, and those of level s are [stratum_begin[s],
  // stratum_begin[s + 1]).
  std::vector<std::int32_t> stratum_begin;

  std::size_t size() const { return score.size(); }
  double WeightOf(std::size_t row) const { return weight.empty() ? 1 : weight[row]; }

  // The resampling unit in messages, in the singular.
  const char* unit_noun() const { return clustered ? "cluster" : "record"; }

  // Number of records: evaluations (the sum of the weights) if the table has weights and variances, else rows.
  std::int64_t record_count() const;
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_DATA_OBSERVATIONS_H_
