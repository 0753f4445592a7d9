#include "client/command/arguments.h"

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/command/commands.h"
#include "client/command/convert_arguments.h"
#include "client/command/option_flags.h"
#include "client/command/planning_arguments.h"
#include "client/command/shared_arguments.h"
#include "client/text/text_table.h"
#include "ctxfit/v1/law.pb.h"
#include "ctxfit/v1/options.pb.h"
#include "server/default_options.h"
#include "server/wire/version.h"

namespace ctxfit {
namespace {

// Flags of the law that set one field of the options.
constexpr OptionFlag kLawFlags[] = {
    {"no_context_factor", "",
     "Leave the context factor out of the law, and with it the dependence on prompt length within the limit"},
    {"compute_reference_flops", "FLOP", "Reference scale C^c of compute", "geometric mean of the data"},
    {"prompt_reference_tokens", "TOKENS", "Reference scale n^c of prompt length", "geometric mean of the data"},
};

constexpr OptionFlag kMethodFlags[] = {
    {"loss", "",
     "Loss to minimise: huber limits the influence of outliers, bernoulli is for 0/1 scores and their means"},
    {"huber_threshold", "SCORE", "Residual beyond which a row's influence stops growing, with --loss huber"},
    {"seed", "N", "Seed of every random number"},
    {"search.candidates", "N", "Population of the search", "the backend's"},
    {"search.over", "",
     "What the population is evaluated against, all observations or bins of prompt lengths: auto is observations on a "
     "GPU"},
    {"bootstrap.resampling", "",
     "Units to resample, taken as independent: two-way crosses clusters with models, stratified keeps the share of "
     "every model level"},
    {"backend", "", "Device to run on: auto is a GPU if there is one"},
};

constexpr OptionFlag kBootstrapFlags[] = {
    {"bootstrap.replicates", "N", "Bootstrap replicates, 0 for none"},
    {"bootstrap.confidence", "SHARE", "Coverage of intervals and bands"},
    {"bootstrap.global_replicates", "N", "Number of replicates to fit from scratch, as a check on the others"},
    {"bootstrap.weights", "", "Distribution of the weights of resampled units"},
    {"bootstrap.omit_replicates", "",
     "Leave the replicates out of the answer: it is small, and predictions from it have no bands"},
    {"bootstrap.interval", "", "Method of computing intervals from the replicates"},
};

constexpr OptionFlag kBacktestFlags[] = {
    {"bootstrap.replicates", "N", "Bootstrap replicates of each fold, 0 for no bands", "200"},
    {"bootstrap.confidence", "SHARE", "Coverage of bands"},
    {"bootstrap.weights", "", "Distribution of the weights of resampled units"},
};

constexpr OptionFlag kHeldOutFlags[] = {
    {"backtest", "",
     "Compare the law with straight lines on held-out model levels: auto where that takes a third of the fit or "
     "less"},
};

constexpr OptionFlag kProfileFlags[] = {
    {"profile_intervals", "", "Add profile intervals of the parameters"},
};

void AddPenalty(CLI::App& command, PenaltyArguments& penalty) {
  const v1::Penalty defaults = DefaultFitOptions().penalty();
  command
      .add_option("--penalty-width", penalty.width,
                  WithDefault("Width of the penalty beyond the context limit", absl::StrCat(defaults.width_tokens())))
      ->type_name("TOKENS|PERCENT%|fit");
  command
      .add_option("--penalty-onset", penalty.onset,
                  WithDefault("Centre of the penalty, in context limits; a step of 1 token begins just beyond it",
                              absl::StrCat(defaults.onset_ratio())))
      ->type_name("RATIO|fit");
  command.add_flag("--no-penalty", penalty.none, "Leave the penalty out of the law");
}

// Adds an option that may be given several times, each time with one text.
void AddTexts(CLI::App& command, const std::string& name, std::vector<std::string>& texts, const std::string& type,
              const std::string& help) {
  command.add_option(name, texts, help)
      ->type_name(type)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void AddLaw(CLI::App& command, FittingArguments& arguments) {
  const v1::FitOptions defaults = DefaultFitOptions();
  const std::string asymptote = "SCORE|TASK=SCORE|fit";
  AddPenalty(command, arguments.penalty);
  AddTexts(command, "--floor", arguments.floor, asymptote,
           WithDefault("Score where a factor vanishes, such as chance level", absl::StrCat(defaults.floor().value())));
  AddTexts(command, "--ceiling", arguments.ceiling, asymptote,
           WithDefault("Score where every factor is 1", absl::StrCat(defaults.ceiling().value())));
  AddTexts(command, "--fix", arguments.fixed, "NAME=VALUE", "Hold a parameter at a value; repeatable");
  AddTexts(command, "--bound", arguments.bounds, "NAME=LOW:HIGH",
           "Bound a fitted parameter, the penalty's, floor and ceiling included; repeatable");
  AddOptionFlags(command, kLawFlags, arguments.options);
}

// The names that --bound takes, each with its bounds by default, those of a fitted penalty, floor and ceiling included.
std::string DefaultBoundsText() {
  std::vector<std::string> parts;
  for (const v1::Bound& bound : DefaultBounds()) {
    parts.push_back(absl::StrCat(bound.name(), "=", bound.lower(), ":", bound.upper()));
  }
  return absl::StrCat(absl::StrJoin(parts, ", "),
                      "; floor and ceiling meet at the mean score, or at 0.5 if that is less.");
}

// Adds the arguments that every fitting command takes. `out_help` is the help of --out.
void AddFitting(CLI::App& command, FittingArguments& arguments, const char* out_help) {
  command.footer(absl::StrCat(Wrapped("Bounds by default: ", DefaultBoundsText(), kHelpWidth),
                              "Columns of FILE: training_compute_flops, score; prompt_tokens and context_limit_tokens, "
                              "if the law uses them;\noptional: weight, score_variance, cluster, cluster_2, task, "
                              "model. score_variance changes intervals only with\nclusters: a row without one is one "
                              "unit, whatever its variance."));
  AddInput(command, arguments.source);
  AddConnection(command, arguments.connection);
  AddFormat(command, arguments.format, "Format of the output");
  command.add_option("--out", arguments.out, out_help)->type_name("FILE.json");
  AddLaw(command, arguments);
  AddOptionFlags(command, kMethodFlags, arguments.options);
  command.add_flag("--quiet", arguments.quiet, "Show no progress bar and no warnings about the files");
}

void DefineFit(CLI::App& app, std::function<absl::Status()>& run) {
  CLI::App& command = *app.add_subcommand("fit", "Fit the law to scored evaluations, one law per task");
  const auto arguments = std::make_shared<FitArguments>();
  AddFitting(command, *arguments, "Also write the result as JSON, for ctxfit predict");
  AddOptionFlags(command, kBootstrapFlags, arguments->options);
  AddOptionFlags(command, kProfileFlags, arguments->options);
  AddOptionFlags(command, kHeldOutFlags, arguments->options);
  command
      .add_option("--hold-out", arguments->source.hold_out,
                  "Condition on rows to predict and evaluate instead of fitting them, such as 'prompt_tokens >= 10000'")
      ->type_name("EXPRESSION");
  command
      .add_option("--plot", arguments->plot,
                  "Also plot scores, curve and band, one panel per model level; several tasks go to FILE-TASK.svg")
      ->type_name("FILE.svg");
  AddContours(command, arguments->contours);
  command
      .add_option("--plot-context", arguments->contours_context,
                  "Context limit of the contours (default: the largest in the data)")
      ->type_name("N");
  command.callback([arguments, &run] { run = [arguments] { return RunFit(*arguments); }; });
}

void DefineAblate(CLI::App& app, std::function<absl::Status()>& run) {
  CLI::App& command = *app.add_subcommand(
      "ablate", "Fit the law with and without its penalty and its context factor, and cross-validate each");
  const auto arguments = std::make_shared<AblateArguments>();
  AddFitting(command, *arguments, "Also write the result as JSON");
  command
      .add_option("--folds", arguments->folds,
                  WithDefault("Folds of the cross-validation, by cluster if there are any; 0 for none",
                              absl::StrCat(DefaultFolds())))
      ->type_name("K");
  command.callback([arguments, &run] { run = [arguments] { return RunAblate(*arguments); }; });
}

void DefineBacktest(CLI::App& app, std::function<absl::Status()>& run) {
  CLI::App& command = *app.add_subcommand(
      "backtest", "Predict models, prompts or groups by fits that did not see them, beside straight lines");
  const auto arguments = std::make_shared<BacktestArguments>();
  AddFitting(command, *arguments, "Also write the result as JSON");
  AddOptionFlags(command, kBacktestFlags, arguments->options);
  command
      .add_option("--by", arguments->source.by,
                  "Hold out the rows of each text in this column in turn (default: each model level)")
      ->type_name("COLUMN");
  AddNamedValues<v1::FoldScheme>(
      command, "--frontier",
      {{"compute", v1::FOLD_SCHEME_COMPUTE}, {"prompt", v1::FOLD_SCHEME_PROMPT}, {"context", v1::FOLD_SCHEME_LIMIT}},
      [arguments](v1::FoldScheme scheme) { arguments->frontier = scheme; },
      "Fit what lies below a compute, a prompt length or a context limit, and predict what lies above");
  AddList(command, "--cut", arguments->cuts, "Where the frontier runs, in FLOP or tokens (default: up to 8 places)",
          "X[,X...]");
  command
      .add_option("--plot", arguments->plot,
                  "Also plot errors against distance, and held-out means with their bands; several tasks go to "
                  "FILE-TASK.svg")
      ->type_name("FILE.svg");
  command.callback([arguments, &run] { run = [arguments] { return RunBacktest(*arguments); }; });
}

void DefineCompare(CLI::App& app, std::function<absl::Status()>& run) {
  CLI::App& command = *app.add_subcommand(
      "compare", "Fit the law to two groups of rows, compare the fits and test whether one law holds for both");
  const auto arguments = std::make_shared<CompareArguments>();
  AddFitting(command, *arguments, "Also write the result as JSON");
  AddOptionFlags(command, kBootstrapFlags, arguments->options);
  command
      .add_option("--a", arguments->source.group_a,
                  "Condition on the rows of the first group, such as 'model == \"x\"'")
      ->type_name("EXPRESSION")
      ->required();
  command
      .add_option("--b", arguments->source.group_b,
                  "Condition on the rows of the second group (default: all other rows)")
      ->type_name("EXPRESSION");
  AddList(command, "--compute", arguments->compute, "Training computes at which to compare predictions, in FLOP",
          "C[,C...]");
  AddList(command, "--prompt", arguments->prompt,
          "Prompt lengths at which to compare predictions, in tokens; not needed if the law has neither context factor "
          "nor penalty",
          "N[,N...]");
  AddList(command, "--context", arguments->context,
          "Context limits at which to compare predictions, in tokens; not needed if the law has no penalty",
          "N[,N...]");
  command.callback([arguments, &run] { run = [arguments] { return RunCompare(*arguments); }; });
}

void AddSimulatedLaw(CLI::App& command, SimulateArguments& arguments) {
  const auto add = [&command](const std::string& name, double& value, const std::string& help,
                              const std::string& type) {
    command.add_option(name, value, help)->type_name(type)->capture_default_str();
  };
  add("--compute-coefficient", arguments.compute_coefficient, "A of the law", "A");
  add("--compute-exponent", arguments.compute_exponent, "alpha of the law", "ALPHA");
  add("--reference-compute", arguments.compute_reference_flops, "C^c of the law", "FLOP");
  add("--context-coefficient", arguments.context_coefficient, "B of the law", "B");
  add("--context-exponent", arguments.context_exponent, "beta of the law", "BETA");
  add("--reference-prompt", arguments.prompt_reference_tokens, "n^c of the law", "TOKENS");
  AddPenalty(command, arguments.penalty);
}

void DefineSimulate(CLI::App& app, std::function<absl::Status()>& run) {
  CLI::App& command = *app.add_subcommand(
      "simulate", "Draw records from a law: twelve models, runs of 250 items with 0 to 511 shots, as in the paper");
  const auto arguments = std::make_shared<SimulateArguments>();
  command.add_option("--records", arguments->records, "Number of records")
      ->type_name("N")
      ->capture_default_str()
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{2147483647}).description(""));
  command.add_option("--seed", arguments->seed, "Seed of every random number")->type_name("N")->capture_default_str();
  command.add_option("--out", arguments->out, "CSV file to write; - for standard output")
      ->type_name("FILE")
      ->capture_default_str();
  command.add_flag("--crossed", arguments->crossed, "Let each of the twelve models score every item");
  AddChoice<bool>(
      command, "--noise", arguments->run_means, {{"bernoulli", false}, {"mean", true}},
      "A record is an item's score, 0 or 1 (bernoulli), or a run's mean score, weighted by its 250 items (mean)");
  command.add_option("--task", arguments->task, "Name of the task")->type_name("NAME")->capture_default_str();
  AddFormat(command, arguments->format, "Format in which to print the law");
  AddSimulatedLaw(command, *arguments);
  command.callback([arguments, &run] { run = [arguments] { return RunSimulate(*arguments); }; });
}

}  // namespace

void DefineCommands(CLI::App& app, std::function<absl::Status()>& run) {
  app.description(
      "Fits the context-aware scaling law of arXiv 2510.14919: expected score as a function of training compute, "
      "prompt length and context limit.\n"
      "Exit codes: 0 done, 1 failed, 2 unusable arguments or input, 130 interrupted.");
  app.set_version_flag("--version", "ctxfit " + std::string(Version()));
  app.require_subcommand(0, 1);
  DefineFit(app, run);
  DefineAblate(app, run);
  DefineBacktest(app, run);
  DefineCompare(app, run);
  DefineShow(app, run);
  DefinePredict(app, run);
  DefineSolve(app, run);
  DefineEvaluate(app, run);
  DefineSimulate(app, run);
  DefineConvert(app, run);
}

}  // namespace ctxfit
