#ifndef CTXFIT_KERNELS_LAW_PENALTY_AT_H_
#define CTXFIT_KERNELS_LAW_PENALTY_AT_H_

#include "kernels/law/coordinate.h"
#include "kernels/law/law.h"
#include "kernels/law/penalty.h"

namespace ctxfit {

// The penalty factor s at coordinates of its width and onset, for many records.
class PenaltyAt {
 public:
  explicit PenaltyAt(const Point& point);

  double operator()(const Excess& excess) const {
    const double distance = (excess.prompt - onset_ratio_ * excess.onset) * inverse_width_;
    // Most records lie so far within their limit that 1 + exp(distance) rounds to 1, as it does below -37.
    return distance < -37 ? 1 : Penalize(distance);
  }

 private:
  double onset_ratio_;
  double inverse_width_;
};

// The penalty factor s of one record.
double PenaltyFactor(const Excess& excess, const Point& point);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_LAW_PENALTY_AT_H_
