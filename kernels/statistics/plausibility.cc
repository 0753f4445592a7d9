#include "kernels/statistics/plausibility.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

#include "absl/strings/str_format.h"
#include "kernels/data/compute_levels.h"
#include "kernels/data/observations.h"
#include "kernels/law/loss_rule.h"

namespace ctxfit {
namespace {

// Training computes of language models: the smallest of TinyStories, 1M parameters, took some 3e15 FLOP (Eldan and Li
// 2023), the largest known models some 5e26 (Epoch AI 2025).
constexpr double kLeastCompute = 1e15;
constexpr double kLogarithms[] = {15, 30};  // range of the logarithms of computes to base 10

constexpr double kNarrowComputes = 1.1;  // ratio of computes that is no basis for an exponent

// Prompts in K (1,024 tokens): at most 1M tokens, and reaching from a sixteenth to twice the longest context limit, as
// the lengths of long-context benchmarks do.
constexpr double kTokensPerK = 1024;
constexpr double kLongestInK = 1024;
constexpr double kReach[] = {1.0 / 16, 2};

constexpr double kLeastPrompt = 10;  // tokens: no benchmark's prompts are shorter

constexpr double kLeastLimit = 256;  // tokens; the first models of today's kind had 512

// Copies of each row that are told of any rows, and distinct rows that chance hardly gives a common multiple of copies.
constexpr std::size_t kManyCopies = 10;
constexpr int kManyDistinctRows = 8;

bool LookLikeLogarithms(const std::vector<double>& computes) {
  return computes.front() >= kLogarithms[0] && computes.back() <= kLogarithms[1];
}

void WarnOfUnit(const std::vector<double>& computes, std::vector<std::string>& warnings) {
  if (computes.back() >= kLeastCompute) return;
  if (LookLikeLogarithms(computes)) {
    warnings.push_back(absl::StrFormat(
        "training_compute_flops from %.4g to %.4g look like log10 of FLOP and were taken as FLOP: give 10 to their "
        "power",
        computes.front(), computes.back()));
    return;
  }
  warnings.push_back(
      absl::StrFormat("training_compute_flops from %.4g to %.4g are below those of every published language model and "
                      "were taken as FLOP: multiply them by their unit, as 8.64e19 for petaFLOP-days or 1e21 for units "
                      "of 1e21 FLOP",
                      computes.front(), computes.back()));
}

void WarnOfNarrowComputes(const std::vector<double>& computes, std::vector<std::string>& warnings) {
  const double ratio = computes.back() / computes.front();
  if (CountAsOne(0, std::log(ratio)) || ratio >= kNarrowComputes || LookLikeLogarithms(computes)) return;
  warnings.push_back(
      absl::StrFormat("the training computes differ by %.1f %% at most: they hardly determine the compute exponent. "
                      "Add models of other training compute before predicting at any",
                      100 * (ratio - 1)));
}

// True for a length at which benchmarks are run: a power of two, three times one, or a multiple of ten.
bool IsRoundLength(double prompt) {
  if (prompt < 1 || prompt != std::floor(prompt)) return false;
  if (std::fmod(prompt, 10) == 0) return true;
  int exponent = 0;
  const double fraction = std::frexp(prompt, &exponent);
  return fraction == 0.5 || fraction == 0.75;
}

double LargestLimit(const std::vector<Covariates>& covariates) {
  double limit = 0;
  for (const Covariates& combination : covariates) limit = std::max(limit, combination.limit);
  return limit;
}

void WarnOfPromptsInK(const std::vector<Covariates>& covariates, std::vector<std::string>& warnings) {
  const double shortest = covariates.front().prompt;
  const double longest = covariates.back().prompt;
  const double limit = LargestLimit(covariates);
  const double reach = longest * kTokensPerK / limit;
  const bool all_round = std::all_of(covariates.begin(), covariates.end(),
                                     [](const Covariates& combination) { return IsRoundLength(combination.prompt); });
  const bool in_range = longest <= kLongestInK && reach >= kReach[0] && reach <= kReach[1];
  const bool less_than_one = shortest < 1 && longest > 1 && std::isfinite(limit);  // there is no half a token
  if (shortest == longest || !(less_than_one || (in_range && (all_round || shortest < kLeastPrompt)))) return;
  warnings.push_back(
      absl::StrFormat("prompt_tokens from %.4g to %.4g beside limits up to %.0f look like thousands of tokens and were "
                      "taken as tokens: give both in tokens",
                      shortest, longest, limit));
}

// Warns of limits that no model has. The default penalty, a step 10 tokens beyond the limit, would begin 10 thousand
// beyond one that is given in thousands.
void WarnOfLimitsInK(const std::vector<Covariates>& covariates, std::vector<std::string>& warnings) {
  const double limit = LargestLimit(covariates);
  if (limit >= kLeastLimit) return;
  warnings.push_back(
      absl::StrFormat("context_limit_tokens up to %.4g look like thousands of tokens and were taken as tokens: give "
                      "limits and prompts in tokens",
                      limit));
}

bool AreEqual(const Observations& observations, std::size_t a, std::size_t b) {
  const auto same = [a, b](const std::vector<double>& column) { return column.empty() || column[a] == column[b]; };
  return same(observations.score) && same(observations.weight) && same(observations.score_variance);
}

// The greatest common divisor of the numbers of equal rows: n if the rows were written n times over. Equal rows are
// neighbours in canonical order. Counts the distinct ones, if n > 1.
std::size_t CopiesOfRows(const Observations& observations, int& distinct_count) {
  std::size_t divisor = 0;
  distinct_count = 0;
  for (std::size_t k = 0; k < observations.covariates.size(); ++k) {
    std::size_t first = observations.row_begin[k];
    for (std::size_t row = first + 1; row <= observations.row_begin[k + 1]; ++row) {
      if (row < observations.row_begin[k + 1] && AreEqual(observations, first, row)) continue;
      divisor = std::gcd(divisor, row - first);
      ++distinct_count;
      if (divisor == 1) return 1;
      first = row;
    }
  }
  return divisor;
}

void WarnOfCopies(const Observations& observations, std::vector<std::string>& warnings) {
  if (observations.clustered) return;
  int distinct_count = 0;
  const std::size_t copies = CopiesOfRows(observations, distinct_count);
  const bool are_many = copies >= kManyCopies && distinct_count > 1;
  if (!are_many && (copies < 2 || distinct_count < kManyDistinctRows)) return;
  warnings.push_back(absl::StrFormat(
      "every row occurs %d times, or a multiple of that, and copies count as independent records: intervals are too "
      "narrow if they are not. Give each row once, or copies a cluster",
      copies));
}

// Warns of weights that cannot be counts of evaluations. The likelihood of 0/1 scores takes them for that.
void WarnOfWeights(const Observations& observations, Loss loss, std::vector<std::string>& warnings) {
  if (!TraitsOf(loss).is_deviance || observations.weight.empty()) return;
  const double least = *std::min_element(observations.weight.begin(), observations.weight.end());
  if (least >= 1) return;
  warnings.push_back(absl::StrFormat(
      "weights down to %.3g are no counts of evaluations, for which the Bernoulli loss takes them: information "
      "criteria, profiles and deviances are too small or too large by their scale. Give the number of evaluations "
      "behind each score",
      least));
}

}  // namespace

std::vector<std::string> FindImplausibleInput(const Observations& observations, Loss loss) {
  std::vector<std::string> warnings;
  WarnOfUnit(observations.levels.compute, warnings);
  WarnOfNarrowComputes(observations.levels.compute, warnings);
  WarnOfPromptsInK(observations.covariates, warnings);
  WarnOfLimitsInK(observations.covariates, warnings);
  WarnOfCopies(observations, warnings);
  WarnOfWeights(observations, loss, warnings);
  return warnings;
}

}  // namespace ctxfit
