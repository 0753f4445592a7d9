#ifndef CTXFIT_TESTS_BENCH_COVERAGE_DESIGNS_H_
#define CTXFIT_TESTS_BENCH_COVERAGE_DESIGNS_H_

#include <random>
#include <string>
#include <vector>

#include "kernels/data/observations.h"
#include "kernels/fit/options.h"
#include "kernels/law/fitted_law.h"
#include "tests/bench/simulated_sets.h"

namespace ctxfit {

// The distribution of a row's score about its expected score and the effects of its run and its model.
enum class ScoreKind {
  kNormal,        // normal, of standard deviation Design::row_sd
  kBinary,        // 0 or 1
  kBetaBinomial,  // 0 or 1, by a probability that is one quantile of a beta distribution throughout a run
  kRunMean,       // the mean of as many evaluations as the row's weight says
};

// The distribution of the sizes of runs.
enum class RunSizes {
  kEqual,    // Design::items prompts, each scored by every model
  kUnequal,  // 1 to 1,000 rows, uniform in their logarithm
};

// A design of simulated data sets: runs, which are the clusters, of prompts of about one length.
struct Design {
  std::string name;
  std::vector<double> computes = SixComputes();
  int runs = 60;
  int items = 2;
  double run_sd = 0.03;  // standard deviation of the effect that the rows of a run share
  double model_sd = 0;   // standard deviation of the effect that the rows of a model share
  double row_sd = 0.05;  // standard deviation of the rest
  ScoreKind scores = ScoreKind::kNormal;
  RunSizes sizes = RunSizes::kEqual;
  bool nested = false;       // each run belongs to one model, models in turn
  bool all_lengths = false;  // the prompts of a run have every length, not about one
  bool weighted = false;     // rows have weights of 5 to 500, uniform in their logarithm, one in each run
  bool heavy_tails = false;  // effects of runs have Student's t distribution with 3 degrees of freedom
  bool clustered = true;     // false: rows are resampled one by one
  double drift = 0;          // rise of the context exponent per decade of compute, against the law
  double limit = kBeyondEveryPrompt;
  Law truth = TrueLaw();
  FitOptions options;
};

// The designs of the study, those with a wrong law last.
std::vector<Design> CoverageDesigns();

// The true expected score.
double ExpectedScore(const Design& design, double compute, double prompt);

// Draws a data set.
ObservationTable DrawSet(const Design& design, std::mt19937_64& random);

// Draws the mean score of `items` new rows of one new run at one point.
double DrawNewMean(const Design& design, double compute, double prompt, int items, std::mt19937_64& random);

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_BENCH_COVERAGE_DESIGNS_H_
