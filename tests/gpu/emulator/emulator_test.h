#ifndef CTXFIT_TESTS_GPU_EMULATOR_EMULATOR_TEST_H_
#define CTXFIT_TESTS_GPU_EMULATOR_EMULATOR_TEST_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "kernels/backend/cuda/buffer.h"
#include "kernels/backend/cuda/device.h"
#include "kernels/backend/cuda/launch.h"
#include "tests/gpu/emulator/control.h"
#include "tests/gpu/emulator/report.h"

namespace ctxfit::emulator {

// Fixture of the emulator's own tests: kernels with a planted fault, which has to be reported, beside their sound
// versions, of which nothing may be.
class EmulatorTest : public testing::Test {
 protected:
  // Runs a kernel and returns the faults that were reported, once each.
  template <class... Parameters, class... Arguments>
  std::vector<Fault> FaultsOf(void (*kernel)(Parameters...), dim3 grid, dim3 block, const Arguments&... arguments) {
    EXPECT_EQ(Launch("the kernel", kernel, {grid, block, shared_bytes_, device_->stream()}, arguments...),
              absl::OkStatus());
    device_->Wait().IgnoreError();
    reports_ = TakeReports();
    std::vector<Fault> faults;
    for (const Report& report : reports_) {
      if (std::find(faults.begin(), faults.end(), report.fault) == faults.end()) faults.push_back(report.fault);
    }
    return faults;
  }

  // Device memory with zeros, and without anything.
  DeviceBuffer<int> Zeros(std::size_t size) const {
    return DeviceBuffer<int>::CopyOf(device_, std::vector<int>(size)).value();
  }
  DeviceBuffer<int> Uninitialised(std::size_t size) const { return DeviceBuffer<int>::Allocate(device_, size).value(); }

  std::shared_ptr<CudaDevice> device_ = CudaDevice::Open(0).value();
  std::size_t shared_bytes_ = 0;
  std::vector<Report> reports_;  // reports of the last kernel
};

}  // namespace ctxfit::emulator

#endif  // CTXFIT_TESTS_GPU_EMULATOR_EMULATOR_TEST_H_
