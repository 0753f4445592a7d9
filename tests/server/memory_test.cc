#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <new>
#include <string>

#include "tests/server/call_with_bytes.h"
#include "tests/server/server_fixture.h"

// A lack of memory at every large allocation of a call in turn. Only large ones fail: gRPC makes small ones with
// operator new as well, and ends the process where they fail.

namespace {

constexpr std::size_t kLarge = 32 << 10;

// Large allocations that still succeed before one fails; negative where none is to fail.
std::atomic<int> countdown{-1};

// The client's allocations succeed.
thread_local bool is_client = false;

void* Allocate(std::size_t size, std::size_t alignment) {
  if (size >= kLarge && !is_client && countdown >= 0 && countdown.fetch_sub(1) == 0) throw std::bad_alloc();
  const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
  void* const memory = std::aligned_alloc(alignment, rounded == 0 ? alignment : rounded);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

// Not inlined: GCC, which sees the call of free() but not that of aligned_alloc(), would call them mismatched.
[[gnu::noinline]] void Release(void* memory) { std::free(memory); }

}  // namespace

void* operator new(std::size_t size) { return Allocate(size, alignof(std::max_align_t)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return Allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { Release(memory); }
void operator delete(void* memory, std::size_t) noexcept { Release(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { Release(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { Release(memory); }

namespace ctxfit {
namespace {

class MemoryTest : public ServerTest {
 protected:
  MemoryTest() { is_client = true; }

  // Calls `call` again and again, with one large allocation failing, the next one in each call. All calls but the last,
  // which needs fewer allocations, must be RESOURCE_EXHAUSTED. Returns the number of these.
  static int CallUntilItSucceeds(const std::function<grpc::Status()>& call) {
    for (int failing = 0;; ++failing) {
      countdown = failing;
      const grpc::Status status = call();
      if (countdown.exchange(-1) >= 0) {
        EXPECT_TRUE(status.ok()) << status.error_message();
        return failing;
      }
      EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED)
          << "allocation " << failing << ": " << status.error_message();
    }
  }

  int CallUntilItSucceeds(const std::string& method, const google::protobuf::Message& request) {
    const std::string serialized = request.SerializeAsString();
    const grpc::Slice slice(serialized);
    const grpc::ByteBuffer bytes(&slice, 1);
    grpc::GenericStub stub(Connect());
    return CallUntilItSucceeds([&] {
      grpc::ByteBuffer reply;
      return CallWithBytes(stub, method, bytes, reply);
    });
  }
};

TEST_F(MemoryTest, ACallThatLacksMemoryIsResourceExhaustedAndTheServerGoesOn) {
  v1::FitRequest fit;
  *fit.mutable_observations() = SimulatedObservations(6000);
  fit.mutable_options()->mutable_search()->set_candidates(64);
  fit.mutable_options()->mutable_bootstrap()->set_replicates(20);
  EXPECT_GT(CallUntilItSucceeds("FittingService/Fit", fit), 10);

  v1::StreamFitRequest stream;
  *stream.mutable_observations() = fit.observations();
  *stream.mutable_options() = fit.options();
  EXPECT_GT(CallUntilItSucceeds([&] { return RunningFit(*fitting_, stream).Finish(); }), 10);

  v1::FitResponse fitted;
  ASSERT_TRUE(Fit(fit, &fitted).ok());
  v1::PredictRequest predict;
  *predict.mutable_fit() = fitted.fits(0);
  v1::SolveRequest solve;
  *solve.mutable_fit() = fitted.fits(0);
  for (int i = 0; i < 5000; ++i) {
    predict.mutable_points()->add_training_compute_flops(1e22);
    predict.mutable_points()->add_prompt_tokens(1000 + i);
    predict.mutable_points()->add_context_limit_tokens(1e5);
    solve.mutable_training_compute()->add_target_score(0.5);
    solve.mutable_training_compute()->add_prompt_tokens(1000 + i);
    solve.mutable_training_compute()->add_context_limit_tokens(1e5);
  }
  predict.set_simultaneous(true);
  EXPECT_GT(CallUntilItSucceeds("PlanningService/Predict", predict), 5);
  EXPECT_GT(CallUntilItSucceeds("PlanningService/Solve", solve), 2);

  v1::EvaluateRequest evaluate;
  *evaluate.add_fits() = fitted.fits(0);
  *evaluate.mutable_observations() = fit.observations();
  EXPECT_GT(CallUntilItSucceeds("PlanningService/Evaluate", evaluate), 5);
}

}  // namespace
}  // namespace ctxfit
