#ifndef CTXFIT_TESTS_BENCH_SIMULATED_SETS_H_
#define CTXFIT_TESTS_BENCH_SIMULATED_SETS_H_

#include <random>
#include <string>
#include <vector>

#include "kernels/data/observations.h"
#include "kernels/law/fitted_law.h"

// The parts that the studies' simulated data sets share: the law, its computes, prompt lengths and rows. A set consists
// of runs, which are the clusters; a run has one block of examples, so that its prompts are about equally long. Each
// study draws its effects and scores by itself, in an order on which its published figures depend.

namespace ctxfit {

// Tokens beyond every prompt of a study: the limit where the penalty is not studied.
inline constexpr double kBeyondEveryPrompt = 1e6;

// The law behind most sets, at the references at which all are fitted. Scores lie between 0.04 and 0.97.
Law TrueLaw();

// The training computes of six models, in FLOP.
std::vector<double> SixComputes();

// The training computes of twelve models over the same range, in FLOP.
std::vector<double> TwelveComputes();

// The expected score under a law whose context exponent, against the law, rises by `drift` per decade of compute.
double PredictWithDrift(const Law& law, double drift, double compute, double prompt, double limit);

double Uniform(std::mt19937_64& random);

// Draws a number whose logarithm is uniform.
double LogUniform(double low, double high, std::mt19937_64& random);

// Draws the length of a run's block of examples, in tokens.
double DrawBlock(std::mt19937_64& random);

// Draws the length of a prompt, in tokens: within 10 % of its block.
double DrawPrompt(double block, std::mt19937_64& random);

// Adds a row without weight and cluster; scores outside [0, 1] are clipped.
void AddRow(double compute, double prompt, double limit, double score, ObservationTable& table);

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_BENCH_SIMULATED_SETS_H_
