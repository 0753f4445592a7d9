#ifndef CTXFIT_CLIENT_COMMAND_COMMANDS_H_
#define CTXFIT_CLIENT_COMMAND_COMMANDS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "client/command/fit_options.h"
#include "client/command/service_connection.h"
#include "client/convert/conversion.h"
#include "client/convert/eval_outputs.h"
#include "client/convert/lm_eval_sample.h"
#include "client/input/observation_reader.h"
#include "ctxfit/v1/backtest.pb.h"
#include "ctxfit/v1/options.pb.h"

// The subcommands of ctxfit. Each writes its result to standard output and messages to standard error. Errors:
// INVALID_ARGUMENT for unusable arguments or input, CANCELLED if interrupted, other codes otherwise.

namespace ctxfit {

enum class OutputFormat { kTable, kJson };

// Arguments of every command that fits.
struct FittingArguments {
  ConnectionOptions connection;
  ObservationSource source;
  OutputFormat format = OutputFormat::kTable;
  std::string out;  // path of the response as JSON; "" for none
  bool quiet = false;
  bool draws = false;      // true if a picture is asked for, which shows prompt lengths
  v1::FitOptions options;  // fields that have a flag of their own; unset ones take the service's defaults
  PenaltyArguments penalty;
  std::vector<std::string> floor;    // for ParseAsymptote()
  std::vector<std::string> ceiling;  // for ParseAsymptote()
  std::vector<std::string> fixed;    // for ParseFixed()
  std::vector<std::string> bounds;   // for ParseBound()
};

// Arguments of `ctxfit fit`.
struct FitArguments : FittingArguments {
  std::string plot;                        // path of the picture, see PlotPaths(); "" for none
  std::string contours;                    // path of the contour picture, see PlotPaths(); "" for none
  std::optional<double> contours_context;  // context limit of the contours, in tokens; unset: the largest in the data
};

absl::Status RunFit(const FitArguments& arguments);

// Arguments of `ctxfit ablate`.
struct AblateArguments : FittingArguments {
  std::optional<int> folds;
};

absl::Status RunAblate(const AblateArguments& arguments);

// Arguments of `ctxfit backtest`. `source.by` holds groups out.
struct BacktestArguments : FittingArguments {
  std::optional<v1::FoldScheme> frontier;  // COMPUTE, PROMPT or LIMIT; unset: each model level, or group
  std::vector<double> cuts;                // of the frontier, in FLOP or tokens
  std::string plot;                        // path of the picture, see PlotPaths(); "" for none
};

absl::Status RunBacktest(const BacktestArguments& arguments);

// Arguments of `ctxfit compare`. The groups are those of `source`; the points are every combination of the lists.
struct CompareArguments : FittingArguments {
  std::vector<double> compute;
  std::vector<double> prompt;
  std::vector<double> context;
};

absl::Status RunCompare(const CompareArguments& arguments);

// Arguments of `ctxfit predict`.
struct PredictArguments {
  ConnectionOptions connection;
  std::string fit;  // path of a FitResponse as JSON
  std::vector<double> compute;
  std::vector<double> prompt;
  std::vector<double> context;
  std::optional<std::string> task;
  std::optional<double> confidence;
  bool simultaneous = false;
  std::optional<std::int64_t> new_mean_items;
  std::string contours;  // path of the contour picture, see PlotPaths(); "" for none
  OutputFormat format = OutputFormat::kTable;
};

absl::Status RunPredict(const PredictArguments& arguments);

// Arguments of `ctxfit show`.
struct ShowArguments {
  std::string fit;  // path of a FitResponse as JSON
  std::optional<std::string> task;
  std::vector<std::int64_t> model_levels;  // of every fit that is shown, in order; empty if they are not known
};

absl::Status RunShow(const ShowArguments& arguments);

// Arguments of `ctxfit solve`. One of `prompt` and `compute` is empty, and solved for. Both are if the law does not use
// prompt lengths.
struct SolveArguments {
  ConnectionOptions connection;
  std::string fit;  // path of a FitResponse as JSON
  std::vector<double> target;
  std::vector<std::string> prompt;   // for ParseNumbers()
  std::vector<std::string> compute;  // for ParseNumbers()
  std::vector<double> context;
  std::optional<double> budget;  // in the unit of the solved quantity
  std::optional<std::string> task;
  std::optional<double> confidence;
  OutputFormat format = OutputFormat::kTable;
};

absl::Status RunSolve(const SolveArguments& arguments);

// Arguments of `ctxfit evaluate`.
struct EvaluateArguments {
  ConnectionOptions connection;
  std::string fit;  // path of a FitResponse as JSON
  ObservationSource source;
  std::optional<double> confidence;
  OutputFormat format = OutputFormat::kTable;
};

absl::Status RunEvaluate(const EvaluateArguments& arguments);

// Arguments of `ctxfit simulate`. Under the default design, every parameter of the default law is identified.
struct SimulateArguments {
  std::int64_t records = 65500;
  std::int64_t seed = 0;
  std::string out = "-";  // path of the CSV; "-" for standard output
  OutputFormat format = OutputFormat::kTable;
  bool crossed = false;
  bool run_means = false;
  std::string task = "simulated";
  double compute_coefficient = 0.8;
  double compute_exponent = 0.5;
  double compute_reference_flops = 1e23;
  double context_coefficient = 1.2;
  double context_exponent = 0.4;
  double prompt_reference_tokens = 2048;
  PenaltyArguments penalty;
};

absl::Status RunSimulate(const SimulateArguments& arguments);

// Arguments of `ctxfit convert`. The alternative of `evaluations` is the format to convert.
struct ConvertArguments {
  ConversionSource source;
  std::variant<EvalOutputsOptions, LmEvalOptions> evaluations;
  std::string out = "-";  // path of the CSV; "-" for standard output
};

absl::Status RunConvert(const ConvertArguments& arguments);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_COMMAND_COMMANDS_H_
