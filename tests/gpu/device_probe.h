#ifndef CTXFIT_TESTS_GPU_DEVICE_PROBE_H_
#define CTXFIT_TESTS_GPU_DEVICE_PROBE_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "kernels/backend/cuda/device.h"
#include "kernels/base/philox.h"
#include "kernels/law/law.h"

// The functions that host and device share, called on the device. All wait.

namespace ctxfit {

// Draw(seed, purpose, step, i) for i < count.
absl::StatusOr<std::vector<RandomWords>> DrawOnDevice(std::shared_ptr<CudaDevice> device, std::uint64_t seed,
                                                      Purpose purpose, std::uint32_t step, int count);

// ReplicateWeight(seed, replicate, i) for i < count.
absl::StatusOr<std::vector<double>> ReplicateWeightsOnDevice(std::shared_ptr<CudaDevice> device, std::uint64_t seed,
                                                             std::uint32_t replicate, int count);

// Exp2 of every element.
absl::StatusOr<std::vector<float>> Exp2OnDevice(std::shared_ptr<CudaDevice> device,
                                                const std::vector<float>& exponents);

// Saturate to the base 2, with those coordinates at every element.
absl::StatusOr<std::vector<float>> SaturateOnDevice(std::shared_ptr<CudaDevice> device, float log_coefficient,
                                                    float exponent, const std::vector<float>& log_ratios);

// SaturateWithSlope of every element in double precision.
absl::StatusOr<std::vector<Saturation<double>>> SaturateWithSlopeOnDevice(std::shared_ptr<CudaDevice> device,
                                                                          const std::vector<double>& log_rates);

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_GPU_DEVICE_PROBE_H_
