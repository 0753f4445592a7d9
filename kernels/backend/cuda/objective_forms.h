#ifndef CTXFIT_KERNELS_BACKEND_CUDA_OBJECTIVE_FORMS_H_
#define CTXFIT_KERNELS_BACKEND_CUDA_OBJECTIVE_FORMS_H_

#include <cmath>

#include "kernels/backend/cuda/binary_law.h"
#include "kernels/backend/cuda/packed_cells.h"
#include "kernels/base/elementary.h"
#include "kernels/base/host_device.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/law.h"
#include "kernels/law/loss.h"
#include "kernels/law/loss_rule.h"

// The forms of the law in which the objective evaluates a candidate on a cell, as parameters of its kernel.

namespace ctxfit {

// The two factors and the squared loss, to the base 2; see binary_law.h.
struct FactorForm {
  using Cell = PackedCell;

  struct Candidate {
    BinaryRate compute;
    BinaryRate context;

    CTXFIT_HD float ComputeFactor(float log_compute) const { return Saturate(compute, log_compute); }
    CTXFIT_HD float ContextFactor(float log_prompt) const { return Saturate(context, log_prompt); }

    // Returns `sum` plus the cost of a cell.
    CTXFIT_HD float AddCost(float sum, const Cell& cell, float f, float g, float) const {
      return AddSquare(sum, cell.target, cell.scale, f, g);
    }
  };

  CTXFIT_HD static Candidate Load(const BasicPoint<float>& member) {
    return {ToBinary(member.at[kLogComputeCoefficient], member.at[kComputeExponent]),
            ToBinary(member.at[kLogContextCoefficient], member.at[kContextExponent])};
  }
};

// The whole law and any loss, by the functions of law.h and loss.h in single precision.
//
// Its error, with u = 2^-24 and exp, expm1 and log within 2 units in the last place, 4 u relative (CUDA C++ Programming
// Guide, table of standard functions: 1 unit for the first two). Everything below is of first order in u.
//
//   f, g     A log rate a + b L has an error of u (|a| + 3 |b L|), since L, the product and the sum are rounded; its
//            rate q one of rho = u (|a| + 3 |b L| + 4) relative, and the value 1 - exp(-q) one of
//            q exp(-q) rho + 4 u (1 - exp(-q)), which is relative where the value is small.
//   s        The excess x = (p - r o) / w has p, o, exp(ln r), their product, the difference, exp(-ln w) and the last
//            product rounded: u (|p| + 6 |r o|) / w + 6 u |x|. s falls with x, so s at both ends of that error bounds
//            its own, beside 6 u s for an exponential, a sum and a division, and 1e-20 for where it is set to 0.
//   P        floor + span f g s has the errors of its factors, 2 u f g s of span, 3 u |span| f g s of three products,
//            and u (|P| + |floor|) of the sum.
//   cost     The largest change of the loss within the error of P, which it takes at either end or at its minimum,
//            P = y; and its own roundings: u |y| of the score, 8 u of every term, and under the Bernoulli loss 2 u, by
//            which ln(1 - P) is off where P is small. Where P is clamped to 1 - 1e-6, which single precision misses by
//            u / 2, ln(1 - P) is off by u / 2 10^6 = 0.03 more.
//
// Sums are off as AddBatch() and CompensatedSum say, and weights are rounded to within u.
template <Loss kLoss>
struct FullForm {
  using Cell = FullCell;

  struct Candidate {
    BasicPoint<float> point;
    float onset_ratio;
    float inverse_width;
    float span;

    CTXFIT_HD float ComputeFactor(float log_compute) const { return ctxfit::ComputeFactor(point, log_compute); }
    CTXFIT_HD float ContextFactor(float log_prompt) const { return ctxfit::ContextFactor(point, log_prompt); }

    // Returns `sum` plus the cost of a cell, without SaturatedCost() of its score.
    CTXFIT_HD float AddCost(float sum, const Cell& cell, float f, float g, float threshold) const {
      const float s = Penalize(cell.prompt, cell.onset, onset_ratio, inverse_width);
      const float prediction = Score(f, g, s, point.at[kFloor], span);
      return fmaf(cell.weight, MeasureLoss<kLoss>(cell.score, prediction, threshold).cost, sum);
    }
  };

  CTXFIT_HD static Candidate Load(const BasicPoint<float>& member) {
    return {member, Exp(member.at[kLogPenaltyOnset]), Exp(-member.at[kLogPenaltyWidth]), SpanOf(member)};
  }
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_OBJECTIVE_FORMS_H_
