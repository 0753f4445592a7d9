#include "client/command/shared_arguments.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace ctxfit {
namespace {

bool IsPositive(const std::string& text) {
  double value = 0;
  return absl::SimpleAtod(text, &value) && value > 0;
}

}  // namespace

std::string WithDefault(const std::string& help, const std::string& default_text) {
  return default_text.empty() ? help : absl::StrCat(help, " (default: ", default_text, ")");
}

void AddConnection(CLI::App& command, ConnectionOptions& connection) {
  command
      .add_option("--server", connection.server, "Address of a ctxfitd; without it the engine runs inside this process")
      ->type_name("HOST:PORT");
  command
      .add_option_function<double>(
          "--timeout,--deadline", [&connection](double seconds) { connection.timeout = absl::Seconds(seconds); },
          "Give up after this time")
      ->type_name("SECONDS")
      ->check(CLI::Validator([](const std::string& text) { return IsPositive(text) ? "" : "must be > 0"; }, ""));
}

void AddFormat(CLI::App& command, OutputFormat& format, const std::string& help) {
  AddChoice<OutputFormat>(command, "--format", format, {{"table", OutputFormat::kTable}, {"json", OutputFormat::kJson}},
                          help);
}

void AddInput(CLI::App& command, ObservationSource& source) {
  command.add_option("FILE", source.files, "Observations as CSV or JSON Lines, plain or .gz; - for standard input")
      ->required()
      ->type_name("");
  AddChoice<InputFormat>(command, "--input-format", source.format,
                         {{"csv", InputFormat::kCsv}, {"jsonl", InputFormat::kJsonl}},
                         "Format of the files (default: detected from their content)");
  command
      .add_option(
          "--where", source.where,
          "Condition on the rows to use, such as 'prompt_tokens < 10000 and (model != \"x\" or not shots == 0)'")
      ->type_name("EXPRESSION");
  command
      .add_option("--score-scale", source.score_scale,
                  "Highest possible score of the files, by which scores are divided: 100 for percentages (default: 1)")
      ->type_name("SCORE")
      ->check(CLI::Range(1e-6, 1e6));
}

void AddFit(CLI::App& command, std::string& fit) {
  command.add_option("FIT.json", fit, "Fit written by `ctxfit fit --out`; - for standard input")
      ->required()
      ->type_name("");
}

void AddTask(CLI::App& command, std::optional<std::string>& task) {
  command.add_option("--task", task, "Use only this task (default: every task of the file)")->type_name("NAME");
}

void AddConfidence(CLI::App& command, std::optional<double>& confidence) {
  command.add_option("--confidence", confidence, "Coverage of intervals and bands (default: the fit's)")
      ->type_name("SHARE");
}

void AddContours(CLI::App& command, std::string& path) {
  command
      .add_option("--plot-contours", path,
                  "Also draw score contours over prompt length and compute; several tasks go to FILE-TASK.svg")
      ->type_name("FILE.svg");
}

}  // namespace ctxfit
