#ifndef CTXFIT_KERNELS_LAW_LOSS_RULE_H_
#define CTXFIT_KERNELS_LAW_LOSS_RULE_H_

namespace ctxfit {

enum class Loss {
  kSquared,  // r^2, r = y - P
  // r^2 up to a threshold d, 2 d |r| - d^2 beyond it (Huber 1964): a distant row pulls no harder than one at d.
  kHuber,
  // The deviance of y successes in one trial, 2 [y ln(y / P) + (1 - y) ln((1 - y) / (1 - P))]: the likelihood of 0/1
  // scores, and of means of them. P is clamped to [1e-6, 1 - 1e-6], so that no single row costs more than 28.
  kBernoulli,
};
inline constexpr Loss kLosses[] = {Loss::kSquared, Loss::kHuber, Loss::kBernoulli};

// The properties of a loss that other rooms ask for.
struct LossTraits {
  bool is_sum_of_squares;              // sum w (y - P)^2: the factors' form, moments and normal errors apply
  bool is_deviance;                    // -2 ln of a likelihood up to a constant of the scores, so that sigma^2 = 1
  bool collapses_means;                // rows of equal covariates may become one cell with their mean score
  bool descends_by_second_derivative;  // LossTerms::curvature is the expected second derivative, halved
  bool has_threshold;                  // LossRule::threshold applies
};

constexpr LossTraits TraitsOf(Loss loss) {
  switch (loss) {
    case Loss::kSquared:
      return {true, false, true, true, false};
    case Loss::kHuber:
      return {false, false, false, false, true};
    case Loss::kBernoulli:
      return {false, true, true, true, false};
  }
  return {};
}

struct LossRule {
  Loss loss = Loss::kSquared;
  double threshold = 0.05;  // Huber's d, in units of the score; in (0, 1]
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_LAW_LOSS_RULE_H_
