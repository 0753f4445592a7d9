#include "server/queue/cost.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "kernels/backend/backend.h"
#include "kernels/base/thread_pool.h"
#include "server/answer/backtest_answer.h"
#include "server/answer/fit_answer.h"
#include "server/fit_count.h"
#include "server/queue/memory_budget.h"
#include "server/wire/options_conversion.h"
#include "server/wire/wire_messages.h"
#include "tests/cpu_time.h"
#include "tests/server/requests.h"

// The memory that operator new has handed out, now and at its peak.

namespace {

constexpr std::size_t kHeader = 64;

std::atomic<std::int64_t> live{0};
std::atomic<std::int64_t> peak{0};

void* Allocate(std::size_t size, std::size_t alignment) {
  const std::size_t room = std::max(kHeader, alignment);
  const std::size_t total = (size + room + alignment - 1) / alignment * alignment;
  auto* const memory = static_cast<char*>(std::aligned_alloc(std::max(alignment, sizeof(void*)), total));
  if (memory == nullptr) throw std::bad_alloc();
  const std::int64_t now = live += static_cast<std::int64_t>(size);
  std::int64_t highest = peak;
  while (now > highest && !peak.compare_exchange_weak(highest, now)) continue;
  std::size_t* const header = reinterpret_cast<std::size_t*>(memory + room) - 2;
  header[0] = size;
  header[1] = room;
  return memory + room;
}

void Free(void* memory) {
  if (memory == nullptr) return;
  const std::size_t* const header = static_cast<std::size_t*>(memory) - 2;
  live -= static_cast<std::int64_t>(header[0]);
  std::free(static_cast<char*>(memory) - header[1]);
}

}  // namespace

void* operator new(std::size_t size) { return Allocate(size, alignof(std::max_align_t)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return Allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { Free(memory); }
void operator delete(void* memory, std::size_t) noexcept { Free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { Free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { Free(memory); }

namespace ctxfit {
namespace {

// The estimate may be off by this factor from the processor time.
constexpr double kMaxFactor = 3;

// A bound on memory may be so much larger than the peak of a large call.
constexpr double kMaxSlack = 7;
constexpr std::int64_t kSmall = std::int64_t{32} << 20;

struct Measured {
  double cpu_seconds;
  std::int64_t bytes;
};

Measured Measure(const std::function<absl::Status()>& work) {
  const std::int64_t before = live;
  peak = before;
  const absl::Duration begin = ProcessCpuTime();
  const absl::Status status = work();
  const absl::Duration end = ProcessCpuTime();
  EXPECT_TRUE(status.ok()) << status;
  return {absl::ToDoubleSeconds(end - begin), peak - before};
}

// A call that fits: its observations and options.
struct Design {
  std::string name;
  std::int64_t rows;
  int instances_per_cluster = 50;  // 0: no clusters
  int tasks = 1;
  int replicates = 1000;
  std::function<void(v1::FitOptions&)> options = [](v1::FitOptions&) {};
};

v1::Observations ObservationsOf(const Design& design) {
  v1::Observations observations = SimulatedObservations(design.rows);
  observations.clear_cluster();
  for (std::int64_t row = 0; row < design.rows && design.instances_per_cluster > 0; ++row) {
    observations.add_cluster(absl::StrFormat("cluster %d", row / design.instances_per_cluster));
  }
  if (design.tasks > 1) {
    for (std::int64_t row = 0; row < design.rows; ++row) {
      observations.add_task(absl::StrFormat("task %d", row * design.tasks / design.rows));
    }
  }
  return observations;
}

class CostTest : public testing::Test {
 protected:
  // The estimate of a request, as the service makes it.
  template <class Request>
  Cost CostOf(const Request& request) {
    const ReceivedRequest<Request> received = ReadRequest<Request>(ToBytes(request).value()).value();
    return CostOfCall(received.observations, CountOf(received.message, received.observations),
                      FromProto(request.options()).value(), backend_->Threads().size());
  }

  template <class Request, class Answer>
  Measured Run(const Request& request, Answer answer) {
    const FitOptions options = FromProto(request.options()).value();
    ReceivedRequest<Request> received = ReadRequest<Request>(ToBytes(request).value()).value();
    return Measure([&]() -> absl::Status {
      RequestRecord record;
      MemoryLease memory;
      const StopSignal stop;
      const FitObserver observer = [](const FitProgress&) {};
      const TraceSink trace;
      FitRun run = {*backend_, options, std::move(received.observations), stop, observer, trace, record, memory};
      const auto response = answer(received.message, run);
      if (!response.ok()) return response.status();
      return ToBytes(*response).status();
    });
  }

  void Check(const std::string& name, const Measured& measured, const Cost& cost) {
    const double factor = cost.cpu_seconds / measured.cpu_seconds;
    std::cout << absl::StrFormat("%-44s %9.4f s, estimated %9.4f (x %5.2f); %8.1f MiB, bound %8.1f (x %5.2f)\n", name,
                                 measured.cpu_seconds, cost.cpu_seconds, factor,
                                 static_cast<double>(measured.bytes) / 0x1p20,
                                 static_cast<double>(cost.memory_bytes) / 0x1p20,
                                 static_cast<double>(cost.memory_bytes) / static_cast<double>(measured.bytes));
    EXPECT_GT(factor, 1 / kMaxFactor) << name;
    EXPECT_LT(factor, kMaxFactor) << name;
    EXPECT_GE(cost.memory_bytes, measured.bytes) << name;
    EXPECT_LE(cost.memory_bytes,
              std::max(kSmall, static_cast<std::int64_t>(kMaxSlack * static_cast<double>(measured.bytes))))
        << name;
  }

  void CheckFit(const Design& design) {
    v1::FitRequest request;
    *request.mutable_observations() = ObservationsOf(design);
    request.mutable_options()->mutable_bootstrap()->set_replicates(design.replicates);
    design.options(*request.mutable_options());
    const auto answer = [](const v1::FitRequest&, FitRun& run) {
      return AnswerFit(v1::BACKTEST_MODE_UNSPECIFIED, run);
    };
    Check(design.name, Run(request, answer), CostOf(request));
  }

  void CheckBacktest(const Design& design, v1::FoldScheme scheme) {
    v1::BacktestRequest request;
    *request.mutable_observations() = ObservationsOf(design);
    if (design.replicates >= 0) request.mutable_options()->mutable_bootstrap()->set_replicates(design.replicates);
    request.set_scheme(scheme);
    for (std::int64_t row = 0; row < design.rows && scheme == v1::FOLD_SCHEME_GROUP; ++row) {
      request.add_group(absl::StrFormat("group %d", row % 5));
    }
    Check(design.name, Run(request, AnswerBacktest), CostOf(request));
  }

  const std::unique_ptr<Backend> backend_ = MakeCpuBackend();
};

TEST_F(CostTest, EstimatesOfFitsAreRightWithinTheirFactor) {
  const Design designs[] = {
      {"200 rows", 200, 5, 1, 200},
      {"500 rows", 500},
      {"500 rows, no replicates", 500, 50, 1, 0},
      {"500 rows, no clusters", 500, 0},
      {"5,000 rows", 5000},
      {"5,000 rows, no clusters", 5000, 0},
      {"65,500 rows", 65500},
      {"65,500 rows, no replicates", 65500, 50, 1, 0},
      {"65,500 rows, 10,000 replicates", 65500, 50, 1, 10000},
      {"65,500 rows, no clusters", 65500, 0, 1, 1000},
      {"65,500 rows, 100 tasks", 65500, 50, 100},
      {"300,000 rows", 300000, 50},
      {"300,000 rows, no clusters, 100 replicates", 300000, 0, 1, 100},
      {"1,000,000 rows, 200 replicates", 1000000, 50, 1, 200},
      {"200 rows, 100,000 replicates", 200, 5, 1, 100000},
      {"200 rows, 500 global replicates", 200, 5, 1, 500,
       [](v1::FitOptions& options) { options.mutable_bootstrap()->set_global_replicates(500); }},
      {"5,000 rows, 100 global replicates", 5000, 50, 1, 100,
       [](v1::FitOptions& options) { options.mutable_bootstrap()->set_global_replicates(100); }},
      {"5,000 rows, 4,096 candidates", 5000, 50, 1, 200,
       [](v1::FitOptions& options) { options.mutable_search()->set_candidates(4096); }},
      {"5,000 rows, 4,096 candidates, tolerance 1e-300", 5000, 50, 1, 200,
       [](v1::FitOptions& options) {
         options.mutable_search()->set_candidates(4096);
         options.mutable_search()->set_max_generations(1000);
         options.mutable_search()->set_tolerance_deviance(1e-300);
       }},
      {"5,000 rows, over observations", 5000, 50, 1, 200,
       [](v1::FitOptions& options) { options.mutable_search()->set_over(v1::SEARCH_OVER_OBSERVATIONS); }},
      {"5,000 rows, fitted width and onset", 5000, 50, 1, 1000,
       [](v1::FitOptions& options) {
         options.mutable_penalty()->set_fit_width(true);
         options.mutable_penalty()->set_fit_onset(true);
       }},
      {"5,000 rows, floor and ceiling fitted", 5000, 50, 1, 1000,
       [](v1::FitOptions& options) {
         options.mutable_floor()->set_fitted(true);
         options.mutable_ceiling()->set_fitted(true);
       }},
      {"5,000 rows, Bernoulli", 5000, 50, 1, 1000,
       [](v1::FitOptions& options) { options.set_loss(v1::LOSS_BERNOULLI); }},
      {"5,000 rows, Huber", 5000, 50, 1, 1000, [](v1::FitOptions& options) { options.set_loss(v1::LOSS_HUBER); }},
      {"5,000 rows, profiles", 5000, 50, 1, 1000, [](v1::FitOptions& options) { options.set_profile_intervals(true); }},
      {"5,000 rows, two-way", 5000, 50, 1, 1000,
       [](v1::FitOptions& options) { options.mutable_bootstrap()->set_resampling(v1::RESAMPLING_TWO_WAY); }},
  };
  for (const Design& design : designs) CheckFit(design);
}

TEST_F(CostTest, EstimatesOfBacktestsAreRightWithinTheirFactor) {
  CheckBacktest({"500 rows, each level", 500, 50, 1, -1}, v1::FOLD_SCHEME_LEVEL);
  CheckBacktest({"5,000 rows, each level, no replicates", 5000, 50, 1, 0}, v1::FOLD_SCHEME_LEVEL);
  CheckBacktest({"65,500 rows, each level", 65500, 50, 1, -1}, v1::FOLD_SCHEME_LEVEL);
  CheckBacktest({"65,500 rows, each level, 10 tasks", 65500, 50, 10, -1}, v1::FOLD_SCHEME_LEVEL);
  CheckBacktest({"65,500 rows, 5 groups", 65500, 50, 1, -1}, v1::FOLD_SCHEME_GROUP);
  CheckBacktest({"65,500 rows, no clusters, larger computes", 65500, 0, 1, -1}, v1::FOLD_SCHEME_COMPUTE);
  CheckBacktest({"300,000 rows, longer prompts", 300000, 50, 1, -1}, v1::FOLD_SCHEME_PROMPT);
}

}  // namespace
}  // namespace ctxfit
