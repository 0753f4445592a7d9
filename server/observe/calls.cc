#include "server/observe/calls.h"

#include <grpcpp/support/server_interceptor.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "kernels/base/catch_exceptions.h"
#include "kernels/base/logfmt.h"
#include "server/observe/metrics.h"
#include "server/observe/request_id.h"

namespace ctxfit {
namespace {

constexpr absl::string_view kOurServices = "/ctxfit.v1.";
constexpr std::size_t kLongestMessage = 300;

// gRPC gives a call without a deadline one in some centuries.
constexpr absl::Duration kNoDeadline = absl::Hours(24 * 3650);

// Returns an error's message without the texts of users, which it quotes. From the first quotation mark to the last, as
// a text may have some of its own.
std::string WithoutQuotes(const std::string& message) {
  const std::size_t begin = message.find('"');
  const std::size_t end = message.rfind('"');
  if (begin == end) return message;
  return message.substr(0, begin + 1) + "..." + message.substr(end);
}

bool IsServerFault(grpc::StatusCode code) {
  return code == grpc::StatusCode::INTERNAL || code == grpc::StatusCode::RESOURCE_EXHAUSTED ||
         code == grpc::StatusCode::UNKNOWN;
}

// Why a call ended before its answer was written.
std::string_view CancelReason(const CallRecord& call) {
  if (call.status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) return "deadline";
  if (!call.cancelled) return "none";
  return absl::Now() >= call.deadline ? "deadline" : "client";
}

}  // namespace

// Allocates the contexts of all calls, those of health and reflection among them.
class Calls::ContextAllocator : public grpc::ContextAllocator {
 public:
  explicit ContextAllocator(Calls& calls) : calls_(calls) {}

  grpc::CallbackServerContext* NewCallbackServerContext() override { return new CallContext; }

  // The last that gRPC does about a call.
  void Release(grpc::CallbackServerContext* context) override {
    // That of a call of an unknown method is gRPC's own, which gRPC deletes.
    const std::unique_ptr<CallContext> owned(dynamic_cast<CallContext*>(context));
    if (owned != nullptr && !owned->call.method.empty()) calls_.End(*owned);
  }

 private:
  Calls& calls_;
};

class Calls::Interceptor : public grpc::experimental::Interceptor {
 public:
  Interceptor(CallContext& context, const char* method) : context_(context), call_(context.call) {
    call_.method = method;
  }

  void Intercept(grpc::experimental::InterceptorBatchMethods* batch) override {
    using Hook = grpc::experimental::InterceptionHookPoints;
    CatchExceptions([&] {
      if (batch->QueryInterceptionHookPoint(Hook::POST_RECV_INITIAL_METADATA)) Begin();
      if (batch->QueryInterceptionHookPoint(Hook::PRE_SEND_INITIAL_METADATA)) {
        batch->GetSendInitialMetadata()->emplace(kRequestIdKey, call_.request_id);
      }
      if (batch->QueryInterceptionHookPoint(Hook::PRE_SEND_MESSAGE)) {
        const grpc::ByteBuffer* const message = batch->GetSerializedSendMessage();
        if (message != nullptr) call_.sent_bytes += static_cast<std::int64_t>(message->Length());
      }
      if (batch->QueryInterceptionHookPoint(Hook::PRE_SEND_STATUS)) call_.status = batch->GetSendStatus();
      if (batch->QueryInterceptionHookPoint(Hook::POST_RECV_CLOSE)) call_.cancelled = context_.IsCancelled();
      return absl::OkStatus();
    }).IgnoreError();
    batch->Proceed();
  }

 private:
  void Begin() {
    call_.arrived = absl::Now();
    call_.deadline = absl::FromChrono(context_.deadline());
    call_.peer = context_.peer();
    call_.request_id = RequestIdOf(context_.client_metadata());
    call_.trace_parent = TraceParentOf(context_.client_metadata());
  }

  CallContext& context_;
  CallRecord& call_;
};

class Calls::InterceptorFactory : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  explicit InterceptorFactory(Calls& calls) : calls_(calls) {}

  grpc::experimental::Interceptor* CreateServerInterceptor(grpc::experimental::ServerRpcInfo* info) override {
    if (!absl::StartsWith(info->method(), kOurServices)) return nullptr;
    auto* const context = dynamic_cast<CallContext*>(info->server_context());
    if (context == nullptr) return nullptr;
    calls_.Begin();
    return new Interceptor(*context, info->method());
  }

 private:
  Calls& calls_;
};

void Calls::Register(grpc::ServerBuilder& builder) {
  builder.SetContextAllocator(std::make_unique<ContextAllocator>(*this));
  std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> interceptors;
  interceptors.push_back(std::make_unique<InterceptorFactory>(*this));
  builder.experimental().SetInterceptorCreators(std::move(interceptors));
}

void Calls::Begin() {
  const std::lock_guard lock(mutex_);
  ++open_;
}

void Calls::End(const CallContext& context) {
  CatchExceptions([&] {
    Log(context.call, context.request);
    if (metrics_ != nullptr) metrics_->Count(context.call, context.request);
    return absl::OkStatus();
  }).IgnoreError();
  const std::lock_guard lock(mutex_);
  if (--open_ == 0) none_.notify_all();
}

bool Calls::AwaitNone(absl::Time deadline) {
  std::unique_lock lock(mutex_);
  none_.wait_until(lock, absl::ToChronoTime(deadline), [this] { return open_ == 0 || waits_no_more_; });
  return open_ == 0 && !waits_no_more_;
}

void Calls::StopWaiting() {
  {
    const std::lock_guard lock(mutex_);
    waits_no_more_ = true;
  }
  none_.notify_all();
}

std::int64_t Calls::OpenCount() {
  const std::lock_guard lock(mutex_);
  return open_;
}

void Calls::Log(const CallRecord& call, const RequestRecord& request) {
  const absl::Time now = absl::Now();
  const absl::Duration allowed = call.deadline - call.arrived;
  const std::string& message = call.status.error_message();
  logger_.log(IsServerFault(call.status.error_code()) ? spdlog::level::warn : spdlog::level::info,
              "event=call method={} status={} cancelled={} request_id={} traceparent={} peer={} bytes_in={} "
              "bytes_out={} deadline_ms={} total_ms={:.1f} queued_ms={:.1f} ran_ms={:.1f} backend={} rows={} tasks={} "
              "message={}",
              ShortMethod(call.method), CodeName(call.status.error_code()), CancelReason(call), call.request_id,
              call.trace_parent, Escaped(call.peer), call.received_bytes, call.sent_bytes,
              allowed < kNoDeadline ? absl::StrFormat("%.0f", absl::ToDoubleMilliseconds(allowed)) : "none",
              absl::ToDoubleMilliseconds(now - call.arrived), absl::ToDoubleMilliseconds(request.queued),
              absl::ToDoubleMilliseconds(request.ran), request.backend, request.rows, request.tasks,
              LogfmtQuoted(Shortened(log_labels_ ? message : WithoutQuotes(message), kLongestMessage)));
}

}  // namespace ctxfit
