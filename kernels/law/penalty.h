#ifndef CTXFIT_KERNELS_LAW_PENALTY_H_
#define CTXFIT_KERNELS_LAW_PENALTY_H_

namespace ctxfit {

// The penalty beyond the context limit, s = 1 / (1 + exp((n - r n_ctx) / w)). Its width and onset are the scales of the
// coordinates kLogPenaltyWidth and kLogPenaltyOnset, and apply unchanged if these are zero.
struct Penalty {
  enum class Form {
    kNone,    // s = 1
    kTokens,  // w = width tokens
    kRatio,   // w = width * n_ctx
  };
  Form form = Form::kTokens;
  double width = 1;        // tokens, or share of the limit; > 0. At 1 token the penalty is practically a step.
  double onset_ratio = 1;  // r, > 0
};

// The numbers by which a record enters the penalty, n and r n_ctx in units of the width's scale: with width and onset
// ratio at w / scale and r / scale, the argument of the logistic is (prompt - (r / scale) onset) / (w / scale).
struct Excess {
  double prompt;
  double onset;
};

// The excess of a record of that prompt length and context limit, both in tokens.
Excess MakeExcess(const Penalty& penalty, double prompt_tokens, double limit_tokens);

// s at a prompt length and a context limit, both in tokens, for a penalty at its scales.
double PenaltyFactor(const Penalty& penalty, double prompt_tokens, double limit_tokens);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_LAW_PENALTY_H_
