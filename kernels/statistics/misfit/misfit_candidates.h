#ifndef CTXFIT_KERNELS_STATISTICS_MISFIT_MISFIT_CANDIDATES_H_
#define CTXFIT_KERNELS_STATISTICS_MISFIT_MISFIT_CANDIDATES_H_

#include <vector>

#include "kernels/law/range.h"
#include "kernels/statistics/misfit/added_terms.h"
#include "kernels/statistics/misfit/misfit.h"

namespace ctxfit {

struct Observations;

// A term that may reveal a misfit, with the ranges of the rows concerned.
struct MisfitCandidate {
  MisfitKind kind;
  Range compute_flops;
  Range prompt_tokens;
  AddedTerms::Term term;  // 1 on a group of rows and 0 elsewhere, or a pattern
  TermSums sums;
};

// Returns the terms of every MisfitKind that the observations have rows for, with their sums. A compute group is a
// base: computes each within 1 % of the next. Where there are more than twelve, neighbours are pooled to as many groups
// of about equal numbers of rows. The terms refer to both arguments.
std::vector<MisfitCandidate> ListMisfitCandidates(const AddedTerms& terms, const Observations& observations);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_MISFIT_MISFIT_CANDIDATES_H_
