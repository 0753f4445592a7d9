#ifndef CTXFIT_TESTS_GPU_REFITS_H_
#define CTXFIT_TESTS_GPU_REFITS_H_

#include <gtest/gtest.h>
#include <pthread.h>

#include <thread>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "kernels/backend/backend.h"
#include "kernels/base/thread_pool.h"
#include "kernels/data/cells.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"
#include "kernels/objective/moments.h"
#include "kernels/objective/vector_kernels.h"
#include "tests/cpu_time.h"
#include "tests/kernels/spread_of_fits.h"

namespace ctxfit {

// Cells with units and what to refit on them. The criteria of `request` have the variance that the point estimate
// leaves.
struct RefitProblem {
  Cells cells;
  Domain domain;
  ReplicateRequest request;

  // Returns true if the moments of these cells are gathered.
  bool HasMoments() const {
    ThreadPool pool(1);
    return GatherMoments(cells, request.start, {BestVectorKernels(), pool}, StopSignal()).value().has_value();
  }
};

inline ReplicateFits Refit(Backend& backend, const RefitProblem& problem) {
  return backend.RefitReplicates(problem.cells, problem.domain, problem.request, StopSignal()).value();
}

inline void ExpectBackendsAgree(const RefitProblem& problem) {
  const ReplicateFits on_gpu = Refit(*MakeCudaBackend().value(), problem);
  const ReplicateFits on_cpu = Refit(*MakeCpuBackend(), problem);
  ASSERT_EQ(on_gpu.points.size(), on_cpu.points.size());
  EXPECT_EQ(on_gpu.converged, on_cpu.converged);
  for (int i = 0; i < kCoordinateCount; ++i) {
    // Both take the same steps up to rounding in double precision. Where that decides whether a last step is taken, the
    // ends differ by that step: each lies within sqrt(1e-6) standard errors of the optimum in the direction of its own
    // step, and a replicate's standard error is that of the weights' effective sample, sqrt(2) of all at most.
    const double tolerance = 2 * 1e-3 * 1.5 * StandardDeviationOf(on_cpu, i);
    for (std::size_t b = 0; b < on_gpu.points.size(); ++b) {
      ASSERT_NEAR(on_gpu.points[b].at[i], on_cpu.points[b].at[i], tolerance) << "replicate " << b << ", " << i;
    }
  }
}

inline void ExpectSameBits(const ReplicateFits& a, const ReplicateFits& b) {
  EXPECT_EQ(a.max_iteration_count, b.max_iteration_count);
  EXPECT_EQ(a.converged, b.converged);
  ASSERT_EQ(a.points.size(), b.points.size());
  for (std::size_t replicate = 0; replicate < a.points.size(); ++replicate) {
    for (int i = 0; i < kCoordinateCount; ++i) EXPECT_EQ(a.points[replicate].at[i], b.points[replicate].at[i]);
  }
}

// Cancels a refit after 300 ms, long before its end. It returns within the contract's 100 ms, as processor time of the
// calling thread, which waits for the device actively.
inline void ExpectCancelledWithinATenthOfASecond(Backend& backend, const RefitProblem& problem) {
  StopSignal stop;
  const pthread_t caller = pthread_self();
  absl::Duration cancelled;
  std::thread canceller([&] {
    absl::SleepFor(absl::Milliseconds(300));
    cancelled = CpuTimeOfThread(caller);
    stop.Cancel();
  });
  const auto fits = backend.RefitReplicates(problem.cells, problem.domain, problem.request, stop);
  const absl::Duration returned = CpuTimeOfThread(caller);
  canceller.join();
  EXPECT_EQ(fits.status().code(), absl::StatusCode::kCancelled);
  EXPECT_LT(returned - cancelled, absl::Milliseconds(100));
}

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_GPU_REFITS_H_
