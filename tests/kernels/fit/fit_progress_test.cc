#include "kernels/fit/fit_progress.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "kernels/data/observations.h"
#include "kernels/data/split_tasks.h"
#include "kernels/fit/fit.h"
#include "kernels/fit/options.h"
#include "tests/kernels/simulated_data.h"

namespace ctxfit {
namespace {

// A report, with its task copied.
struct Report {
  FitPhase phase;
  std::string task;
  int generation;
  std::optional<double> best_cost;
  double fraction;
};

// Keeps every report.
class Recorder {
 public:
  const FitObserver& observer() const { return observer_; }
  const std::vector<Report>& reports() const { return reports_; }
  const Report& last() const { return reports_.back(); }

 private:
  std::vector<Report> reports_;
  const FitObserver observer_ = [this](const FitProgress& progress) {
    reports_.push_back({progress.phase, progress.task, progress.generation, progress.best_cost, progress.fraction});
  };
};

Observations TaskOfRows(const std::string& name, std::size_t rows) {
  Observations task;
  task.task = name;
  task.score.assign(rows, 0.5);
  return task;
}

// Fractions are sums of less than 100 doubles below 1, each rounded by 1.1e-16 at most.
constexpr double kRounding = 1.1e-14;

TEST(ProgressSumTest, AFractionIsTheShareOfAllRowsWhoseWorkIsDone) {
  Recorder recorder;
  ProgressSum sum(100, recorder.observer());
  sum.Report(25, FitPhase::kSearch, "a", 3, 1.5);
  EXPECT_EQ(recorder.last().fraction, 0.25);
  EXPECT_EQ(recorder.last().phase, FitPhase::kSearch);
  EXPECT_EQ(recorder.last().task, "a");
  EXPECT_EQ(recorder.last().generation, 3);
  EXPECT_EQ(recorder.last().best_cost, 1.5);
  sum.Add(50);
  EXPECT_EQ(recorder.reports().size(), 1u) << "Add() reports nothing";
  sum.Report(25, FitPhase::kRefine, "b", 0, {});
  EXPECT_EQ(recorder.last().fraction, 1);
}

TEST(ProgressSumTest, AFractionIsAtMostOne) {
  Recorder recorder;
  ProgressSum sum(1, recorder.observer());
  sum.Report(1 + 1e-12, FitPhase::kResample, "", 0, {});
  EXPECT_EQ(recorder.last().fraction, 1);
}

TEST(ProgressSumTest, ConcurrentTasksAddUpAndReportOneAtATime) {
  constexpr int kTasks = 4;
  constexpr int kReports = 1000;
  int reports = 0;  // guarded by the sum alone
  double last = 0;
  const FitObserver observer = [&](const FitProgress& progress) {
    ++reports;
    EXPECT_GT(progress.fraction, last);
    last = progress.fraction;
  };
  ProgressSum sum(kTasks * kReports, observer);
  std::vector<std::thread> tasks;
  for (int i = 0; i < kTasks; ++i) {
    tasks.emplace_back([&] {
      for (int report = 0; report < kReports; ++report) sum.Report(1, FitPhase::kSearch, "", report, {});
    });
  }
  for (std::thread& task : tasks) task.join();
  EXPECT_EQ(reports, kTasks * kReports);
  EXPECT_EQ(last, 1);
}

TEST(TaskProgressTest, PhasesBeginAtTheSharesThatWereMeasured) {
  Recorder recorder;
  const Observations task = TaskOfRows("a", 10);
  ProgressSum sum(task.size(), recorder.observer());
  TaskProgress progress(task, sum);
  const std::pair<FitPhase, double> begins[] = {
      {FitPhase::kCollapse, 0}, {FitPhase::kSearch, 0.1}, {FitPhase::kRefine, 0.4}, {FitPhase::kResample, 0.6}};
  for (const auto& [phase, fraction] : begins) {
    progress.BeginPhase(phase);
    EXPECT_EQ(recorder.last().phase, phase);
    EXPECT_NEAR(recorder.last().fraction, fraction, kRounding);
  }
}

TEST(TaskProgressTest, GenerationsAreEqualSharesOfTheSearch) {
  Recorder recorder;
  const Observations task = TaskOfRows("a", 10);
  ProgressSum sum(task.size(), recorder.observer());
  TaskProgress progress(task, sum);
  progress.BeginPhase(FitPhase::kSearch);
  progress.ReportGeneration(25, 2.5, 100);
  EXPECT_NEAR(recorder.last().fraction, 0.1 + 0.3 * 0.25, kRounding);
  EXPECT_EQ(recorder.last().generation, 25);
  EXPECT_EQ(recorder.last().best_cost, 2.5);
  // A search that converges early has done all its work.
  progress.BeginPhase(FitPhase::kRefine);
  EXPECT_NEAR(recorder.last().fraction, 0.4, kRounding);
  EXPECT_EQ(recorder.last().generation, 25) << "the last of the search";
  EXPECT_EQ(recorder.last().best_cost, 2.5);
}

TEST(TaskProgressTest, AFractionNeverFalls) {
  Recorder recorder;
  const Observations task = TaskOfRows("a", 10);
  ProgressSum sum(task.size(), recorder.observer());
  TaskProgress progress(task, sum);
  progress.BeginPhase(FitPhase::kRefine);
  progress.ReportGeneration(1, 1, 100);
  EXPECT_NEAR(recorder.last().fraction, 0.4, kRounding);
}

TEST(TaskProgressTest, AnEndedTaskHasDoneTheWorkOfAllItsRows) {
  Recorder recorder;
  const Observations large = TaskOfRows("large", 30);
  const Observations small = TaskOfRows("small", 10);
  ProgressSum sum(40, recorder.observer());
  TaskProgress of_large(large, sum);
  TaskProgress of_small(small, sum);
  of_large.BeginPhase(FitPhase::kCollapse);
  of_large.End();
  of_small.BeginPhase(FitPhase::kCollapse);
  EXPECT_NEAR(recorder.last().fraction, 0.75, kRounding);
  of_small.BeginPhase(FitPhase::kResample);
  EXPECT_NEAR(recorder.last().fraction, 0.75 + 0.25 * 0.6, kRounding);
  of_small.End();
  sum.Report(0, FitPhase::kResample, "", 0, {});
  EXPECT_NEAR(recorder.last().fraction, 1, kRounding) << "the shares of all tasks sum to one";
}

TEST(FitProgressTest, TasksOfAFitWeighByTheirRows) {
  Simulation simulation;
  ObservationTable table = Simulate(simulation);
  for (std::size_t row = 0; row < table.score.size(); ++row) table.task.push_back(row % 4 == 0 ? "small" : "large");
  FitOptions options;
  options.search.candidates = 16;
  options.bootstrap.replicates = 20;
  Recorder recorder;
  const std::unique_ptr<Backend> backend = MakeCpuBackend(1);
  const std::vector<Observations> tasks = ValidateAndSplit(table).value();
  ASSERT_TRUE(FitTasks(*backend, tasks, options, StopSignal(), recorder.observer()).ok());
  const double rows = static_cast<double>(table.score.size());
  double done = 0;  // rows of the tasks before
  for (const Observations& task : tasks) {
    for (const Report& report : recorder.reports()) {
      if (report.task != task.task || report.phase != FitPhase::kResample) continue;
      EXPECT_NEAR(report.fraction, (done + 0.6 * static_cast<double>(task.size())) / rows, kRounding) << task.task;
    }
    done += static_cast<double>(task.size());
  }
}

}  // namespace
}  // namespace ctxfit
