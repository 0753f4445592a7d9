#include "server/planning_service.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "kernels/base/catch_exceptions.h"
#include "kernels/base/status_macros.h"
#include "server/answer/evaluate_answer.h"
#include "server/answer/predict_answer.h"
#include "server/answer/solve_answer.h"
#include "server/observe/call_record.h"
#include "server/queue/cost.h"
#include "server/wire/limits.h"
#include "server/wire/observations_conversion.h"
#include "server/wire/status.h"
#include "server/wire/wire_messages.h"

namespace ctxfit {
namespace {

// A request that has been read.
struct Question {
  Cost cost;
  std::int64_t bytes = 0;  // what it holds
  std::int64_t rows = 0;
  std::int64_t tasks = 0;
  std::function<absl::StatusOr<grpc::ByteBuffer>(const StopSignal& stop)> answer;
};

// Reads one kind of request.
using Read = absl::StatusOr<Question> (*)(const grpc::ByteBuffer& bytes, const ReserveMemory& reserve,
                                          const VectorKernels& kernels);

// Answers a call: a reader reads it, and answers it at once or hands it to the queue of large ones. gRPC deletes it
// through OnDone, after Finish.
class QueuedReactor : public grpc::ServerUnaryReactor {
 public:
  QueuedReactor(Read read, grpc::CallbackServerContext& context, grpc::ByteBuffer* response,
                PlanningEnvironment& environment)
      : read_(read), context_(context), record_(RequestOf(context)), response_(response), environment_(environment) {}

  void Start(const grpc::ByteBuffer& bytes) {
    const absl::Status status = CatchExceptions([&]() -> absl::Status {
      arrival_ = ArrivalOf(context_, bytes, environment_.limits);
      CTXFIT_ASSIGN_OR_RETURN(
          admission_, Admit(arrival_, environment_.places, environment_.large.RetryDelay(), environment_.memory));
      stop_ = admission_.stop;
      bytes_ = bytes;
      return environment_.readers.Submit(std::make_shared<Reader>(*this));
    });
    if (!status.ok()) End(status);
  }

  void OnCancel() override {
    if (stop_ != nullptr) stop_->Cancel();
  }
  void OnDone() override { delete this; }

 private:
  // Reads the request. Answers it unless it hands it over: then the reactor may be gone.
  class Reader : public Job {
   public:
    explicit Reader(QueuedReactor& reactor)
        : Job(reactor.stop_, {reactor.arrival_.deadline, reactor.arrival_.caller, ReadingSeconds(reactor.arrival_), 0}),
          reactor_(reactor) {}

    absl::Status Run() override {
      CTXFIT_RETURN_IF_ERROR(reactor_.ReadQuestion());
      const std::int64_t memory = reactor_.question_.cost.memory_bytes;
      if (reactor_.IsSmall() && reactor_.environment_.working.Take(memory)) {
        const absl::Status status = CatchExceptions([this] { return reactor_.Answer(); });
        reactor_.environment_.working.Return(memory);
        return status;
      }
      const auto large = std::make_shared<LargeJob>(reactor_);
      handed_over_ = true;
      const absl::Status status = reactor_.environment_.large.Submit(large);
      handed_over_ = status.ok();
      return status;
    }

    void Finish(const absl::Status& status) override {
      if (!handed_over_) reactor_.End(status);
    }

   private:
    QueuedReactor& reactor_;
    bool handed_over_ = false;
  };

  class LargeJob : public Job {
   public:
    explicit LargeJob(QueuedReactor& reactor)
        : Job(reactor.stop_, {reactor.arrival_.deadline, reactor.arrival_.caller, reactor.question_.cost.cpu_seconds,
                              reactor.question_.cost.memory_bytes}),
          reactor_(reactor) {}

    absl::Status Run() override { return reactor_.Answer(); }
    void Finish(const absl::Status& status) override { reactor_.End(status); }

   private:
    QueuedReactor& reactor_;
  };

  absl::Status ReadQuestion() {
    MemoryLease& memory = admission_.memory;
    const auto reserve = [&memory](std::int64_t bytes) { return memory.Resize(std::max(bytes, memory.bytes())); };
    CTXFIT_ASSIGN_OR_RETURN(question_, read_(bytes_, reserve, environment_.kernels));
    bytes_.Clear();
    memory.ResizeAnyway(question_.bytes);
    record_.rows = question_.rows;
    record_.tasks = question_.tasks;
    return CheckCpuSeconds(question_.cost, environment_.limits.max_cpu_seconds);
  }

  // True for what a reader answers at once.
  bool IsSmall() const {
    constexpr double kSmallSeconds = 0.02;
    return question_.cost.cpu_seconds <= kSmallSeconds;
  }

  absl::Status Answer() {
    admission_.place.Leave();
    started_ = absl::Now();
    CTXFIT_ASSIGN_OR_RETURN(*response_, question_.answer(*stop_));
    admission_.memory.ResizeAnyway(static_cast<std::int64_t>(response_->Length()));
    return absl::OkStatus();
  }

  void End(const absl::Status& status) {
    const absl::Time now = absl::Now();
    const absl::Time begin = std::min(started_, now);
    record_.started = started_ != absl::InfiniteFuture();
    record_.queued = begin - submitted_;
    record_.ran = now - begin;
    if (!status.ok()) admission_ = {};
    Finish(EndOfCall(status, context_));
  }

  const Read read_;
  grpc::CallbackServerContext& context_;
  RequestRecord& record_;
  grpc::ByteBuffer* const response_;
  PlanningEnvironment& environment_;
  const absl::Time submitted_ = absl::Now();
  absl::Time started_ = absl::InfiniteFuture();
  Arrival arrival_;
  Admission admission_;  // whose memory counts the answer until it has been sent
  std::shared_ptr<StopSignal> stop_;
  grpc::ByteBuffer bytes_;  // until they are read
  Question question_;
};

// The number of laws of a fit: its parameters and those of its replicates.
std::int64_t LawsOf(const v1::Fit& fit) { return 1 + fit.replicates().compute_coefficient_size(); }

absl::StatusOr<Question> ReadPredict(const grpc::ByteBuffer& bytes, const ReserveMemory& reserve,
                                     const VectorKernels& kernels) {
  const auto request = std::make_shared<v1::PredictRequest>();
  CTXFIT_RETURN_IF_ERROR(ReadMessage(bytes, *request, reserve));
  const auto axis = [](int size) { return std::max<std::int64_t>(1, size); };
  const v1::PredictionGrid& grid = request->grid();
  Question question;
  question.rows =
      request->has_grid()
          ? std::min(kMaxPoints,
                     axis(grid.training_compute_flops_size()) *
                         std::min(kMaxPoints, axis(grid.context_limit_tokens_size()) * axis(grid.prompt_tokens_size())))
          : std::max(request->points().training_compute_flops_size(), request->points().prompt_tokens_size());
  question.cost = CostOfPredict(std::min<std::int64_t>(question.rows, kMaxPoints), LawsOf(request->fit()),
                                request->has_new_mean_items(), request->simultaneous());
  question.bytes = static_cast<std::int64_t>(request->SpaceUsedLong());
  question.answer = [request, &kernels](const StopSignal& stop) -> absl::StatusOr<grpc::ByteBuffer> {
    CTXFIT_ASSIGN_OR_RETURN(const v1::PredictResponse response, AnswerPredict(kernels, *request, stop));
    return ToBytes(response);
  };
  return question;
}

absl::StatusOr<Question> ReadSolve(const grpc::ByteBuffer& bytes, const ReserveMemory& reserve, const VectorKernels&) {
  const auto request = std::make_shared<v1::SolveRequest>();
  CTXFIT_RETURN_IF_ERROR(ReadMessage(bytes, *request, reserve));
  Question question;
  question.rows =
      std::max(request->training_compute().target_score_size(), request->prompt_length().target_score_size());
  question.cost = CostOfSolve(std::min<std::int64_t>(question.rows, kMaxQueries), LawsOf(request->fit()));
  question.bytes = static_cast<std::int64_t>(request->SpaceUsedLong());
  question.answer = [request](const StopSignal& stop) -> absl::StatusOr<grpc::ByteBuffer> {
    CTXFIT_ASSIGN_OR_RETURN(const v1::SolveResponse response, AnswerSolve(*request, stop));
    return ToBytes(response);
  };
  return question;
}

absl::StatusOr<Question> ReadEvaluate(const grpc::ByteBuffer& bytes, const ReserveMemory& reserve,
                                      const VectorKernels&) {
  const auto request = std::make_shared<ReceivedRequest<v1::EvaluateRequest>>();
  CTXFIT_ASSIGN_OR_RETURN(*request, ReadRequest<v1::EvaluateRequest>(bytes, reserve));
  std::int64_t laws = 1;
  for (const v1::Fit& fit : request->message.fits()) laws = std::max(laws, LawsOf(fit));
  Question question;
  question.rows = static_cast<std::int64_t>(request->observations.score.size());
  question.tasks = request->message.fits_size();
  question.cost = CostOfEvaluate(question.rows, laws);
  question.bytes = MemoryOf(request->observations) + static_cast<std::int64_t>(request->message.SpaceUsedLong());
  question.answer = [request](const StopSignal& stop) -> absl::StatusOr<grpc::ByteBuffer> {
    CTXFIT_ASSIGN_OR_RETURN(const v1::EvaluateResponse response,
                            AnswerEvaluate(request->message, std::move(request->observations), stop));
    return ToBytes(response);
  };
  return question;
}

// Frees the bytes of a request, which its reactor shares: gRPC owns them and would keep them to the end of the call. It
// hands them out as const, but for the calling method alone.
void Free(const grpc::ByteBuffer* request) { const_cast<grpc::ByteBuffer*>(request)->Clear(); }

grpc::ServerUnaryReactor* StartQueued(Read read, grpc::CallbackServerContext& context, const grpc::ByteBuffer* request,
                                      grpc::ByteBuffer* response, PlanningEnvironment& environment) {
  SetReceivedBytes(context, request->Length());
  auto* reactor = new QueuedReactor(read, context, response, environment);
  reactor->Start(*request);
  Free(request);
  return reactor;
}

}  // namespace

grpc::ServerUnaryReactor* PlanningServiceImpl::Predict(grpc::CallbackServerContext* context,
                                                       const grpc::ByteBuffer* request, grpc::ByteBuffer* response) {
  return StartQueued(ReadPredict, *context, request, response, environment_);
}

grpc::ServerUnaryReactor* PlanningServiceImpl::Solve(grpc::CallbackServerContext* context,
                                                     const grpc::ByteBuffer* request, grpc::ByteBuffer* response) {
  return StartQueued(ReadSolve, *context, request, response, environment_);
}

grpc::ServerUnaryReactor* PlanningServiceImpl::Evaluate(grpc::CallbackServerContext* context,
                                                        const grpc::ByteBuffer* request, grpc::ByteBuffer* response) {
  return StartQueued(ReadEvaluate, *context, request, response, environment_);
}

}  // namespace ctxfit
