#include "kernels/fit/verdict.h"

#include <cmath>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "kernels/fit/held_out_errors.h"
#include "kernels/statistics/numerics/distributions.h"

namespace ctxfit {
namespace {

double MeanError(const std::vector<FoldErrors>& folds, BaselineForm form) {
  double sum = 0;
  for (const FoldErrors& fold : folds) sum += fold.baseline[static_cast<int>(form)];
  return sum / static_cast<double>(folds.size());
}

const char* NameOfLine(BaselineForm form) {
  return form == BaselineForm::kLogLine ? "the logarithm of the score" : "the logit of the score";
}

}  // namespace

std::optional<FoldErrors> FoldErrorsOf(const std::vector<PredictorErrors>& errors) {
  if (errors.size() <= std::size(kBaselineForms)) return std::nullopt;
  FoldErrors fold = {errors.front().means.mae, {}};
  for (std::size_t i = 0; i < std::size(kBaselineForms); ++i) fold.baseline[i] = errors[i + 1].means.mae;
  return fold;
}

std::optional<Verdict> Judge(const std::vector<FoldErrors>& folds) {
  if (folds.size() < kLeastVerdictFolds) return std::nullopt;
  const auto count = static_cast<double>(folds.size());
  const double log_error = MeanError(folds, BaselineForm::kLogLine);
  const double logit_error = MeanError(folds, BaselineForm::kLogitLine);
  Verdict verdict = {
      VerdictKind::kUndecided, BaselineForm::kLogitLine, static_cast<int>(folds.size()), 0, logit_error, 0};
  if (log_error < logit_error) {
    verdict.line = BaselineForm::kLogLine;
    verdict.line_error = log_error;
  }
  for (const FoldErrors& fold : folds) verdict.law_error += fold.law / count;
  const double difference = verdict.law_error - verdict.line_error;
  double squares = 0;
  for (const FoldErrors& fold : folds) {
    const double deviation = fold.law - fold.baseline[static_cast<int>(verdict.line)] - difference;
    squares += deviation * deviation;
  }
  const double standard_error = std::sqrt(squares / (count - 1) / count);
  constexpr double kRounding = 1e-12;  // of a difference of errors, which are at most 1
  if (standard_error <= kRounding) return verdict;
  verdict.statistic = difference / standard_error;
  if (std::abs(verdict.statistic) > StudentQuantile(0.95, count - 1)) {
    verdict.kind = verdict.statistic > 0 ? VerdictKind::kLine : VerdictKind::kLaw;
  }
  return verdict;
}

std::string Describe(const Verdict& verdict, const std::string& held_out) {
  const auto errors = [](double first, double second) {
    return absl::StrFormat("mean absolute error %.4f against %.4f", first, second);
  };
  switch (verdict.kind) {
    case VerdictKind::kLaw:
      return absl::StrCat("The law predicts held-out ", held_out,
                          " better than a straight line: ", errors(verdict.law_error, verdict.line_error), ".");
    case VerdictKind::kLine:
      return absl::StrCat("A straight line on ", NameOfLine(verdict.line), " predicts held-out ", held_out,
                          " better than the law: ", errors(verdict.line_error, verdict.law_error), ".");
    case VerdictKind::kUndecided:
      return absl::StrCat("Held-out ", held_out, " do not tell the law from a straight line on ",
                          NameOfLine(verdict.line), ": ", errors(verdict.law_error, verdict.line_error), ".");
  }
  return "";
}

}  // namespace ctxfit
