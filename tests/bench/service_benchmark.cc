// What the service adds to the engine: Fit through a running ctxfitd against the same fit in this process, 65,500
// simulated records, every option at its default. The first argument is HOST:PORT of the service; the rest are Google
// Benchmark's.

#include <benchmark/benchmark.h>
#include <grpcpp/grpcpp.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "ctxfit/v1/fitting_service.grpc.pb.h"
#include "kernels/fit.h"
#include "kernels/simulate.h"

namespace ctxfit {
namespace {

ObservationTable SimulatedTable() {
  const Law law{{{std::log(0.8), 0.5, std::log(1.2), 0.4}}, {1e23, 2048}, {}};
  return Simulate(law, {}, 1).value();
}

v1::FitRequest MakeRequest(const ObservationTable& table) {
  v1::FitRequest request;
  v1::Observations& observations = *request.mutable_observations();
  const auto add = [](const auto& column, auto* field) { field->Add(column.begin(), column.end()); };
  add(table.training_compute_flops, observations.mutable_training_compute_flops());
  add(table.prompt_tokens, observations.mutable_prompt_tokens());
  add(table.context_limit_tokens, observations.mutable_context_limit_tokens());
  add(table.score, observations.mutable_score());
  add(table.cluster, observations.mutable_cluster());
  add(table.task, observations.mutable_task());
  add(table.model, observations.mutable_model());
  request.mutable_options()->set_backend(v1::BACKEND_CPU);
  return request;
}

void BM_Engine(benchmark::State& state) {
  const ObservationTable table = SimulatedTable();
  const std::unique_ptr<Backend> backend = MakeCpuBackend();
  for (auto _ : state) {
    const std::vector<Observations> tasks = SplitTasks(table).value();
    benchmark::DoNotOptimize(FitTasks(*backend, tasks, {}, StopSignal(), [](const FitProgress&) {}).value());
  }
}

void BM_Service(benchmark::State& state, const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  const auto stub =
      v1::FittingService::NewStub(grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments));
  const v1::FitRequest request = MakeRequest(SimulatedTable());
  for (auto _ : state) {
    grpc::ClientContext context;
    v1::FitResponse response;
    const grpc::Status status = stub->Fit(&context, request, &response);
    if (!status.ok()) state.SkipWithError(status.error_message().c_str());
  }
}

}  // namespace
}  // namespace ctxfit

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (argc != 2) {
    fprintf(stderr, "usage: service_benchmark HOST:PORT [--benchmark_...]\n");
    return 2;
  }
  const std::string address = argv[1];
  for (auto* benchmark : {benchmark::RegisterBenchmark("BM_Engine", ctxfit::BM_Engine),
                          benchmark::RegisterBenchmark("BM_Service", [&address](benchmark::State& state) {
                            ctxfit::BM_Service(state, address);
                          })}) {
    benchmark->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(1);
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
