#ifndef CTXFIT_CLIENT_COMMAND_FITTING_H_
#define CTXFIT_CLIENT_COMMAND_FITTING_H_

#include <grpcpp/client_context.h>

#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/command/commands.h"
#include "client/command/interrupt_watcher.h"
#include "client/command/service_connection.h"
#include "client/input/observation_reader.h"
#include "client/text/output_file.h"
#include "ctxfit/v1/fit.pb.h"
#include "google/protobuf/message.h"

// Steps that commands which fit have in common.

namespace ctxfit {

// What such a command begins with.
struct FittingInput {
  v1::FitOptions options;
  ObservationInput rows;
  std::optional<OutputFile> out;  // where the response goes as JSON
};

// Reads options and rows, warns of what is strange in the files, and creates the output file, so that nothing is
// fitted that could not be written. Errors are those of each.
absl::StatusOr<FittingInput> PrepareFitting(const FittingArguments& arguments);

// Writes a response to the output file, if there is one.
absl::Status WriteOut(const google::protobuf::Message& response, std::optional<OutputFile>& out);

// Makes `call` through a connection that is opened where an interrupt cannot reach its threads. CANCELLED where one
// ends the call.
template <class Response, class Call>
absl::StatusOr<Response> AskInterruptibly(const ConnectionOptions& options,
                                          std::optional<ServiceConnection>& connection, const Call& call) {
  grpc::ClientContext context;
  InterruptWatcher watcher([&context] { context.TryCancel(); });
  absl::StatusOr<ServiceConnection> opened = ServiceConnection::Open(options);
  if (!opened.ok()) return opened.status();
  connection = *std::move(opened);
  absl::StatusOr<Response> response = call(context);
  if (watcher.interrupted()) return absl::CancelledError("interrupted");
  return response;
}

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_COMMAND_FITTING_H_
