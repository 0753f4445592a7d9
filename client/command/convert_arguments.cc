#include "client/command/convert_arguments.h"

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "client/command/commands.h"

namespace ctxfit {
namespace {

void AddConversion(CLI::App& command, ConvertArguments& arguments) {
  command.add_option("DIR", arguments.source.folder, "Folder of the evaluations, with those below it")->required();
  command
      .add_option("--models", arguments.source.models,
                  "Compute and context limit of every model; deploy/models/llama2_yarn.csv is an example")
      ->type_name("MODELS.csv")
      ->required();
  command.add_option("--out", arguments.out, "CSV file to write, - for standard output")
      ->type_name("FILE")
      ->capture_default_str();
  command
      .add_option("--task", arguments.source.task,
                  "Task of every row, for one law over all of them (default: a task per dataset)")
      ->type_name("NAME");
  command.footer(
      "Columns of MODELS.csv: model, context_limit_tokens, and training_compute_flops or both parameters (N, without\n"
      "embeddings) and training_tokens (D), for C = 6 N D.");
}

}  // namespace

void DefineConvert(CLI::App& app, std::function<absl::Status()>& run) {
  CLI::App& command = *app.add_subcommand("convert", "Turn a folder of evaluation outputs into input for fit");
  command.require_subcommand(1);
  CLI::App& eval_outputs = *command.add_subcommand(
      "eval-outputs", "Runs of the evaluation code of arXiv 2510.14919: dataset=D,model=M,shots=N,local_seed=S.json");
  const auto eval_arguments = std::make_shared<ConvertArguments>();
  AddConversion(eval_outputs, *eval_arguments);
  eval_outputs.callback([eval_arguments, &run] { run = [eval_arguments] { return RunConvert(*eval_arguments); }; });

  CLI::App& lm_eval = *command.add_subcommand(
      "lm-eval", "Samples of lm-evaluation-harness, as --log_samples writes them: samples_TASK_TIME.jsonl");
  const auto arguments = std::make_shared<ConvertArguments>();
  LmEvalOptions& options = arguments->lm_eval.emplace();
  AddConversion(lm_eval, *arguments);
  lm_eval.add_option("--metric", options.metric, "Metric that is the score (default: the only one of a sample)")
      ->type_name("NAME");
  lm_eval
      .add_option("--filter", options.filter,
                  "Filter whose samples to take where a task has several (default: the only one of a file)")
      ->type_name("NAME");
  lm_eval
      .add_option("--tokens-per-character", options.tokens_per_character,
                  "Tokens per character of a request, for samples that do not say how long their prompt is")
      ->type_name("R");
  lm_eval.callback([arguments, &run] { run = [arguments] { return RunConvert(*arguments); }; });
}

}  // namespace ctxfit
