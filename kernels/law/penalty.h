#ifndef CTXFIT_KERNELS_LAW_PENALTY_H_
#define CTXFIT_KERNELS_LAW_PENALTY_H_

namespace ctxfit {

// The penalty beyond the context limit, s = 1 / (1 + exp((n - r n_ctx - lag) / w)). Its width and onset are the scales
// of the coordinates kLogPenaltyWidth and kLogPenaltyOnset, and apply unchanged if these are zero.
struct Penalty {
  enum class Form {
    kNone,    // s = 1
    kTokens,  // w = width tokens
    kRatio,   // w = width * n_ctx, lag = 0
  };
  Form form = Form::kTokens;
  double width = 1;        // tokens, or share of the limit; > 0
  double onset_ratio = 1;  // r, > 0
  double lag = 0;          // tokens, >= 0; 0 if the onset is fitted
};

// The published penalty, 1 token wide, is a step. It is centred 10 tokens beyond the limit instead of at it, so that a
// prompt as long as the limit is within it: s = 1 / (1 + exp(-10)) > 0.9999. By more than 0.001 it departs from the
// formula with lag 0 only from 7 tokens below the limit to 17 tokens beyond.
inline constexpr Penalty kStepPenalty = {.lag = 10};

// The lag of a penalty whose width and onset are held: that of the step if it is one, else 0.
constexpr double LagOf(Penalty::Form form, double width) {
  return form == kStepPenalty.form && width == kStepPenalty.width ? kStepPenalty.lag : 0;
}

// The numbers by which a record enters the penalty: n, and the centre r n_ctx + lag at the penalty's own onset ratio,
// both divided by the penalty's own width. Where width and onset ratio are multiplied by x and y, the argument of the
// logistic is (prompt - y onset) / x.
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
