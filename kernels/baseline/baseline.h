#ifndef CTXFIT_KERNELS_BASELINE_BASELINE_H_
#define CTXFIT_KERNELS_BASELINE_BASELINE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/law/fitted_law.h"

namespace ctxfit {

struct Observations;

// A model that a law has to beat: it puts u(C, n) in the place of the law's f(C) g(n),
//
//   P(C, n, n_ctx) = floor + (ceiling - floor) u(C, n) s(n, n_ctx),
//
// with the law's own floor, ceiling and penalty s, chosen or fitted. With x = ln(C / C^0) and y = ln(n / n^0):
enum class BaselineForm {
  kIntercept,  // u = b0
  kLogLine,    // ln u = b0 + b1 x + b2 y, and u <= 1
  kLogitLine,  // ln(u / (1 - u)) = b0 + b1 x + b2 y
};

inline constexpr BaselineForm kBaselineForms[] = {BaselineForm::kIntercept, BaselineForm::kLogLine,
                                                  BaselineForm::kLogitLine};

// A baseline fitted to the observations of one task.
struct Baseline {
  BaselineForm form;
  double intercept;          // b0
  double compute_slope = 0;  // b1, per unit of ln C; 0 where it is left out
  double prompt_slope = 0;   // b2, per unit of ln n; 0 where it is left out
  // Reason why a slope is left out, such as "all records have one training compute"; "" if it is fitted, and for
  // kIntercept, which has none.
  std::string no_compute_slope_reason = {};
  std::string no_prompt_slope_reason = {};
  References centre;            // C^0 and n^0: weighted geometric means over the rows it was fitted to
  Law frame;                    // the law with the floor, ceiling and penalty; its factors are not used
  std::int64_t mean_count = 0;  // MeanShares: number of means, and whether they are those of octaves
  bool by_octave = false;
  std::int64_t left_out_count = 0;  // MeanShares::left_out_count
};

// Fits every form, in the order of kBaselineForms, by exact weighted least squares of u (of the logarithm, of the
// logit) over MeanShares, with the weights of the means. A slope is left out where its variable has one value, values
// within 1 % of each other counted as one; that of ln n also where ln n is a linear function of ln C. Empty if the
// penalty of `frame` leaves no rows (kLeastPenalty). The order of rows changes nothing.
std::vector<Baseline> FitBaselines(const Observations& observations, const Law& frame);

// The expected score of each combination of covariates.
std::vector<double> ExpectedScores(const Observations& observations, const Baseline& baseline);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BASELINE_BASELINE_H_
