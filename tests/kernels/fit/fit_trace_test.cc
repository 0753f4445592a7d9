#include "kernels/fit/fit_trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "kernels/data/split_tasks.h"
#include "kernels/fit/fit.h"
#include "kernels/fit/options.h"
#include "kernels/law/domain.h"
#include "kernels/law/parameters.h"
#include "tests/kernels/simulated_data.h"

namespace ctxfit {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// The value of `key` in a line, up to the next space; "" where it has none.
std::string ValueOf(const std::string& line, const std::string& key) {
  for (const absl::string_view pair : absl::StrSplit(line, ' ')) {
    const std::vector<std::string> parts = absl::StrSplit(pair, absl::MaxSplits('=', 1));
    if (parts.size() == 2 && parts[0] == key) return parts[1];
  }
  return "";
}

double NumberOf(const std::string& line, const std::string& key) {
  return std::strtod(ValueOf(line, key).c_str(), nullptr);
}

// The trace of one fit, and its result.
struct TracedFit {
  TaskFit fit;
  std::vector<std::string> lines;

  std::vector<std::string> Of(const std::string& event) const {
    std::vector<std::string> lines_of_event;
    for (const std::string& line : lines) {
      if (ValueOf(line, "event") == event) lines_of_event.push_back(line);
    }
    return lines_of_event;
  }
};

TracedFit FitWithTrace(const FitOptions& options) {
  TracedFit traced;
  const TraceSink sink = [&traced](const std::string& line) { traced.lines.push_back(line); };
  const std::unique_ptr<Backend> backend = MakeCpuBackend(2);
  const std::vector<Observations> tasks = {OnlyTask(Simulate({}))};
  traced.fit = FitTasks(
                   *backend, tasks, options, StopSignal(), [](const FitProgress&) {}, sink)
                   .value()
                   .at(0);
  return traced;
}

FitOptions FewReplicatesOnly() {
  FitOptions options;
  options.bootstrap.replicates = 20;
  return options;
}

TEST(FitTraceTest, EventsComeInTheOrderOfTheFit) {
  const TracedFit traced = FitWithTrace(FewReplicatesOnly());
  std::vector<std::string> events;
  for (const std::string& line : traced.lines) events.push_back(ValueOf(line, "event"));
  events.erase(std::unique(events.begin(), events.end()), events.end());
  EXPECT_THAT(events, ElementsAre("generation", "search_end", "search", "refinement_end", "polish", "basin",
                                  "refinement", "replicates"));
}

TEST(FitTraceTest, EveryGenerationOfTheSearchHasALineWithItsCosts) {
  const TracedFit traced = FitWithTrace(FewReplicatesOnly());
  const std::vector<std::string> generations = traced.Of("generation");
  ASSERT_EQ(generations.size(), static_cast<std::size_t>(traced.fit.search.generation_count) + 1) << "and the initial";
  double last = NumberOf(generations.front(), "best_cost");
  for (std::size_t i = 0; i < generations.size(); ++i) {
    EXPECT_EQ(ValueOf(generations[i], "generation"), absl::StrCat(i));
    EXPECT_LE(NumberOf(generations[i], "best_cost"), last);
    EXPECT_LE(NumberOf(generations[i], "best_cost"), NumberOf(generations[i], "mean_cost"));
    last = NumberOf(generations[i], "best_cost");
  }
}

TEST(FitTraceTest, TheSearchHasALineForEveryDescentAndOneForItsEnd) {
  const TracedFit traced = FitWithTrace(FewReplicatesOnly());
  const std::vector<std::string> ends = traced.Of("search_end");
  const SearchResult& search = traced.fit.search;
  // Descents from the best candidates, and from extra starts at least once.
  EXPECT_GT(ends.size(), static_cast<std::size_t>(SearchOptions().refined_candidates));
  EXPECT_EQ(ValueOf(ends.front(), "deviance"), "0");
  EXPECT_TRUE(std::is_sorted(ends.begin(), ends.end(), [](const std::string& a, const std::string& b) {
    return NumberOf(a, "deviance") < NumberOf(b, "deviance");
  }));
  const std::vector<std::string> summary = traced.Of("search");
  ASSERT_EQ(summary.size(), 1u);
  EXPECT_EQ(ValueOf(summary[0], "generations"), absl::StrCat(search.generation_count));
  EXPECT_EQ(ValueOf(summary[0], "evaluations"), absl::StrCat(search.evaluation_count));
  EXPECT_EQ(ValueOf(summary[0], "starts"), absl::StrCat(search.starts.size()));
  EXPECT_THAT(summary[0], HasSubstr(absl::StrCat("message=\"", search.termination_message, "\"")));
}

TEST(FitTraceTest, TheRefinementHasALineForEveryDescentEveryBasinAndItsEnd) {
  const TracedFit traced = FitWithTrace(FewReplicatesOnly());
  const Refinement& refinement = traced.fit.refinement;
  const std::vector<std::string> ends = traced.Of("refinement_end");
  EXPECT_EQ(ends.size(), static_cast<std::size_t>(refinement.start_count));
  EXPECT_EQ(ValueOf(ends.front(), "deviance"), "0");
  EXPECT_EQ(traced.Of("polish").size(), 1u);
  const std::vector<std::string> basins = traced.Of("basin");
  ASSERT_EQ(basins.size(), refinement.basins.size());
  for (std::size_t i = 0; i < basins.size(); ++i) {
    EXPECT_EQ(ValueOf(basins[i], "ends"), absl::StrCat(refinement.basins[i].end_count));
    // Six digits are printed.
    EXPECT_NEAR(NumberOf(basins[i], "deviance"), refinement.basins[i].deviance, 1e-5 * refinement.basins[i].deviance);
  }
  const std::vector<std::string> summary = traced.Of("refinement");
  ASSERT_EQ(summary.size(), 1u);
  EXPECT_EQ(ValueOf(summary[0], "basins"), absl::StrCat(refinement.basins.size()));
  EXPECT_EQ(ValueOf(summary[0], "converged"), "true");
}

TEST(FitTraceTest, PointsAreTheFittedParametersInNaturalUnits) {
  FitOptions options = FewReplicatesOnly();
  options.parameters[kContextExponent].fixed = 0.6;
  const TracedFit traced = FitWithTrace(options);
  const std::string basin = traced.Of("basin").front();
  for (const Coordinate coordinate : {kLogComputeCoefficient, kComputeExponent, kLogContextCoefficient}) {
    const double parameter = ToParameter(coordinate, traced.fit.law.point.at[coordinate]);
    // Ten digits are printed.
    EXPECT_NEAR(NumberOf(basin, std::string(ParameterName(coordinate))), parameter, 1e-9 * parameter);
  }
  EXPECT_THAT(basin, Not(HasSubstr("context_exponent="))) << "it is fixed";
}

TEST(FitTraceTest, ReplicatesThatDidNotConvergeHaveALineEach) {
  std::vector<std::string> lines;
  const TraceSink sink = [&lines](const std::string& line) { lines.push_back(line); };
  const FitTrace trace("", MakeDomain({}), {}, sink);
  trace.OnReplicates({{{{0, 0.5, 0, 0.25}}, {{0, 1, 0, 1}}, {{0, 2, 0, 3}}}, {true, false, true}, 200});
  EXPECT_THAT(lines, ElementsAre("event=replicate task=\"\" replicate=1 converged=false compute_coefficient=1 "
                                 "compute_exponent=1 context_coefficient=1 context_exponent=1",
                                 "event=replicates task=\"\" replicates=3 converged=2 max_iterations=200"));
}

TEST(FitTraceTest, ATaskNameIsQuotedOnOneLine) {
  std::vector<std::string> lines;
  const TraceSink sink = [&lines](const std::string& line) { lines.push_back(line); };
  FitTrace trace("a \"b\"\nc", MakeDomain({}), {}, sink);
  trace.OnGeneration(3, 1.5, 2);
  EXPECT_THAT(lines, ElementsAre("event=generation task=\"a \\\"b\\\"\\nc\" generation=3 best_cost=1.5 mean_cost=2"));
}

TEST(FitTraceTest, ATracedFitHasTheBitsOfOneWithoutATrace) {
  const FitOptions options = FewReplicatesOnly();
  const TaskFit traced = FitWithTrace(options).fit;
  const std::unique_ptr<Backend> backend = MakeCpuBackend(2);
  const TaskFit plain = FitTask(*backend, OnlyTask(Simulate({})), options, StopSignal()).value();
  for (int i = 0; i < kCoordinateCount; ++i) {
    EXPECT_EQ(traced.law.point.at[i], plain.law.point.at[i]);
    for (std::size_t b = 0; b < plain.replicates.points.size(); ++b) {
      EXPECT_EQ(traced.replicates.points[b].at[i], plain.replicates.points[b].at[i]);
    }
  }
}

TEST(FitTraceTest, LinesOfConcurrentTasksNameTheirTask) {
  ObservationTable table = Simulate({});
  for (std::size_t row = 0; row < table.score.size(); ++row) table.task.push_back(row % 2 == 0 ? "a" : "b");
  std::mutex mutex;
  std::vector<std::string> lines;
  const TraceSink sink = [&](const std::string& line) {
    const std::lock_guard lock(mutex);
    lines.push_back(line);
  };
  const std::unique_ptr<Backend> backend = MakeCpuBackend(2);
  const std::vector<TaskFit> fits =
      FitTasks(
          *backend, ValidateAndSplit(table).value(), FewReplicatesOnly(), StopSignal(), [](const FitProgress&) {}, sink)
          .value();
  for (const TaskFit& fit : fits) {
    const auto count = std::count_if(lines.begin(), lines.end(), [&](const std::string& line) {
      return ValueOf(line, "event") == "generation" && ValueOf(line, "task") == absl::StrCat("\"", fit.task, "\"");
    });
    EXPECT_EQ(count, fit.search.generation_count + 1) << fit.task;
  }
}

}  // namespace
}  // namespace ctxfit
