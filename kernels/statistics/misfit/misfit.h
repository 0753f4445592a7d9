#ifndef CTXFIT_KERNELS_STATISTICS_MISFIT_MISFIT_H_
#define CTXFIT_KERNELS_STATISTICS_MISFIT_MISFIT_H_

#include <optional>
#include <vector>

#include "kernels/law/range.h"
#include "kernels/statistics/misfit/added_terms.h"

namespace ctxfit {

struct Observations;

// The rows, or the pattern, in which residuals are tested.
enum class MisfitKind {
  // Groups of rows.
  kAllRows,               // all rows below their limit
  kComputeGroup,          // rows of one compute group, below their limit
  kThird,                 // a third of the rows below their limit, by prompt length
  kComputeGroupAndThird,  // rows of one compute group in one third
  kAtLimit,               // prompts within 2 % of their limit
  kBeyondLimit,           // prompts more than 2 % beyond their limit
  // Patterns of residuals over the rows below their limit.
  kPromptTrend,   // residuals rise or fall with ln n
  kPromptBend,    // residuals are highest or lowest at intermediate ln n
  kComputeTrend,  // residuals rise or fall with ln C
  kComputeBend,   // residuals are highest or lowest at intermediate ln C
  kFloor,         // residuals stay positive where the law approaches a floor that is not fitted
};

// A misfit that is both significant and large enough to matter.
struct MisfitFinding {
  MisfitKind kind;
  Range compute_flops;  // computes of the rows
  Range prompt_tokens;  // prompt lengths of the rows
  double mean;          // weighted mean residual, score less expected score; for a pattern, TermSize::estimate
  double explained;     // TermSize::explained
  double p_value;       // p-value of its own test, before Holm's correction
};

// The residuals compared with the errors that their weights allow, where these are counts of 0/1 scores.
struct ChiSquare {
  double statistic;  // BinomialScatter::chi_square
  int degrees_of_freedom;
  bool law_explains_most;  // of the scores' variance
};

// The misfits of a law to its observations.
struct Misfit {
  std::vector<MisfitFinding> findings;  // sorted, the one that explains most of the cost first
  std::optional<ChiSquare> chi_square;  // set if errors are binomial, and it exceeds what chance allows
  bool Has(MisfitKind kind) const;

  // True if chi-square tells of scatter alone: residuals have no pattern, and the law explains most of the scores.
  // Where it does not, few rows may hide a pattern.
  bool IsScatterAlone() const { return chi_square && findings.empty() && chi_square->law_explains_most; }
};

// Tests mean residuals and patterns of residuals (AddedTerms) and returns those that Holm's correction over all of them
// (1979) finds significant at 1 % and that exceed what matters: 0.02, or a tenth of the scores' standard deviation
// where that is less.
//
// With at most 30 rows that have no clusters, and weights that are whole numbers above 1, errors are binomial: that few
// rows cannot show their own spread, and as means of as many 0/1 scores they need not.
//
// A floor that is fitted, or held because the data lack information (`floor_is_fitted`), is no finding.
Misfit FindMisfit(const AddedTerms& terms, const Observations& observations, bool floor_is_fitted);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_MISFIT_MISFIT_H_
