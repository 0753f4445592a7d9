#include "client/command/planning_arguments.h"

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "client/command/commands.h"
#include "client/command/shared_arguments.h"

namespace ctxfit {

namespace {

void AddContext(CLI::App& command, std::vector<double>& limits) {
  AddList(command, "--context", limits, "Context limit, in tokens; not needed if the law has no penalty", "N[,N...]");
}

}  // namespace

void DefineShow(CLI::App& app, std::function<absl::Status()>& run) {
  CLI::App& command = *app.add_subcommand("show", "Print the table of a fit that was written before");
  const auto arguments = std::make_shared<ShowArguments>();
  AddFit(command, arguments->fit);
  AddTask(command, arguments->task);
  AddList(command, "--model-levels", arguments->model_levels,
          "Model levels of the data, task by task, which the file does not hold: without them the table does not tell",
          "N[,N...]");
  command.callback([arguments, &run] { run = [arguments] { return RunShow(*arguments); }; });
}

void DefinePredict(CLI::App& app, std::function<absl::Status()>& run) {
  CLI::App& command = *app.add_subcommand("predict", "Predict scores from a fit, with confidence bands");
  const auto arguments = std::make_shared<PredictArguments>();
  AddFit(command, arguments->fit);
  AddList(command, "--compute", arguments->compute, "Training compute, in FLOP", "C[,C...]")->required();
  AddList(command, "--prompt", arguments->prompt,
          "Prompt length, in tokens; not needed if the law has neither context factor nor penalty", "N[,N...]");
  AddContext(command, arguments->context);
  AddTask(command, arguments->task);
  AddConfidence(command, arguments->confidence);
  command.add_flag("--simultaneous", arguments->simultaneous, "Add a band that covers all points simultaneously");
  command
      .add_option("--new-mean", arguments->new_mean_items,
                  "Add a predictive interval for the mean score of a new evaluation run of this many items")
      ->type_name("ITEMS");
  AddContours(command, arguments->contours);
  AddConnection(command, arguments->connection);
  AddFormat(command, arguments->format, "Format of the output; json needs a single task");
  command.callback([arguments, &run] { run = [arguments] { return RunPredict(*arguments); }; });
}

void DefineSolve(CLI::App& app, std::function<absl::Status()>& run) {
  CLI::App& command = *app.add_subcommand(
      "solve", "Find the training compute, or the prompt lengths, that reach a score, with confidence intervals");
  const auto arguments = std::make_shared<SolveArguments>();
  command.footer(
      "Give one of --prompt and --compute; the other is solved for. "
      "A law with neither context factor nor penalty needs\n"
      "neither: compute is solved for.\n"
      "LOW:HIGH:COUNT stands for COUNT numbers from LOW to HIGH, evenly spaced on a logarithmic scale.");
  AddFit(command, arguments->fit);
  AddList(command, "--target", arguments->target, "Score to reach, between 0 and 1", "SCORE[,SCORE...]")->required();
  CLI::Option* prompt = AddList(command, "--prompt", arguments->prompt, "Solve for compute at these prompt lengths",
                                "N[,N...]|LOW:HIGH:COUNT");
  AddList(command, "--compute", arguments->compute, "Solve for prompt lengths at these computes, in FLOP",
          "C[,C...]|LOW:HIGH:COUNT")
      ->excludes(prompt);
  AddContext(command, arguments->context);
  command
      .add_option("--budget", arguments->budget,
                  "Report the probability of reaching the score with this compute, or with a prompt of this length")
      ->type_name("C|N");
  AddTask(command, arguments->task);
  AddConfidence(command, arguments->confidence);
  AddConnection(command, arguments->connection);
  AddFormat(command, arguments->format, "Format of the output; json needs a single task");
  command.callback([arguments, &run] { run = [arguments] { return RunSolve(*arguments); }; });
}

void DefineEvaluate(CLI::App& app, std::function<absl::Status()>& run) {
  CLI::App& command = *app.add_subcommand("evaluate", "Evaluate fits on records that they were not fitted to");
  const auto arguments = std::make_shared<EvaluateArguments>();
  AddFit(command, arguments->fit);
  AddInput(command, arguments->source);
  AddConfidence(command, arguments->confidence);
  AddConnection(command, arguments->connection);
  AddFormat(command, arguments->format, "Format of the output");
  command.callback([arguments, &run] { run = [arguments] { return RunEvaluate(*arguments); }; });
}

}  // namespace ctxfit
