#include "client/command/arguments.h"

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "client/command/commands.h"
#include "client/command/convert_arguments.h"
#include "client/command/shared_arguments.h"
#include "ctxfit/v1/fit.pb.h"
#include "server/wire/version.h"

namespace ctxfit {
namespace {

void AddPenalty(CLI::App& command, PenaltyArguments& penalty) {
  command.add_option("--penalty-width", penalty.width, "Width of the penalty beyond the context limit (default: 1)")
      ->type_name("TOKENS|PERCENT%|fit");
  command.add_option("--penalty-onset", penalty.onset, "Centre of the penalty, in context limits (default: 1)")
      ->type_name("RATIO|fit");
  command.add_flag("--no-penalty", penalty.none, "Leave the penalty out of the law");
}

void AddLaw(CLI::App& command, FittingArguments& arguments) {
  AddPenalty(command, arguments.penalty);
  command.add_flag("--no-context-factor", arguments.no_context_factor,
                   "Leave the context factor out: the law of training compute alone");
  const auto add_asymptote = [&command](const char* flag, std::vector<std::string>& texts, const char* what) {
    command.add_option(flag, texts, what)
        ->type_name("SCORE|TASK=SCORE|fit")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  };
  add_asymptote("--floor", arguments.floor, "Score that is left where a factor vanishes, as chance (default: 0)");
  add_asymptote("--ceiling", arguments.ceiling, "Score where every factor is 1 (default: 1)");
  command.add_option("--fix", arguments.fixed, "Hold a parameter at a value; repeatable")
      ->type_name("NAME=VALUE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command.add_option("--bound", arguments.bounds, "Search a parameter between two values; repeatable")
      ->type_name("NAME=LOW:HIGH")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command
      .add_option("--reference-compute", arguments.reference_compute,
                  "Scale C^c of compute (default: geometric mean of the data)")
      ->type_name("FLOP");
  command
      .add_option("--reference-prompt", arguments.reference_prompt,
                  "Scale n^c of prompt length (default: geometric mean of the data)")
      ->type_name("TOKENS");
}

void AddMethod(CLI::App& command, FittingArguments& arguments) {
  AddChoice<v1::Loss>(
      command, "--loss", arguments.loss,
      {{"squared", v1::LOSS_SQUARED}, {"huber", v1::LOSS_HUBER}, {"bernoulli", v1::LOSS_BERNOULLI}},
      "Loss to minimise: huber bounds the pull of rows far off, bernoulli is for 0/1 scores and their means (default: "
      "squared)");
  command
      .add_option("--huber-threshold", arguments.huber_threshold,
                  "Residual beyond which a row pulls no harder, with --loss huber (default: 0.05)")
      ->type_name("SCORE");
  command.add_option("--seed", arguments.seed, "Seed of every random number (default: 0)")->type_name("N");
  command.add_option("--candidates", arguments.candidates, "Population of the search (default: the backend's)")
      ->type_name("N");
  AddChoice<v1::Resampling>(
      command, "--resample", arguments.resampling,
      {{"auto", v1::RESAMPLING_AUTO},
       {"cluster", v1::RESAMPLING_CLUSTER},
       {"record", v1::RESAMPLING_RECORD},
       {"two-way", v1::RESAMPLING_TWO_WAY},
       {"stratified", v1::RESAMPLING_STRATIFIED}},
      "What errs alone, and is resampled: two-way crosses clusters with models, stratified keeps every "
      "model level's share (default: auto)");
  AddChoice<v1::Backend>(command, "--backend", arguments.backend,
                         {{"auto", v1::BACKEND_AUTO}, {"cpu", v1::BACKEND_CPU}, {"cuda", v1::BACKEND_CUDA}},
                         "Where to run (default: auto, a GPU where there is one)");
}

void AddBootstrap(CLI::App& command, FittingArguments& arguments) {
  command.add_option("--replicates", arguments.replicates, "Bootstrap replicates, 0 for none (default: 1000)")
      ->type_name("N");
  command.add_option("--confidence", arguments.confidence, "Coverage of intervals and bands (default: 0.95)")
      ->type_name("SHARE");
  command
      .add_option("--global-replicates", arguments.global_replicates,
                  "Replicates to search for from scratch, as a check on the others (default: 0)")
      ->type_name("N");
  AddChoice<v1::WeightKind>(command, "--weights", arguments.weights,
                            {{"exponential", v1::WEIGHT_KIND_EXPONENTIAL},
                             {"poisson", v1::WEIGHT_KIND_POISSON},
                             {"multinomial", v1::WEIGHT_KIND_MULTINOMIAL}},
                            "Weights of what is resampled (default: exponential)");
  AddChoice<v1::IntervalKind>(command, "--interval", arguments.interval,
                              {{"percentile", v1::INTERVAL_KIND_PERCENTILE}, {"bca", v1::INTERVAL_KIND_BCA}},
                              "How intervals are read off the replicates (default: percentile)");
}

// What the commands that fit have in common. `out` says what --out is good for.
void AddFitting(CLI::App& command, FittingArguments& arguments, const char* out) {
  command.footer(
      "NAME is compute_coefficient, compute_exponent, context_coefficient or context_exponent. Columns of FILE:\n"
      "training_compute_flops, prompt_tokens, context_limit_tokens, score; optional: weight, score_variance, "
      "cluster, cluster_2, task, model.");
  AddInput(command, arguments.source);
  AddConnection(command, arguments.connection);
  AddFormat(command, arguments.format, "What to print (default: table)");
  command.add_option("--out", arguments.out, out)->type_name("FILE.json");
  AddLaw(command, arguments);
  AddMethod(command, arguments);
  command.add_flag("--quiet", arguments.quiet, "No progress bar and no warnings about the files");
}

void DefineFit(CLI::App& app, std::function<absl::Status()>& run) {
  CLI::App& command = *app.add_subcommand("fit", "Fit the law to scored evaluations, one law per task");
  const auto arguments = std::make_shared<FitArguments>();
  AddFitting(command, *arguments, "Also write the result as JSON, for ctxfit predict");
  AddBootstrap(command, *arguments);
  command.add_flag("--profile", arguments->profile, "Add profile intervals of the parameters");
  command
      .add_option("--hold-out", arguments->source.hold_out,
                  "Rows not to fit but to predict and evaluate, as 'prompt_tokens >= 10000'")
      ->type_name("EXPRESSION");
  command
      .add_option("--plot", arguments->plot,
                  "Also draw scores, curve and band, a panel per model level; several tasks go to FILE-TASK.svg")
      ->type_name("FILE.svg");
  AddContours(command, arguments->contours);
  command
      .add_option("--plot-context", arguments->contours_context,
                  "Context limit of the contours (default: the largest of the data)")
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
                  "Folds of the cross-validation, by cluster where there are any, 0 for none (default: 5)")
      ->type_name("K");
  command.callback([arguments, &run] { run = [arguments] { return RunAblate(*arguments); }; });
}

void DefineCompare(CLI::App& app, std::function<absl::Status()>& run) {
  CLI::App& command = *app.add_subcommand(
      "compare", "Fit the law to two groups of rows: how do they differ, and does one law hold for both?");
  const auto arguments = std::make_shared<CompareArguments>();
  AddFitting(command, *arguments, "Also write the result as JSON");
  AddBootstrap(command, *arguments);
  command.add_option("--a", arguments->source.group_a, "Rows of the first group, as 'model == \"x\"'")
      ->type_name("EXPRESSION")
      ->required();
  command.add_option("--b", arguments->source.group_b, "Rows of the second group (default: all others)")
      ->type_name("EXPRESSION");
  AddList(command, "--compute", arguments->compute, "Also compare predictions: at these computes, in FLOP", "C[,C...]");
  AddList(command, "--prompt", arguments->prompt, "at these prompt lengths, in tokens", "N[,N...]");
  AddList(command, "--context", arguments->context, "and at these context limits, in tokens", "N[,N...]");
  command.callback([arguments, &run] { run = [arguments] { return RunCompare(*arguments); }; });
}

void DefinePredict(CLI::App& app, std::function<absl::Status()>& run) {
  CLI::App& command = *app.add_subcommand("predict", "Predict scores from a fit, with confidence bands");
  const auto arguments = std::make_shared<PredictArguments>();
  AddFit(command, arguments->fit);
  AddList(command, "--compute", arguments->compute, "Training compute, in FLOP", "C[,C...]")->required();
  AddList(command, "--prompt", arguments->prompt, "Prompt length, in tokens", "N[,N...]")->required();
  AddList(command, "--context", arguments->context, "Context limit, in tokens", "N[,N...]")->required();
  AddTask(command, arguments->task);
  AddConfidence(command, arguments->confidence);
  command.add_flag("--simultaneous", arguments->simultaneous, "Add a band that covers all the points at once");
  command
      .add_option("--new-mean", arguments->new_mean_items,
                  "Add the interval for the mean score of a new evaluation run of so many items")
      ->type_name("ITEMS");
  AddContours(command, arguments->contours);
  AddConnection(command, arguments->connection);
  AddFormat(command, arguments->format, "What to print (default: table); json needs a single task");
  command.callback([arguments, &run] { run = [arguments] { return RunPredict(*arguments); }; });
}

void DefineSolve(CLI::App& app, std::function<absl::Status()>& run) {
  CLI::App& command = *app.add_subcommand(
      "solve", "Find the training compute, or the prompt lengths, that reach a score, with confidence intervals");
  const auto arguments = std::make_shared<SolveArguments>();
  command.footer(
      "One of --prompt and --compute is given, the other one is solved for. LOW:HIGH:COUNT are COUNT numbers from LOW "
      "to "
      "HIGH, evenly spaced on a logarithmic scale.");
  AddFit(command, arguments->fit);
  AddList(command, "--target", arguments->target, "Score to reach, between 0 and 1", "SCORE[,SCORE...]")->required();
  CLI::Option* prompt = AddList(command, "--prompt", arguments->prompt, "Solve for compute at these prompt lengths",
                                "N[,N...]|LOW:HIGH:COUNT");
  AddList(command, "--compute", arguments->compute, "Solve for prompt lengths at these computes, in FLOP",
          "C[,C...]|LOW:HIGH:COUNT")
      ->excludes(prompt);
  AddList(command, "--context", arguments->context, "Context limit, in tokens", "N[,N...]")->required();
  command
      .add_option("--budget", arguments->budget,
                  "How probable is it to reach the score with this compute, or with a prompt of this length?")
      ->type_name("C|N");
  AddTask(command, arguments->task);
  AddConfidence(command, arguments->confidence);
  AddConnection(command, arguments->connection);
  AddFormat(command, arguments->format, "What to print (default: table); json needs a single task");
  command.callback([arguments, &run] { run = [arguments] { return RunSolve(*arguments); }; });
}

void DefineEvaluate(CLI::App& app, std::function<absl::Status()>& run) {
  CLI::App& command = *app.add_subcommand("evaluate", "Hold fits against records that they were not fitted to");
  const auto arguments = std::make_shared<EvaluateArguments>();
  AddFit(command, arguments->fit);
  AddInput(command, arguments->source);
  AddConfidence(command, arguments->confidence);
  AddConnection(command, arguments->connection);
  AddFormat(command, arguments->format, "What to print (default: table)");
  command.callback([arguments, &run] { run = [arguments] { return RunEvaluate(*arguments); }; });
}

void AddSimulatedLaw(CLI::App& command, SimulateArguments& arguments) {
  const auto add = [&command](const std::string& name, double& value, const std::string& what,
                              const std::string& type) {
    command.add_option(name, value, what)->type_name(type)->capture_default_str();
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
  command.add_option("--records", arguments->records, "How many records")
      ->type_name("N")
      ->capture_default_str()
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{2147483647}).description(""));
  command.add_option("--seed", arguments->seed, "Seed of every random number")->type_name("N")->capture_default_str();
  command.add_option("--out", arguments->out, "CSV file to write, - for standard output")
      ->type_name("FILE")
      ->capture_default_str();
  command.add_flag("--crossed", arguments->crossed, "Every item is scored by each of the twelve models");
  AddChoice<bool>(
      command, "--noise", arguments->run_means, {{"bernoulli", false}, {"mean", true}},
      "A record is an item's score, 0 or 1 (bernoulli, the default), or a run's mean score, weighted by its "
      "250 items (mean)");
  command.add_option("--task", arguments->task, "Name of the task")->type_name("NAME")->capture_default_str();
  AddFormat(command, arguments->format, "How to print the law (default: table)");
  AddSimulatedLaw(command, *arguments);
  command.callback([arguments, &run] { run = [arguments] { return RunSimulate(*arguments); }; });
}

}  // namespace

void DefineCommands(CLI::App& app, std::function<absl::Status()>& run) {
  app.description(
      "Fits the context-aware scaling law of arXiv 2510.14919: expected score by training compute, prompt length and "
      "context limit.\nExit codes: 0 done, 1 failed, 2 unusable arguments or input, 130 interrupted.");
  app.set_version_flag("--version", "ctxfit " + std::string(Version()));
  app.require_subcommand(0, 1);
  DefineFit(app, run);
  DefineAblate(app, run);
  DefineCompare(app, run);
  DefinePredict(app, run);
  DefineSolve(app, run);
  DefineEvaluate(app, run);
  DefineSimulate(app, run);
  DefineConvert(app, run);
}

}  // namespace ctxfit
