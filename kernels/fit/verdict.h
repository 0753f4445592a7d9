#ifndef CTXFIT_KERNELS_FIT_VERDICT_H_
#define CTXFIT_KERNELS_FIT_VERDICT_H_

#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "kernels/baseline/baseline.h"

namespace ctxfit {

// The predictor that held-out folds favour, if they do.
enum class VerdictKind { kLaw, kLine, kUndecided };

struct PredictorErrors;

// Mean absolute errors of one fold's octave means: of the law, and of each baseline by BaselineForm.
struct FoldErrors {
  double law;
  double baseline[std::size(kBaselineForms)];
};

// Takes them from the errors of the law and of the baselines on a fold; unset if there are none of the latter.
std::optional<FoldErrors> FoldErrorsOf(const std::vector<PredictorErrors>& errors);

// The comparison of a law with the better straight line on folds that neither saw.
struct Verdict {
  VerdictKind kind;
  BaselineForm line;  // the line with the lower error: kLogLine or kLogitLine
  int fold_count;     // at least kLeastVerdictFolds
  double law_error;   // mean over folds of the mean absolute error
  double line_error;
  // The paired t statistic over folds of the law's error less the line's, with fold_count - 1 degrees of freedom: above
  // 0 if the line is better. 0 where all differences are equal to rounding.
  double statistic;
};

inline constexpr int kLeastVerdictFolds = 3;

// Judges by a paired t test at 5 %, two-sided: folds are as many independent pairs as there are models or groups, and
// rows of one fold are not. Unset with fewer than kLeastVerdictFolds folds. Valid for folds that hold out each row
// once, not for frontiers, which overlap.
std::optional<Verdict> Judge(const std::vector<FoldErrors>& folds);

// The verdict in one sentence, about what was held out, in the plural: "models".
std::string Describe(const Verdict& verdict, const std::string& held_out);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_FIT_VERDICT_H_
