// Measures the time that the service adds to the engine's: Fit through a running ctxfitd, from a message and from
// bytes, against the same fit in this process. Simulated records, every option at its default but the number of
// replicates; the service takes its GPU, if it has one. Every run also counts, in milliseconds, the parts that it can
// see. The process keeps its memory as ctxfitd does. Arguments: HOST:PORT of the service, without which only the engine
// runs, then Google Benchmark's.

#include <benchmark/benchmark.h>
#include <google/protobuf/util/time_util.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "ctxfit/v1/fitting_service.grpc.pb.h"
#include "kernels/data/split_tasks.h"
#include "kernels/fit/fit.h"
#include "kernels/fit/options.h"
#include "server/keep_memory.h"
#include "server/wire/wire_messages.h"
#include "tests/bench/simulated_table.h"
#include "tests/server/call_with_bytes.h"

namespace ctxfit {
namespace {

v1::FitRequest MakeRequest(const ObservationTable& table, int replicates) {
  v1::FitRequest request;
  v1::Observations& observations = *request.mutable_observations();
  const auto add = [](const auto& column, auto* field) { field->Add(column.begin(), column.end()); };
  add(table.training_compute_flops, observations.mutable_training_compute_flops());
  add(table.prompt_tokens, observations.mutable_prompt_tokens());
  add(table.context_limit_tokens, observations.mutable_context_limit_tokens());
  add(table.score, observations.mutable_score());
  for (std::int64_t row = 0; row < observations.score_size(); ++row) {
    observations.add_cluster(table.cluster[row]);
    observations.add_task(table.task[row]);
    observations.add_model(table.model[row]);
  }
  request.mutable_options()->mutable_bootstrap()->set_replicates(replicates);
  return request;
}

double Milliseconds(absl::Duration duration) { return absl::ToDoubleMilliseconds(duration); }

double Milliseconds(const google::protobuf::Duration& duration) {
  return 1e-6 * static_cast<double>(google::protobuf::util::TimeUtil::DurationToNanoseconds(duration));
}

// Measures the duration of `work`.
template <class Work>
absl::Duration Time(Work work) {
  const absl::Time begin = absl::Now();
  work();
  return absl::Now() - begin;
}

void BM_Engine(benchmark::State& state) {
  const ObservationTable table = SimulatedTable(state.range(0));
  FitOptions options;
  options.bootstrap.replicates = static_cast<int>(state.range(1));
  const std::unique_ptr<Backend> backend = MakeCpuBackend();
  std::vector<Observations> tasks;
  TaskFit fit;
  absl::Time collapsed = absl::InfiniteFuture();
  const FitObserver observer = [&collapsed](const FitProgress& progress) {
    if (progress.phase == FitPhase::kSearch) collapsed = std::min(collapsed, absl::Now());
  };
  for (auto _ : state) {
    ObservationTable received = table;
    const absl::Duration split = Time([&] { tasks = ValidateAndSplit(std::move(received)).value(); });
    const absl::Time begin = absl::Now();
    fit = FitTasks(*backend, tasks, options, StopSignal(), observer).value().at(0);
    state.SetIterationTime(absl::ToDoubleSeconds(split + (absl::Now() - begin)));
    state.counters["split"] = Milliseconds(split);
    state.counters["collapse"] = Milliseconds(collapsed - begin);
  }
  ObservationTable received = table;
  state.counters["validate"] = Milliseconds(Time([&] { benchmark::DoNotOptimize(Validate(std::move(received))); }));
  state.counters["search"] = Milliseconds(fit.search.duration);
  state.counters["refine"] = Milliseconds(fit.refinement.duration);
  state.counters["resample"] = Milliseconds(fit.bootstrap.duration);
  state.counters["cost"] = fit.refinement.final_cost;
  state.counters["evaluations"] = static_cast<double>(fit.search.evaluation_count);
  state.counters["converged_replicates"] = fit.bootstrap.converged_count;
}

// Counts what it takes to write a message and to read it by `read`, and its size.
template <class Read>
void CountMessage(const google::protobuf::Message& message, const std::string& name, benchmark::State& state,
                  Read read) {
  grpc::ByteBuffer bytes;
  state.counters["write_" + name] = Milliseconds(Time([&] { bytes = ToBytes(message).value(); }));
  state.counters["bytes_of_" + name] = static_cast<double>(bytes.Length());
  state.counters["read_" + name] = Milliseconds(Time([&] { read(bytes); }));
}

v1::FitRequest MakeRequest(const benchmark::State& state) {
  return MakeRequest(SimulatedTable(state.range(0)), static_cast<int>(state.range(1)));
}

// Reads a request by the parser of observations, into columns.
void BM_ReadRequest(benchmark::State& state) {
  const grpc::ByteBuffer bytes = ToBytes(MakeRequest(SimulatedTable(state.range(0)), 0)).value();
  for (auto _ : state) benchmark::DoNotOptimize(ReadRequest<v1::FitRequest>(bytes));
}

// Reads a request by generated code, into a message from which columns would still have to be made.
void BM_ReadRequestByGeneratedCode(benchmark::State& state) {
  const grpc::ByteBuffer bytes = ToBytes(MakeRequest(SimulatedTable(state.range(0)), 0)).value();
  for (auto _ : state) {
    v1::FitRequest request;
    benchmark::DoNotOptimize(ReadMessage(bytes, request));
  }
}

// The time of a call is the client's, from a request in memory to a reply in memory.
void BM_Service(benchmark::State& state, v1::FittingService::Stub& stub) {
  const v1::FitRequest request = MakeRequest(state);
  v1::FitResponse response;
  for (auto _ : state) {
    grpc::ClientContext context;
    grpc::Status status;
    state.SetIterationTime(absl::ToDoubleSeconds(Time([&] { status = stub.Fit(&context, request, &response); })));
    if (!status.ok()) return state.SkipWithError(status.error_message().c_str());
  }
  const v1::Fit& fit = response.fits(0);
  state.SetLabel(fit.provenance().device());
  state.counters["search"] = Milliseconds(fit.search().duration());
  state.counters["refine"] = Milliseconds(fit.refinement().duration());
  state.counters["resample"] = Milliseconds(fit.bootstrap().duration());
  CountMessage(request, "request", state,
               [](const grpc::ByteBuffer& bytes) { benchmark::DoNotOptimize(ReadRequest<v1::FitRequest>(bytes)); });
  CountMessage(response, "reply", state, [](grpc::ByteBuffer& bytes) {
    v1::FitResponse parsed;
    benchmark::DoNotOptimize(grpc::SerializationTraits<v1::FitResponse>::Deserialize(&bytes, &parsed));
  });
}

// Measures a call from the bytes of a request to those of a reply, without the client's writing and reading.
void BM_ServiceOfBytes(benchmark::State& state, grpc::GenericStub& stub) {
  const grpc::ByteBuffer request = ToBytes(MakeRequest(state)).value();
  grpc::ByteBuffer reply;
  for (auto _ : state) {
    grpc::Status status;
    state.SetIterationTime(
        absl::ToDoubleSeconds(Time([&] { status = CallWithBytes(stub, "FittingService/Fit", request, reply); })));
    if (!status.ok()) return state.SkipWithError(status.error_message().c_str());
  }
}

// Several callers, each with one call after the other: how many calls the service answers a second.
void BM_Callers(benchmark::State& state, grpc::GenericStub& stub) {
  const grpc::ByteBuffer request = ToBytes(MakeRequest(state)).value();
  grpc::ByteBuffer reply;
  for (auto _ : state) {
    const grpc::Status status = CallWithBytes(stub, "FittingService/Fit", request, reply);
    if (!status.ok()) return state.SkipWithError(status.error_message().c_str());
  }
  state.counters["calls"] = benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

void RegisterSizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgsProduct({{500, 2000, 65500, kCrossedRecords}, {0, 1000}})
      ->Unit(benchmark::kMillisecond)
      ->UseManualTime()
      ->Iterations(1);
}

// A channel that is connected, so that no call pays for it.
std::shared_ptr<grpc::Channel> Connect(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  std::shared_ptr<grpc::Channel> channel =
      grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
  constexpr int kSeconds = 10;
  if (!channel->WaitForConnected(gpr_time_from_seconds(kSeconds, GPR_TIMESPAN))) return nullptr;
  return channel;
}

}  // namespace
}  // namespace ctxfit

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  ctxfit::KeepFreedMemory();
  if (argc > 2) {
    fprintf(stderr, "usage: service_benchmark [HOST:PORT] [--benchmark_...]\n");
    return 2;
  }
  ctxfit::RegisterSizes(benchmark::RegisterBenchmark("BM_Engine", ctxfit::BM_Engine));
  benchmark::RegisterBenchmark("BM_ReadRequest", ctxfit::BM_ReadRequest)->Arg(65500)->Unit(benchmark::kMillisecond);
  benchmark::RegisterBenchmark("BM_ReadRequestByGeneratedCode", ctxfit::BM_ReadRequestByGeneratedCode)
      ->Arg(65500)
      ->Unit(benchmark::kMillisecond);
  std::unique_ptr<ctxfit::v1::FittingService::Stub> stub;
  std::unique_ptr<grpc::GenericStub> bytes_stub;
  if (argc == 2) {
    const auto channel = ctxfit::Connect(argv[1]);
    if (channel == nullptr) {
      fprintf(stderr, "no service at %s\n", argv[1]);
      return 1;
    }
    stub = ctxfit::v1::FittingService::NewStub(channel);
    ctxfit::RegisterSizes(benchmark::RegisterBenchmark(
        "BM_Service", [&stub](benchmark::State& state) { ctxfit::BM_Service(state, *stub); }));
    bytes_stub = std::make_unique<grpc::GenericStub>(channel);
    ctxfit::RegisterSizes(benchmark::RegisterBenchmark("BM_ServiceOfBytes", [&bytes_stub](benchmark::State& state) {
      ctxfit::BM_ServiceOfBytes(state, *bytes_stub);
    }));
    benchmark::RegisterBenchmark("BM_Callers",
                                 [&bytes_stub](benchmark::State& state) { ctxfit::BM_Callers(state, *bytes_stub); })
        ->ArgsProduct({{500, 2000, 65500}, {1000}})
        ->ThreadRange(1, 8)
        ->Unit(benchmark::kMillisecond)
        ->UseRealTime();
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
