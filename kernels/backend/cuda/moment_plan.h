#ifndef CTXFIT_KERNELS_BACKEND_CUDA_MOMENT_PLAN_H_
#define CTXFIT_KERNELS_BACKEND_CUDA_MOMENT_PLAN_H_

#include <cstdint>

#include "kernels/backend/cuda/moment_table.h"
#include "kernels/base/host_device.h"
#include "kernels/law/law.h"

// Plan for refitting replicates from moments, one block of threads each. It follows from the sizes of the problem
// alone, never from the device.

namespace ctxfit {

// Threads of a block: few, so that a multiprocessor has other blocks to run while one of a block's threads takes the
// step of its replicate.
inline constexpr int kMomentThreads = 128;

// Blocks that a multiprocessor has registers for.
inline constexpr int kMomentBlocks = 4;

// Shared memory for the tables of a block. With what the kernel takes besides it stays within the 48 KiB that every
// device grants without being asked.
inline constexpr std::int32_t kMomentSharedBytes = 44 * 1024;

// Tables that the threads of a block share.
struct MomentTables {
  Saturation<double>* context;  // g, by node
  Saturation<double>* compute;  // f, by distinct compute
  MomentSums* sums;             // by place
  double* weights;              // by unit
};

// Place of a table: in a block's shared memory, or in its scratch in device memory.
struct TableSpot {
  bool shared;
  std::int64_t begin;  // in doubles
};

struct MomentPlan {
  TableSpot context;
  TableSpot compute;
  TableSpot sums;
  TableSpot weights;
  std::int64_t shared_size;   // doubles of a block's shared memory,
  std::int64_t scratch_size;  // doubles of its scratch; even, for the alignment of its contents
  std::int32_t max_steps;     // most steps of a replicate in one launch
  std::int64_t work;          // most work of a replicate in one launch, in evaluations of a place
};

// The tables go to shared memory as far as they fit, first of all those that are read in every step. Steps are as many
// as let a block end some way within the 100 ms of a cancellation, `max_iterations` at most.
MomentPlan PlanMoments(const MomentsView& moments, int max_iterations);

// Returns true if a block, which weighs all moments without a stop, does so in a few milliseconds.
bool SuitBlocks(const Moments& moments);

CTXFIT_HD double* SpotIn(const TableSpot& spot, double* shared, double* scratch) {
  return (spot.shared ? shared : scratch) + spot.begin;
}

// Returns the tables of a block in these memories, both aligned to 16 bytes.
CTXFIT_HD MomentTables LayTables(const MomentPlan& plan, double* shared, double* scratch) {
  return {reinterpret_cast<Saturation<double>*>(SpotIn(plan.context, shared, scratch)),
          reinterpret_cast<Saturation<double>*>(SpotIn(plan.compute, shared, scratch)),
          reinterpret_cast<MomentSums*>(SpotIn(plan.sums, shared, scratch)), SpotIn(plan.weights, shared, scratch)};
}

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_MOMENT_PLAN_H_
