#include "client/convert/lm_eval.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <ios>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "client/convert/conversion.h"
#include "client/convert/folder.h"
#include "client/convert/lm_eval_means.h"
#include "client/convert/lm_eval_results.h"
#include "client/convert/lm_eval_sample.h"
#include "client/convert/model_match.h"
#include "client/convert/models.h"
#include "client/convert/name_choices.h"
#include "client/convert/python_json.h"
#include "kernels/base/status_macros.h"

namespace ctxfit {
namespace {

using nlohmann::json;

constexpr absl::string_view kPattern = "samples_{task}_{timestamp}.jsonl";

struct SamplesFile {
  std::string path;
  std::string cluster;
  std::string task;
  std::string model;  // name as the evaluation spells it
  std::string shots;
  std::optional<double> max_length;  // LmEvalResults::max_length
};

// Samples that are no rows, over all files.
struct LeftOut {
  std::int64_t without_score = 0;
  std::int64_t truncated = 0;
};

absl::StatusOr<SamplesFile> Describe(const std::string& folder, const std::string& file, const SamplesName& name) {
  SamplesFile samples = {
      absl::StrCat(folder, "/", file), std::string(absl::StripSuffix(file, ".jsonl")), name.task, "", "", {}};
  CTXFIT_ASSIGN_OR_RETURN(const LmEvalResults results, ReadLmEvalResults(samples.path, name));
  samples.model = results.model;
  const auto shots = results.shots.find(name.task);
  if (shots != results.shots.end()) samples.shots = shots->second;
  samples.max_length = results.max_length;
  return samples;
}

absl::StatusOr<std::vector<SamplesFile>> FindSamples(const std::string& folder, Conversion& conversion) {
  CTXFIT_ASSIGN_OR_RETURN(const std::vector<std::string> files, ListFiles(folder));
  std::vector<SamplesFile> found;
  std::set<std::tuple<std::string, std::string, std::string>> runs;
  std::int64_t other_count = 0;
  std::int64_t compressed_count = 0;
  std::int64_t repeated_count = 0;
  for (const std::string& file : files) {
    const std::optional<SamplesName> name = ParseSamplesName(std::filesystem::path(file).filename().string());
    if (!name) {
      other_count += absl::EndsWith(file, ".jsonl");
      compressed_count += absl::EndsWith(file, ".jsonl.gz");
      continue;
    }
    CTXFIT_ASSIGN_OR_RETURN(SamplesFile samples, Describe(folder, file, *name));
    repeated_count += !runs.emplace(samples.task, samples.model, samples.shots).second;
    found.push_back(std::move(samples));
  }
  if (found.empty()) return absl::InvalidArgumentError(absl::StrCat(folder, ": no file is named ", kPattern));
  conversion.AddNote(other_count, ".jsonl file", absl::StrCat("left out, not named ", kPattern));
  conversion.AddNote(compressed_count, "file", "left out, compressed: gunzip first");
  conversion.AddNote(repeated_count, "file",
                     "with a task, model and shots that an earlier file has, too: leave reruns out of the folder");
  return found;
}

// Lists the results files of a folder without any samples; none if it has samples.
absl::StatusOr<std::vector<std::string>> FindResultsAlone(const std::string& folder) {
  CTXFIT_ASSIGN_OR_RETURN(const std::vector<std::string> files, ListFiles(folder));
  std::vector<std::string> results;
  for (const std::string& file : files) {
    const std::string name = std::filesystem::path(file).filename().string();
    if (ParseSamplesName(name)) return std::vector<std::string>();
    if (IsResultsName(name)) results.push_back(file);
  }
  return results;
}

std::set<std::string> TasksOf(const std::vector<SamplesFile>& files) {
  std::set<std::string> tasks;
  for (const SamplesFile& file : files) tasks.insert(file.task);
  return tasks;
}

absl::StatusOr<std::vector<LmEvalSample>> ReadSamples(const std::string& path, const std::string& task,
                                                      const LmEvalOptions& options) {
  // No limit on the line length: a sample holds its prompt once per choice.
  std::ifstream file(path, std::ios::binary);
  std::vector<LmEvalSample> samples;
  std::string line;
  for (std::int64_t number = 1; std::getline(file, line); ++number) {
    if (absl::StripAsciiWhitespace(line).empty()) continue;
    const std::string place = absl::StrCat(path, ":", number);
    const absl::StatusOr<json> parsed = ParsePythonJson(line);
    if (!parsed.ok()) return AtPlace(place, parsed.status());
    absl::StatusOr<LmEvalSample> sample = ReadLmEvalSample(*parsed, task, options);
    if (!sample.ok()) return AtPlace(place, sample.status());
    samples.push_back(*std::move(sample));
  }
  if (file.eof()) return samples;
  return absl::InvalidArgumentError(absl::StrCat(path, ": cannot be read"));
}

// Returns the only filter of the samples, or the one that the options choose.
absl::StatusOr<std::string> ChooseFilter(const std::vector<LmEvalSample>& samples, const std::string& task,
                                         const LmEvalOptions& options) {
  std::set<std::string> filters;
  for (const LmEvalSample& sample : samples) filters.insert(sample.filter);
  if (filters.size() == 1) return *filters.begin();
  if (const auto chosen = ChooseName(options.filters, task, {filters.begin(), filters.end()})) return *chosen;
  return absl::InvalidArgumentError(absl::StrCat("choose one of the filters of task ", task,
                                                 " with --filter; there are ", absl::StrJoin(filters, ", ")));
}

absl::Status AddFile(const SamplesFile& file, const ConvertedRun& run, const LmEvalOptions& options,
                     Conversion& conversion, LeftOut& left_out) {
  CTXFIT_ASSIGN_OR_RETURN(const std::vector<LmEvalSample> samples, ReadSamples(file.path, file.task, options));
  if (samples.empty()) return absl::OkStatus();
  const absl::StatusOr<std::string> filter = ChooseFilter(samples, file.task, options);
  if (!filter.ok()) return AtPlace(file.path, filter.status());
  for (const LmEvalSample& sample : samples) {
    if (sample.filter != *filter) continue;
    if (!sample.score) {
      ++left_out.without_score;
      continue;
    }
    // The harness keeps the end of a prompt that does not fit beside its answer, and says so nowhere.
    const double room = file.max_length ? *file.max_length - sample.answer_tokens : sample.prompt_tokens;
    const bool truncated = sample.prompt_tokens > room && room > 0;
    left_out.truncated += truncated;
    if (truncated && !options.keep_truncated) continue;
    conversion.AddRow(run, {absl::StrCat(file.task, "/", sample.document),
                            truncated ? room : sample.prompt_tokens,
                            *sample.score,
                            {},
                            {},
                            truncated});
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Conversion> ConvertLmEval(const ConversionSource& source, const LmEvalOptions& options) {
  CTXFIT_ASSIGN_OR_RETURN(const std::vector<Model> models, ReadModels(source.models));
  CTXFIT_ASSIGN_OR_RETURN(const std::vector<std::string> results, FindResultsAlone(source.folder));
  if (!results.empty()) return ConvertLmEvalMeans(source, options, results, models);
  Conversion conversion(ConversionColumns{.truncated = options.keep_truncated});
  CTXFIT_ASSIGN_OR_RETURN(const std::vector<SamplesFile> files, FindSamples(source.folder, conversion));
  CTXFIT_RETURN_IF_ERROR(CheckChoices(options, TasksOf(files)));
  std::set<std::string> spellings;
  for (const SamplesFile& file : files) spellings.insert(file.model);
  const auto matches = MatchModels(models, spellings);
  if (!matches.ok()) return AtPlace(source.models, matches.status());
  LeftOut left_out;
  for (const SamplesFile& file : files) {
    const ConvertedRun run = {matches->at(file.model), file.cluster, source.task.value_or(file.task), file.shots};
    CTXFIT_RETURN_IF_ERROR(AddFile(file, run, options, conversion, left_out));
  }
  conversion.AddNote(left_out.without_score, "sample",
                     "left out whose score is -1, the mark of a metric that does not apply");
  conversion.AddNote(left_out.truncated, "sample",
                     options.keep_truncated
                         ? "whose prompt did not fit: the model was given as many tokens as stand in prompt_tokens"
                         : "left out whose prompt did not fit into max_length less max_gen_toks: the model was given "
                           "its end only (--keep-truncated keeps them)");
  if (conversion.empty() && left_out.without_score + left_out.truncated > 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(source.folder, ": no sample is left: ", absl::StrJoin(conversion.notes(), "; ")));
  }
  if (conversion.empty()) return absl::InvalidArgumentError(absl::StrCat(source.folder, ": no file holds a sample"));
  conversion.DescribeUnits(kLmEvalUnits);
  return conversion;
}

}  // namespace ctxfit
