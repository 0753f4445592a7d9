#include "kernels/backend/cuda/binary_law.h"
#include "kernels/backend/cuda/buffer.h"
#include "kernels/backend/cuda/launch.h"
#include "kernels/resample/replicate_weights.h"
#include "tests/gpu/device_probe.h"

namespace ctxfit {
namespace {

struct DrawWords {
  std::uint64_t seed;
  Purpose purpose;
  std::uint32_t step;
  __device__ RandomWords operator()(int i) const { return Draw(seed, purpose, step, i); }
};

struct DrawWeight {
  std::uint64_t seed;
  std::uint32_t replicate;
  __device__ double operator()(int i) const { return ReplicateWeight(seed, replicate, i); }
};

struct Exp2Element {
  const float* exponents;
  __device__ float operator()(int i) const { return Exp2(exponents[i]); }
};

struct SaturateElement {
  float log_coefficient;
  float exponent;
  const float* log_ratios;
  __device__ float operator()(int i) const { return Saturate(ToBinary(log_coefficient, exponent), log_ratios[i]); }
};

struct SaturateElementWithSlope {
  const double* log_rates;
  __device__ Saturation<double> operator()(int i) const { return SaturateWithSlope(log_rates[i]); }
};

template <class T, class Function>
__global__ void ProbeKernel(Function function, int count, T* results) {
  for (int i = threadIdx.x; i < count; i += blockDim.x) results[i] = function(i);
}

template <class T, class Function>
absl::StatusOr<std::vector<T>> Probe(std::shared_ptr<CudaDevice> device, const Function& function, int count) {
  const auto results = DeviceBuffer<T>::Allocate(device, count);
  if (!results.ok()) return results.status();
  const LaunchShape shape = {1, 256, 0, device->stream()};
  CTXFIT_RETURN_IF_ERROR(Launch("ProbeKernel", ProbeKernel<T, Function>, shape, function, count, results->data()));
  return results->ToHost();
}

}  // namespace

absl::StatusOr<std::vector<RandomWords>> DrawOnDevice(std::shared_ptr<CudaDevice> device, std::uint64_t seed,
                                                      Purpose purpose, std::uint32_t step, int count) {
  return Probe<RandomWords>(std::move(device), DrawWords{seed, purpose, step}, count);
}

absl::StatusOr<std::vector<double>> ReplicateWeightsOnDevice(std::shared_ptr<CudaDevice> device, std::uint64_t seed,
                                                             std::uint32_t replicate, int count) {
  return Probe<double>(std::move(device), DrawWeight{seed, replicate}, count);
}

absl::StatusOr<std::vector<float>> Exp2OnDevice(std::shared_ptr<CudaDevice> device,
                                                const std::vector<float>& exponents) {
  const auto arguments = DeviceBuffer<float>::CopyOf(device, exponents);
  if (!arguments.ok()) return arguments.status();
  return Probe<float>(device, Exp2Element{arguments->data()}, static_cast<int>(exponents.size()));
}

absl::StatusOr<std::vector<float>> SaturateOnDevice(std::shared_ptr<CudaDevice> device, float log_coefficient,
                                                    float exponent, const std::vector<float>& log_ratios) {
  const auto arguments = DeviceBuffer<float>::CopyOf(device, log_ratios);
  if (!arguments.ok()) return arguments.status();
  return Probe<float>(device, SaturateElement{log_coefficient, exponent, arguments->data()},
                      static_cast<int>(log_ratios.size()));
}

absl::StatusOr<std::vector<Saturation<double>>> SaturateWithSlopeOnDevice(std::shared_ptr<CudaDevice> device,
                                                                          const std::vector<double>& log_rates) {
  const auto arguments = DeviceBuffer<double>::CopyOf(device, log_rates);
  if (!arguments.ok()) return arguments.status();
  return Probe<Saturation<double>>(device, SaturateElementWithSlope{arguments->data()},
                                   static_cast<int>(log_rates.size()));
}

}  // namespace ctxfit
