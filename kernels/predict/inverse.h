#ifndef CTXFIT_KERNELS_PREDICT_INVERSE_H_
#define CTXFIT_KERNELS_PREDICT_INVERSE_H_

// The law, solved for one of its variables. Answers are natural logarithms, because an exponent close to 0 takes them
// beyond the range of a double: +infinity where no value reaches the target, -infinity where every value does. Targets
// are in (0, 1), the other arguments finite and > 0.

namespace ctxfit {

struct Law;

// ln of the least training compute, in FLOP, with which `law` gives `target` on a prompt:
// C = C^c (-ln(1 - f) / A)^(1 / alpha) with f = (target - floor) / ((ceiling - floor) g s).
double LogLeastCompute(const Law& law, double target, double prompt_tokens, double limit_tokens);

// The score that the law approaches with ever more training compute.
double HighestScoreOverCompute(const Law& law, double prompt_tokens, double limit_tokens);

// The prompt lengths on which a law reaches a target. They are one interval: the score rises with the length up to one
// maximum and falls from there, because d ln g / d ln n and d ln s / d ln n both fall.
struct PromptWindow {
  double log_shortest;  // ln tokens; +infinity where no length reaches the target
  double log_longest;   // ln tokens; -infinity where no length reaches the target, +infinity where there is no penalty,
                        // or the target is no higher than the floor
  double highest_score;  // over all lengths
};

// Finds both ends to 1e-12 by TOMS 748 (Alefeld, Potra and Shi 1995), between bounds in closed form.
PromptWindow FindPromptWindow(const Law& law, double target, double compute_flops, double limit_tokens);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_PREDICT_INVERSE_H_
