#ifndef CTXFIT_SERVER_QUEUE_REQUEST_RECORD_H_
#define CTXFIT_SERVER_QUEUE_REQUEST_RECORD_H_

#include <array>
#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "kernels/fit/fit_progress.h"

namespace ctxfit {

inline constexpr int kFitPhaseCount = static_cast<int>(FitPhase::kResample) + 1;

// What a service knows of a request once it has been answered.
struct RequestRecord {
  std::string backend;    // "" where none was chosen
  std::int64_t rows = 0;  // observations, or points
  std::int64_t tasks = 0;
  bool started = false;  // a worker took it up
  absl::Duration queued;
  absl::Duration ran;
  std::array<absl::Duration, kFitPhaseCount> phases{};  // wall time, indexed by FitPhase; of all tasks together
  double candidate_records_per_second = 0;              // of its fastest search; 0 without one
};

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_QUEUE_REQUEST_RECORD_H_
