#ifndef CTXFIT_KERNELS_BACKEND_CUDA_COMPENSATED_SUM_H_
#define CTXFIT_KERNELS_BACKEND_CUDA_COMPENSATED_SUM_H_

#include "kernels/base/host_device.h"

namespace ctxfit {

// A running sum in single precision with compensation (Kahan 1965): a sum of n non-negative terms has a relative error
// of at most 2^-23 instead of n 2^-24, for three more additions per term. Double precision would need a conversion per
// term, for which GPUs have few units.
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
