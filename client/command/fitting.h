#ifndef CTXFIT_CLIENT_COMMAND_FITTING_H_
#define CTXFIT_CLIENT_COMMAND_FITTING_H_

#include <grpcpp/client_context.h>

#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/command/commands.h"
#include "client/command/interrupt_watcher.h"
#include "client/command/service_connection.h"
#include "client/input/observation_reader.h"
#include "client/text/output_file.h"
#include "ctxfit/v1/fit.pb.h"
#include "google/protobuf/message.h"
#include "kernels/base/status_macros.h"

// Steps that all fitting commands share.

namespace ctxfit {

// Parsed arguments of a fitting command.
struct FittingInput {
  v1::FitOptions options;
  ObservationInput rows;
  std::optional<OutputFile> out;  // receives the response as JSON
};

// Parses the options, reads the rows, prints warnings about the files, and creates the output file before anything is
// fitted, so that an unwritable path wastes no work. Errors are those of each step.
absl::StatusOr<FittingInput> PrepareFitting(const FittingArguments& arguments);

// Writes a response to the output file, if there is one.
absl::Status WriteOut(const google::protobuf::Message& response, std::optional<OutputFile>& out);

// Opens `connection` with interrupts blocked in its threads, and makes `call` through it. CANCELLED if an interrupt
// ends the call.
template <class Response, class Call>
absl::StatusOr<Response> AskInterruptibly(const ConnectionOptions& options,
                                          std::optional<ServiceConnection>& connection, const Call& call) {
  grpc::ClientContext context;
  InterruptWatcher watcher([&context] { context.TryCancel(); });
  CTXFIT_ASSIGN_OR_RETURN(connection, ServiceConnection::Open(options));
  absl::StatusOr<Response> response = call(context);
  if (watcher.interrupted()) return absl::CancelledError("interrupted");
  return response;
}

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_COMMAND_FITTING_H_
