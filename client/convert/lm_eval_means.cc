#include "client/convert/lm_eval_means.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "client/convert/folder.h"
#include "client/convert/lm_eval_results.h"
#include "client/convert/model_match.h"
#include "client/convert/name_choices.h"
#include "client/convert/python_json.h"
#include "kernels/base/status_macros.h"

namespace ctxfit {
namespace {

using nlohmann::json;

// A results file as read.
struct ResultsFile {
  std::string path;
  std::string cluster;
  LmEvalResults facts;
  json content;
};

// The mean of one task in one file.
struct Mean {
  std::string cluster;
  std::string task;
  std::string model;  // name as the evaluation spells it
  std::string shots;
  double score;
  double samples;
  bool fewer_samples = false;  // fewer than the file states
  std::optional<double> variance;
};

// Tasks that are no rows, over all files.
struct LeftOut {
  std::int64_t by_length = 0;
  std::int64_t without_count = 0;
  std::int64_t without_score = 0;
};

// The filters of every metric of a task, from members named METRIC,FILTER that hold a number.
std::map<std::string, std::set<std::string>> FiltersByMetric(const json& results) {
  std::map<std::string, std::set<std::string>> filters;
  for (const auto& [name, value] : results.items()) {
    const std::pair<std::string, std::string> parts = absl::StrSplit(name, absl::MaxSplits(',', 1));
    const bool is_metric = absl::StrContains(name, ',') && value.is_number();
    if (is_metric && !absl::EndsWith(parts.first, "_stderr")) filters[parts.first].insert(parts.second);
  }
  return filters;
}

// Returns the only one of `names`, or the one that is chosen by the flag.
absl::StatusOr<std::string> Choose(const char* flag, const std::vector<std::string>& choices, const std::string& task,
                                   const std::vector<std::string>& names) {
  if (const auto chosen = ChooseName(choices, task, names)) return *chosen;
  if (names.size() == 1 && !IsChosen(choices, task)) return names[0];
  return absl::InvalidArgumentError(
      absl::StrCat("results.", task, ": choose one with ", flag, "; there are ", absl::StrJoin(names, ", ")));
}

bool IsGroup(const json& file, const std::string& task) {
  const json& subtasks = Member(Member(file, "group_subtasks"), task);
  return subtasks.is_array() && !subtasks.empty();
}

absl::StatusOr<ResultsFile> ReadResults(const std::string& folder, const std::string& file) {
  const std::string path = absl::StrCat(folder, "/", file);
  CTXFIT_ASSIGN_OR_RETURN(LmEvalResults facts, ReadLmEvalResults(path));
  CTXFIT_ASSIGN_OR_RETURN(const std::string content, ReadFile(path));
  absl::StatusOr<json> parsed = ParsePythonJson(content);
  if (!parsed.ok()) return AtPlace(path, parsed.status());
  return ResultsFile{path, std::string(absl::StripSuffix(file, ".json")), std::move(facts), *std::move(parsed)};
}

// Lists the tasks with results in the files.
std::set<std::string> TasksOf(const std::vector<ResultsFile>& files) {
  std::set<std::string> tasks;
  for (const ResultsFile& file : files) {
    for (const auto& [task, results] : Member(file.content, "results").items()) {
      if (!IsGroup(file.content, task)) tasks.insert(task);
    }
  }
  return tasks;
}

// Number of samples of a task; 0 if the file does not state it.
double SamplesOf(const json& file, const json& results, const std::string& task) {
  const json& effective = Member(Member(Member(file, "n-samples"), task), "effective");
  if (effective.is_number()) return effective.get<double>();
  const json& length = Member(results, "sample_len");
  return length.is_number() ? length.get<double>() : 0;
}

// The largest number of scores in [0, 1] with this mean and this standard error of it, as their variance is at most
// mean (1 - mean); the number itself for scores of 0 and 1. The harness states one number of samples per task, that of
// the metric which most of them have.
double MostSamples(const json& error, double mean) {
  const double squared = error.is_number() ? error.get<double>() * error.get<double>() : 0;
  return squared > 0 ? 1 + mean * (1 - mean) / squared : std::numeric_limits<double>::infinity();
}

// The variance of n samples about their mean, sum (s - mean)^2 / n, from the standard error of that mean, which the
// harness computes as the square root of sum (s - mean)^2 / (n - 1) / n.
std::optional<double> VarianceOf(const json& error, double mean, double samples) {
  if (!error.is_number() || samples < 2) return std::nullopt;
  const double variance = (samples - 1) * error.get<double>() * error.get<double>();
  return std::min(variance, mean * (1 - mean));
}

// Adds a task's mean by the chosen metric and filter, or counts it as left out. Groups have none.
absl::Status AddMean(const json& file, const std::string& task, const json& results, const LmEvalOptions& options,
                     Mean mean, std::vector<Mean>& means, LeftOut& left_out) {
  const std::map<std::string, std::set<std::string>> filters = FiltersByMetric(results);
  if (filters.empty() || IsGroup(file, task)) return absl::OkStatus();
  std::vector<std::string> metrics;
  bool by_length = true;
  for (const auto& [name, of_metric] : filters) {
    metrics.push_back(name);
    by_length = by_length && std::all_of(name.begin(), name.end(), absl::ascii_isdigit);
  }
  mean.samples = SamplesOf(file, results, task);
  left_out.by_length += by_length;
  left_out.without_count += !by_length && mean.samples < 1;
  if (by_length || mean.samples < 1) return absl::OkStatus();
  CTXFIT_ASSIGN_OR_RETURN(const std::string metric, Choose("--metric", options.metrics, task, metrics));
  const std::set<std::string>& of_metric = filters.at(metric);
  CTXFIT_ASSIGN_OR_RETURN(const std::string filter,
                          of_metric.size() == 1
                              ? *of_metric.begin()
                              : Choose("--filter", options.filters, task, {of_metric.begin(), of_metric.end()}));
  const json& value = Member(results, absl::StrCat(metric, ",", filter));
  left_out.without_score += value == -1;
  if (value == -1) return absl::OkStatus();
  CTXFIT_ASSIGN_OR_RETURN(const double score, ScoreOf(absl::StrCat("results.", task, ".", metric), value));
  mean.score = score;
  const json& error = Member(results, absl::StrCat(metric, "_stderr,", filter));
  // A standard error from a bootstrap of the harness is off by a thousandth or so.
  mean.fewer_samples = MostSamples(error, score) < 0.99 * mean.samples;
  if (mean.fewer_samples) mean.samples = std::round(MostSamples(error, score));
  mean.variance = VarianceOf(error, score, mean.samples);
  means.push_back(std::move(mean));
  return absl::OkStatus();
}

absl::Status AddFile(const ResultsFile& file, const LmEvalOptions& options, std::vector<Mean>& means,
                     LeftOut& left_out) {
  for (const auto& [task, results] : Member(file.content, "results").items()) {
    const auto shots = file.facts.shots.find(task);
    const Mean mean = {file.cluster, task, file.facts.model, shots == file.facts.shots.end() ? "" : shots->second, 0, 0,
                       false,        {}};
    const absl::Status status = AddMean(file.content, task, results, options, mean, means, left_out);
    if (!status.ok()) return AtPlace(file.path, status);
  }
  return absl::OkStatus();
}

void AddNotes(const LeftOut& left_out, const std::vector<Mean>& means, Conversion& conversion) {
  const auto count = static_cast<std::int64_t>(means.size());
  const auto without_variance =
      std::count_if(means.begin(), means.end(), [](const Mean& mean) { return !mean.variance; });
  conversion.AddNote(count, "mean",
                     "of results files, as there are no samples: without prompt lengths, so fit with "
                     "--no-context-factor --no-penalty");
  conversion.AddNote(without_variance, "mean", "without a standard error: no score_variance for any");
  const auto with_fewer =
      std::count_if(means.begin(), means.end(), [](const Mean& mean) { return mean.fewer_samples; });
  conversion.AddNote(with_fewer, "mean",
                     "whose standard error is too large for the samples of its task, as of a metric that some of them "
                     "lack: weight is the number that it allows");
  conversion.AddNote(left_out.by_length, "task",
                     "left out with a metric per length: results do not say how many samples each has");
  conversion.AddNote(left_out.without_count, "task", "left out without a number of samples");
  conversion.AddNote(left_out.without_score, "task",
                     "left out whose score is -1, the mark of a metric that does not apply");
}

}  // namespace

absl::StatusOr<Conversion> ConvertLmEvalMeans(const ConversionSource& source, const LmEvalOptions& options,
                                              const std::vector<std::string>& files, const std::vector<Model>& models) {
  std::vector<ResultsFile> read;
  for (const std::string& file : files) {
    CTXFIT_ASSIGN_OR_RETURN(ResultsFile results, ReadResults(source.folder, file));
    read.push_back(std::move(results));
  }
  CTXFIT_RETURN_IF_ERROR(CheckChoices(options, TasksOf(read)));
  std::vector<Mean> means;
  LeftOut left_out;
  for (const ResultsFile& file : read) CTXFIT_RETURN_IF_ERROR(AddFile(file, options, means, left_out));
  std::set<std::string> spellings;
  for (const Mean& mean : means) spellings.insert(mean.model);
  const auto matches = MatchModels(models, spellings);
  if (!matches.ok()) return AtPlace(source.models, matches.status());
  const bool variances = std::all_of(means.begin(), means.end(), [](const Mean& mean) { return mean.variance; });
  Conversion conversion({.prompts = false, .items = false, .weights = true, .variances = variances});
  for (const Mean& mean : means) {
    const ConvertedRun run = {matches->at(mean.model), mean.cluster, source.task.value_or(mean.task), mean.shots};
    conversion.AddRow(run, {"", {}, mean.score, mean.samples, mean.variance});
  }
  AddNotes(left_out, means, conversion);
  conversion.DescribeUnits(kLmEvalMeansUnits);
  if (!conversion.empty()) return conversion;
  return absl::InvalidArgumentError(absl::StrCat(source.folder, ": no results file has the mean of a task",
                                                 conversion.notes().empty() ? "" : ": ",
                                                 absl::StrJoin(conversion.notes(), "; ")));
}

}  // namespace ctxfit
