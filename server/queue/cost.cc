#include "server/queue/cost.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "kernels/data/observations.h"
#include "kernels/fit/options.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/loss_rule.h"
#include "kernels/law/search_over.h"
#include "server/wire/error_details.h"

namespace ctxfit {
namespace {

// Seconds of processor time on an AMD EPYC (AVX-512).
constexpr double kPerTask = 5e-3;               // a fit of a few cells and its contest, without search and replicates
constexpr double kPerRow = 7e-7;                // from validation to goodness of fit
constexpr double kPerRowOfFold = 6e-7;          // that is selected, and fitted or predicted
constexpr double kPerEvaluation = 7e-10;        // of a candidate in a cell
constexpr double kPerReplicate = 2e-5;          // a refit over a few units
constexpr double kPerReplicateOfUnit = 1.2e-8;  // a cluster
constexpr double kPerReplicateOfRow = 2.6e-8;   // a row that is a unit
constexpr double kPerProfileOfCell = 1e-7;      // a refit of a profile, over a cell
constexpr double kPerPrediction = 6e-9;         // a law at a point, with its part of a band
constexpr double kPerSolution = 3e-7;           // a law inverted
constexpr double kPerCall = 5e-5;

// A row of a refit in the full form of the law (a fitted penalty, floor or ceiling, or another loss), and under Huber's
// loss, which takes many more steps. Clusters spare nothing there.
constexpr double kPerReplicateInFullForm = 5.5e-8;
constexpr double kPerReplicateByHuber = 3.7e-7;
constexpr double kFullForm = 3;  // a search, against one over two factors

// Cells of a task in a search over bins.
constexpr double kMaxBins = 400;

// Bytes of memory.
constexpr std::int64_t kBytesPerCall = std::int64_t{4} << 20;
constexpr std::int64_t kBytesPerRow = 350;        // sorted, collapsed twice, judged
constexpr std::int64_t kBytesPerRowOfFold = 100;  // selected
constexpr std::int64_t kBytesPerUnit = 400;       // for each thread that refits replicates
constexpr std::int64_t kBytesPerReplicate = 900;  // of the tasks that are fitted at a time
constexpr std::int64_t kBytesPerAnswered = 300;   // replicate in an answer
constexpr std::int64_t kBytesPerTask = 60'000;
constexpr std::int64_t kBytesPerCandidate = 400;

bool HasFullForm(const FitOptions& options) {
  return options.fit_penalty_width || options.fit_penalty_onset || !options.parameters[kFloor].fixed ||
         !options.parameters[kHeadroom].fixed || options.loss.loss != Loss::kSquared;
}

// The generations of a search: each decade of tolerance takes some more, until single precision sees no difference.
double GenerationsOf(const SearchOptions& search) {
  const double decades = std::clamp(std::log10(0.1 / search.tolerance_deviance), 0.0, 8.0);
  return std::min(static_cast<double>(search.max_generations), 40 + 10 * decades);
}

// A search of one task, or of one replicate from scratch.
double SearchSeconds(double rows, const FitOptions& options) {
  constexpr double kDefaultCandidates = 128;
  constexpr double kOverhead = 50;  // cells' worth of a candidate's other work
  const double cells = options.search.over == SearchOver::kObservations ? rows : std::min(rows, kMaxBins);
  return options.search.candidates.value_or(kDefaultCandidates) * GenerationsOf(options.search) * (cells + kOverhead) *
         kPerEvaluation;
}

// The part of a refit that grows with the rows or with the units.
double UnitSeconds(double rows, double clusters, const FitOptions& options) {
  if (options.loss.loss == Loss::kHuber) return kPerReplicateByHuber * rows;
  if (HasFullForm(options)) return kPerReplicateInFullForm * rows;
  if (clusters == 0) return kPerReplicateOfRow * rows;
  return kPerReplicateOfUnit * std::min(clusters, rows);
}

}  // namespace

Cost CostOfFit(const FitShape& shape, const FitOptions& options) {
  const double rows = static_cast<double>(shape.rows) * shape.folds * shape.fitted_share;
  const double clusters = static_cast<double>(shape.clusters) * shape.folds;
  const double tasks = static_cast<double>(shape.tasks) * shape.folds;
  const std::int64_t rows_of_folds = shape.folds > 1 ? shape.rows * shape.folds : 0;
  const double rows_of_task = rows / tasks;
  const bool by_row = shape.clusters == 0;
  const std::int64_t units = by_row ? shape.rows : std::min(shape.clusters, shape.rows);
  const double form = HasFullForm(options) ? kFullForm : 1;
  const double point_fit = tasks * (kPerTask + form * SearchSeconds(rows_of_task, options)) + kPerRow * rows;
  const double refit = tasks * kPerReplicate + UnitSeconds(rows, clusters, options);
  const double from_scratch = tasks * (kPerTask + form * SearchSeconds(rows_of_task, options));
  const double cells = std::min(rows, kMaxBins * tasks);
  const double replicates = options.bootstrap.replicates;

  Cost cost;
  cost.cpu_seconds = kPerCall + kPerRowOfFold * static_cast<double>(rows_of_folds) + shape.point_fits * point_fit +
                     shape.bootstraps * (replicates * refit + options.bootstrap.global_replicates * from_scratch) +
                     (options.profile ? 80 * (tasks * kPerTask / 25 + form * kPerProfileOfCell * cells) : 0) +
                     static_cast<double>(shape.predictions) * replicates * kPerPrediction;
  const std::int64_t fits = shape.tasks * shape.folds;
  const std::int64_t at_a_time = std::min<std::int64_t>(fits, shape.threads);
  const std::int64_t sets = shape.bootstraps * static_cast<std::int64_t>(options.bootstrap.replicates);
  const std::int64_t copies =
      std::clamp(shape.folds > 1 ? std::min(shape.folds, shape.threads) : shape.point_fits, 1, 2);
  cost.memory_bytes = kBytesPerCall + shape.rows * kBytesPerRow * copies + rows_of_folds * kBytesPerRowOfFold +
                      units * kBytesPerUnit * shape.threads + sets * kBytesPerReplicate * at_a_time +
                      sets * kBytesPerAnswered * fits + fits * kBytesPerTask +
                      options.search.candidates.value_or(0) * kBytesPerCandidate * at_a_time +
                      shape.predictions * (std::int64_t{16} * options.bootstrap.replicates / 1000 + 300);
  return cost;
}

Cost CostOfCall(const ObservationTable& table, const FitCount& count, FitOptions options, int threads) {
  options.bootstrap.replicates = count.replicates.value_or(options.bootstrap.replicates);
  options.profile = options.profile && count.profiles;
  const bool by_record = options.bootstrap.resampling == Resampling::kRecord;
  const auto tasks = static_cast<std::int64_t>(table.task.dictionary().size());
  FitShape shape;
  shape.rows = static_cast<std::int64_t>(table.score.size());
  shape.tasks = std::max<std::int64_t>(1, tasks);
  shape.clusters = by_record ? 0 : static_cast<std::int64_t>(table.cluster.dictionary().size());
  shape.folds = count.folds;
  shape.fitted_share = count.fitted_share;
  shape.point_fits = count.point_fits;
  shape.bootstraps = count.bootstraps;
  shape.predictions = count.predictions;
  shape.threads = threads;
  return CostOfFit(shape, options);
}

Cost CostOfPredict(std::int64_t points, std::int64_t laws, bool new_mean, bool simultaneous) {
  constexpr double kNewMean = 100;
  const double scores = static_cast<double>(points) * static_cast<double>(laws);
  return {kPerCall + scores * kPerPrediction *
                         (new_mean       ? kNewMean
                          : simultaneous ? 2
                                         : 1),
          kBytesPerCall + points * 600 + laws * 600};
}

Cost CostOfSolve(std::int64_t queries, std::int64_t laws) {
  return {kPerCall + static_cast<double>(queries) * static_cast<double>(laws) * kPerSolution,
          kBytesPerCall + queries * 1500 + laws * 600};
}

Cost CostOfEvaluate(std::int64_t rows, std::int64_t laws) {
  return {kPerCall + static_cast<double>(rows) * (kPerRow + static_cast<double>(laws) * kPerPrediction),
          kBytesPerCall + rows * kBytesPerRow + laws * 600};
}

absl::Status CheckCpuSeconds(const Cost& cost, double max_cpu_seconds) {
  if (cost.cpu_seconds <= max_cpu_seconds) return absl::OkStatus();
  return WithResource(
      WithReason(absl::ResourceExhaustedError(absl::StrFormat(
                     "the request takes about %.0f s of processor time, and a call may take %.0f s here "
                     "(--max-cpu-seconds): ask for fewer replicates, candidates, generations or points",
                     cost.cpu_seconds, max_cpu_seconds)),
                 "CPU_BUDGET",
                 {{"requested_cpu_seconds", absl::StrCat(cost.cpu_seconds)},
                  {"limit_cpu_seconds", absl::StrCat(max_cpu_seconds)}}),
      "processor time", "call");
}

}  // namespace ctxfit
