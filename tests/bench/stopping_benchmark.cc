// Measures how soon a service ends a fit that nobody waits for, and how often it reports progress, by the time of day.
// The contract gives it 100 ms to stop and promises ten messages a second. Run it on an idle machine: tests/server
// counts the work instead, which does not depend on other processes.

#include <benchmark/benchmark.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "ctxfit/v1/fitting_service.grpc.pb.h"
#include "server/queue/trace_log.h"
#include "server/server.h"
#include "tests/server/requests.h"
#include "tests/server/running_fit.h"

namespace ctxfit {
namespace {

double Milliseconds(absl::Duration duration) { return absl::ToDoubleMilliseconds(duration); }

// A service with one worker on a port of its own.
class Service {
 public:
  Service() {
    ServiceOptions options;
    options.devices.fits_at_once = 1;
    options.logger = MakeInProcessLogger();
    ServerOptions server_options;
    server_options.port = 0;
    server_ = Server::Start(server_options, std::move(options)).value();
    stub_ = v1::FittingService::NewStub(
        grpc::CreateChannel("127.0.0.1:" + std::to_string(server_->port()), grpc::InsecureChannelCredentials()));
  }

  v1::FittingService::Stub& stub() { return *stub_; }

  // A short fit, which has to wait until the only worker is free. Returns how long it took.
  absl::Duration ShortFit(benchmark::State& state) {
    const v1::FitRequest request = ShortRequest();
    grpc::ClientContext context;
    v1::FitResponse response;
    const absl::Time begin = absl::Now();
    if (!stub_->Fit(&context, request, &response).ok()) state.SkipWithError("the short fit failed");
    return absl::Now() - begin;
  }

 private:
  std::unique_ptr<Server> server_;
  std::unique_ptr<v1::FittingService::Stub> stub_;
};

// The time from a cancellation to the answer of a short fit sent after it; `alone_ms` is that of a short fit by itself.
void Cancel(benchmark::State& state, v1::FitPhase phase, const v1::StreamFitRequest& request) {
  Service service;
  service.ShortFit(state);
  state.counters["alone_ms"] = Milliseconds(service.ShortFit(state));
  for (auto _ : state) {
    RunningFit fit(service.stub(), request);
    if (!fit.AwaitPhase(phase)) return state.SkipWithError("the fit ended before the phase");
    const absl::Time begin = absl::Now();
    fit.context().TryCancel();
    fit.Finish();
    service.ShortFit(state);
    state.SetIterationTime(absl::ToDoubleSeconds(absl::Now() - begin));
  }
}

void BM_CancelSearch(benchmark::State& state) {
  Cancel(state, v1::FIT_PHASE_SEARCH, LongSearchRequest<v1::StreamFitRequest>());
}

void BM_CancelResampling(benchmark::State& state) {
  Cancel(state, v1::FIT_PHASE_RESAMPLE, LongRequest<v1::StreamFitRequest>());
}

// The time from a deadline to the answer of a short fit sent after it; `answered_ms` is the worst delay of the answer
// to the fit itself.
void BM_Deadline(benchmark::State& state) {
  Service service;
  service.ShortFit(state);
  state.counters["alone_ms"] = Milliseconds(service.ShortFit(state));
  const v1::FitRequest request = LongRequest();
  absl::Duration answered;
  for (auto _ : state) {
    grpc::ClientContext context;
    v1::FitResponse response;
    const absl::Time deadline = absl::Now() + absl::Milliseconds(500);
    context.set_deadline(absl::ToChronoTime(deadline));
    if (service.stub().Fit(&context, request, &response).ok()) return state.SkipWithError("the fit ended in time");
    answered = std::max(answered, absl::Now() - deadline);
    service.ShortFit(state);
    state.SetIterationTime(absl::ToDoubleSeconds(absl::Now() - deadline));
  }
  state.counters["answered_ms"] = Milliseconds(answered);
}

// A fit of seconds with its progress: messages per second, and the longest pause between two.
void BM_Progress(benchmark::State& state) {
  Service service;
  const v1::StreamFitRequest request = RequestOfSeconds();
  int message_count = 0;
  absl::Duration reported;
  absl::Duration longest_pause;
  for (auto _ : state) {
    RunningFit fit(service.stub(), request);
    absl::Time last = absl::Now();
    for (bool first = true; fit.Read() && fit.message().has_progress(); first = false) {
      const absl::Time now = absl::Now();
      if (!first) {
        ++message_count;
        reported += now - last;
        longest_pause = std::max(longest_pause, now - last);
      }
      last = now;
    }
    if (!fit.Finish().ok()) return state.SkipWithError("the fit failed");
  }
  state.counters["messages_per_second"] = message_count / absl::ToDoubleSeconds(reported);
  state.counters["longest_pause_ms"] = Milliseconds(longest_pause);
}

BENCHMARK(BM_CancelSearch)->Iterations(5)->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK(BM_CancelResampling)->Iterations(5)->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK(BM_Deadline)->Iterations(5)->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK(BM_Progress)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace ctxfit

BENCHMARK_MAIN();
