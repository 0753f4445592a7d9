#ifndef CTXFIT_KERNELS_BACKEND_CUDA_COMPENSATED_SUM_H_
#define CTXFIT_KERNELS_BACKEND_CUDA_COMPENSATED_SUM_H_

#include "kernels/base/host_device.h"

namespace ctxfit {

// A running sum in single precision that carries its rounding along (Kahan 1965): the error of a sum of n non-negative
// terms is within 2^-23 of it, instead of n 2^-24, at the cost of three additions. Double precision would do the same
// at the price of a conversion per term, which GPUs have few units for.
class CompensatedSum {
 public:
  CTXFIT_HD void Add(float term) {
    const float corrected = term - excess_;
    const float sum = sum_ + corrected;
    excess_ = (sum - sum_) - corrected;
    sum_ = sum;
  }

  CTXFIT_HD double value() const { return static_cast<double>(sum_) - static_cast<double>(excess_); }

 private:
  float sum_ = 0;
  float excess_ = 0;  // by how much `sum_` lies above what was added
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_COMPENSATED_SUM_H_
