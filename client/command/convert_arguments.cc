#include "client/command/convert_arguments.h"

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "client/command/commands.h"
#include "client/convert/eval_outputs.h"
#include "client/convert/lm_eval.h"
#include "client/convert/unit_tally.h"
#include "client/text/text_table.h"

namespace ctxfit {
namespace {

void AddConversion(CLI::App& command, ConvertArguments& arguments, const ConvertedUnits& units) {
  command.add_option("DIR", arguments.source.folder, "Folder of evaluations, searched recursively")->required();
  command
      .add_option("--models", arguments.source.models,
                  "Training compute and context limit of every model; see deploy/models/llama2_yarn.csv for an example")
      ->type_name("MODELS.csv")
      ->required();
  command.add_option("--out", arguments.out, "CSV file to write; - for standard output")
      ->type_name("FILE")
      ->capture_default_str();
  command
      .add_option("--task", arguments.source.task,
                  "Task name for every row, to fit one law to all of them (default: one task per dataset)")
      ->type_name("NAME");
  command.footer(absl::StrCat(
      "Columns of MODELS.csv: model, context_limit_tokens, and training_compute_flops or both parameters (N, without\n"
      "embeddings) and training_tokens (D), for C = 6 N D.\n",
      Wrapped("", UnitsHelp(units), kHelpWidth)));
}

}  // namespace

void DefineConvert(CLI::App& app, std::function<absl::Status()>& run) {
  CLI::App& command = *app.add_subcommand("convert", "Convert a folder of evaluation outputs into input for fit");
  command.require_subcommand(1);
  CLI::App& eval_outputs = *command.add_subcommand(
      "eval-outputs",
      "Outputs of the evaluation code of arXiv 2510.14919: dataset=D,model=M,shots=N,local_seed=S.json");
  const auto eval_arguments = std::make_shared<ConvertArguments>();
  eval_arguments->evaluations.emplace<EvalOutputsOptions>();
  AddConversion(eval_outputs, *eval_arguments, kEvalOutputsUnits);
  eval_outputs.callback([eval_arguments, &run] { run = [eval_arguments] { return RunConvert(*eval_arguments); }; });

  CLI::App& lm_eval = *command.add_subcommand(
      "lm-eval", "Samples that lm-evaluation-harness writes with --log_samples: samples_TASK_TIME.jsonl");
  const auto arguments = std::make_shared<ConvertArguments>();
  auto& options = arguments->evaluations.emplace<LmEvalOptions>();
  AddConversion(lm_eval, *arguments, kLmEvalUnits);
  const auto add_names = [&lm_eval](const char* flag, std::vector<std::string>& names, const char* help) {
    lm_eval.add_option(flag, names, help)
        ->type_name("NAME|TASK=NAME")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  };
  add_names("--metric", options.metrics,
            "Metric to use as the score, for all tasks or for one; repeatable: of several names, the first that there "
            "is (default: the only one of each sample; for RULER, the one named as the sample's max_length)");
  add_names("--filter", options.filters,
            "Filter whose samples to use if a task has several, like --metric (default: the only one of each file)");
  lm_eval.add_flag(
      "--keep-truncated", options.keep_truncated,
      "Keep samples whose prompt did not fit, with the tokens that the model was given, marked in a column "
      "`truncated` (default: leave them out)");
  lm_eval
      .add_option("--tokens-per-character", options.tokens_per_character,
                  "Tokens per character of a request, for samples that do not state their prompt length")
      ->type_name("R");
  lm_eval.callback([arguments, &run] { run = [arguments] { return RunConvert(*arguments); }; });
}

}  // namespace ctxfit
