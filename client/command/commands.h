#ifndef CTXFIT_CLIENT_COMMAND_COMMANDS_H_
#define CTXFIT_CLIENT_COMMAND_COMMANDS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/command/fit_options.h"
#include "client/command/service_connection.h"
#include "client/convert/conversion.h"
#include "client/convert/lm_eval_sample.h"
#include "client/input/observation_reader.h"

// The subcommands of ctxfit. Each writes its result to standard output and messages to standard error, and returns why
// it could not: INVALID_ARGUMENT for unusable arguments or input, CANCELLED where interrupted, other codes otherwise.

namespace ctxfit {

enum class OutputFormat { kTable, kJson };

// What every command that fits is asked. Options that are unset take the service's defaults.
struct FittingArguments {
  ConnectionOptions connection;
  ObservationSource source;
  OutputFormat format = OutputFormat::kTable;
  std::string out;  // path of the response as JSON; "" for none
  bool quiet = false;
  std::optional<std::int64_t> seed;
  std::optional<int> candidates;
  std::optional<int> replicates;
  std::optional<double> confidence;
  int global_replicates = 0;
  bool profile = false;
  v1::Resampling resampling = v1::RESAMPLING_UNSPECIFIED;
  v1::WeightKind weights = v1::WEIGHT_KIND_UNSPECIFIED;
  v1::IntervalKind interval = v1::INTERVAL_KIND_UNSPECIFIED;
  v1::Backend backend = v1::BACKEND_UNSPECIFIED;
  v1::Loss loss = v1::LOSS_UNSPECIFIED;
  std::optional<double> huber_threshold;
  PenaltyArguments penalty;
  bool no_context_factor = false;
  std::vector<std::string> floor;    // as --floor takes them
  std::vector<std::string> ceiling;  // as --ceiling takes them
  std::vector<std::string> fixed;
  std::vector<std::string> bounds;
  std::optional<double> reference_compute;
  std::optional<double> reference_prompt;
};

// What `ctxfit fit` is asked.
struct FitArguments : FittingArguments {
  std::string plot;                        // path of the picture, see PlotPath(); "" for none
  std::string contours;                    // path of the contour picture, as `plot`
  std::optional<double> contours_context;  // its context limit; unset: the largest of the data
};

absl::Status RunFit(const FitArguments& arguments);

// What `ctxfit ablate` is asked.
struct AblateArguments : FittingArguments {
  std::optional<int> folds;
};

absl::Status RunAblate(const AblateArguments& arguments);

// What `ctxfit compare` is asked: the groups are those of `source`, the points every combination of the lists.
struct CompareArguments : FittingArguments {
  std::vector<double> compute;
  std::vector<double> prompt;
  std::vector<double> context;
};

absl::Status RunCompare(const CompareArguments& arguments);

// What `ctxfit predict` is asked.
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
  std::string contours;  // path of the contour picture, see PlotPath(); "" for none
  OutputFormat format = OutputFormat::kTable;
};

absl::Status RunPredict(const PredictArguments& arguments);

// What `ctxfit solve` is asked: one of `prompt` and `compute` is empty, and solved for.
struct SolveArguments {
  ConnectionOptions connection;
  std::string fit;  // path of a FitResponse as JSON
  std::vector<double> target;
  std::vector<std::string> prompt;   // as ParseNumbers() reads them
  std::vector<std::string> compute;  // as ParseNumbers() reads them
  std::vector<double> context;
  std::optional<double> budget;  // of what is solved for
  std::optional<std::string> task;
  std::optional<double> confidence;
  OutputFormat format = OutputFormat::kTable;
};

absl::Status RunSolve(const SolveArguments& arguments);

// What `ctxfit evaluate` is asked.
struct EvaluateArguments {
  ConnectionOptions connection;
  std::string fit;  // path of a FitResponse as JSON
  ObservationSource source;
  std::optional<double> confidence;
  OutputFormat format = OutputFormat::kTable;
};

absl::Status RunEvaluate(const EvaluateArguments& arguments);

// What `ctxfit simulate` is asked. The default law lets every parameter show in the default design.
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

// What `ctxfit convert` is asked.
struct ConvertArguments {
  ConversionSource source;
  std::optional<LmEvalOptions> lm_eval;  // unset: runs of the paper's evaluation code
  std::string out = "-";                 // path of the CSV; "-" for standard output
};

absl::Status RunConvert(const ConvertArguments& arguments);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_COMMAND_COMMANDS_H_
