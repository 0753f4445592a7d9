#ifndef CTXFIT_KERNELS_FIT_FOLDS_H_
#define CTXFIT_KERNELS_FIT_FOLDS_H_

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "kernels/law/range.h"

namespace ctxfit {

struct Observations;

// The model levels that occur: distinct pairs of compute and context limit.
std::set<std::pair<double, double>> ModelLevelsOf(const Observations& observations);

// Rows that the folds of a backtest hold out.
enum class FoldScheme {
  kLevel,    // each model level in turn
  kGroup,    // each group of Observations::group in turn
  kCompute,  // the rows at or above a compute, from fits to those below it: a rolling frontier
  kPrompt,   // the same over prompt lengths
  kLimit,    // the same over context limits
};

// True for a scheme whose folds hold out each row once, so that they can be told apart in a test.
bool IsPartition(FoldScheme scheme);

// Rows to fit, and rows to predict by that fit.
struct Fold {
  double compute = 0;                 // kLevel: FLOP
  double limit = 0;                   // kLevel: tokens; infinite if the table has no limits
  std::int32_t group = 0;             // kGroup
  double cut = 0;                     // frontiers: rows at or above it, in FLOP or tokens, are held out
  std::vector<std::size_t> fitted;    // ascending
  std::vector<std::size_t> held_out;  // ascending, at least one
  // Reason why a fit to the fitted rows says nothing of those held out, such as "the fitted records have one training
  // compute"; "" if it does.
  std::string reason;
};

// Distances of a point from the range of the fitted rows, in units of the natural logarithm; 0 within it.
struct RangeDistance {
  double compute;       // in ln C
  double prompt;        // in ln n
  double both() const;  // the root of the sum of squares
};

// The range of compute and prompt length over some combinations of covariates.
class FittedRange {
 public:
  explicit FittedRange(const Observations& fitted);
  RangeDistance DistanceOf(double compute, double prompt) const;

 private:
  Range compute_;  // in ln C
  Range prompt_;   // in ln n
};

// The folds of one task. The cuts of a frontier are `cuts`, ascending and without repetition, or if there are none:
// every compute but the two lowest, every octave of prompt length (256, 512, 1024 .. tokens) above the second lowest
// length, every limit but the lowest; at most kMaxCuts of them, evenly spaced. Computes, and prompt lengths, within 1 %
// count as one. Cuts that hold out the same rows as another, or none, are left out. A law without context factor is
// told by `uses_prompts`: its folds need no prompt lengths.
std::vector<Fold> MakeFolds(const Observations& observations, FoldScheme scheme, const std::vector<double>& cuts,
                            bool uses_prompts);

inline constexpr int kMaxCuts = 8;

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_FIT_FOLDS_H_
