#include "kernels/fit/ablation.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "kernels/base/philox.h"
#include "kernels/base/status_macros.h"
#include "kernels/data/residuals.h"
#include "kernels/data/select_rows.h"
#include "kernels/fit/concurrent_tasks.h"
#include "kernels/fit/fit.h"
#include "kernels/law/domain.h"
#include "kernels/law/penalty.h"
#include "kernels/statistics/goodness.h"

namespace ctxfit {
namespace {

bool LacksPenalty(LawVariant variant) {
  switch (variant) {
    case LawVariant::kFull:
    case LawVariant::kNoContextFactor:
      return false;
    case LawVariant::kNoPenalty:
    case LawVariant::kNeither:
      return true;
  }
  return false;
}

bool LacksContextFactor(LawVariant variant) {
  switch (variant) {
    case LawVariant::kFull:
    case LawVariant::kNoPenalty:
      return false;
    case LawVariant::kNoContextFactor:
    case LawVariant::kNeither:
      return true;
  }
  return false;
}

// The full law, and the variants that lack something it has.
std::vector<LawVariant> VariantsOf(const FitOptions& options) {
  std::vector<LawVariant> variants;
  for (const LawVariant variant :
       {LawVariant::kFull, LawVariant::kNoPenalty, LawVariant::kNoContextFactor, LawVariant::kNeither}) {
    if (LacksPenalty(variant) && options.penalty.form == Penalty::Form::kNone) continue;
    if (LacksContextFactor(variant) && !options.context_factor) continue;
    variants.push_back(variant);
  }
  return variants;
}

absl::StatusOr<int> ChooseFolds(const Observations& observations, std::optional<int> asked) {
  const std::int32_t units = observations.unit_count;
  if (!asked) return units < 2 ? 0 : std::min(kDefaultFolds, units);
  if (*asked == 0 || (*asked >= 2 && *asked <= units)) return *asked;
  return absl::InvalidArgumentError(absl::StrCat("folds = ", *asked, ": must be 0 or in [2, ", units, "], the ",
                                                 observations.unit_noun(), "s of task \"", observations.task, "\""));
}

// Sums the errors of one variant, or baseline, fold by fold.
class HeldOutErrors {
 public:
  // Adds rows whose expected scores, by combination of covariates, are `expected`.
  void Add(const Observations& held_out, const std::vector<double>& expected, bool converged) {
    VisitResiduals(held_out, expected, [&](std::size_t k, std::size_t row, double residual) {
      const Covariates& covariates = held_out.covariates[k];
      all_.Add(residual, held_out.WeightOf(row));
      if (std::isinf(covariates.limit)) return;
      (covariates.within_limit() ? within_ : beyond_).Add(residual, held_out.WeightOf(row));
    });
    if (!converged) ++unconverged_fold_count_;
  }

  bool has_rows() const { return all_.record_count() > 0; }

  CrossValidation Summarize() const {
    CrossValidation summary;
    summary.all = all_.Summarize();
    if (within_.record_count() > 0) summary.within_limit = within_.Summarize();
    if (beyond_.record_count() > 0) summary.beyond_limit = beyond_.Summarize();
    summary.unconverged_fold_count = unconverged_fold_count_;
    return summary;
  }

 private:
  ErrorSum all_;
  ErrorSum within_;
  ErrorSum beyond_;
  int unconverged_fold_count_ = 0;
};

// The rows whose unit lies in `fold`, or with `inside` false those whose unit does not.
std::vector<std::size_t> RowsOf(const Observations& observations, const std::vector<int>& folds, int fold,
                                bool inside) {
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < observations.size(); ++row) {
    if ((folds[observations.unit[row]] == fold) == inside) rows.push_back(row);
  }
  return rows;
}

// Rows of the folds that are fitted together at most, besides those of one: 2^20.
constexpr std::size_t kMaxFoldRows = std::size_t{1} << 20;

// The folds that are fitted together.
int CountTogether(const Observations& observations, int folds) {
  return static_cast<int>(std::clamp<std::size_t>(kMaxFoldRows / observations.size(), 1, folds));
}

// Adds the errors of the baselines of a fold, whose law is `fit`.
void AddBaselines(const Observations& fitted, const Observations& held_out, const TaskFit& fit,
                  std::vector<HeldOutErrors>& errors) {
  const std::vector<Baseline> baselines = FitBaselines(fitted, fit.law);
  for (std::size_t i = 0; i < std::min(baselines.size(), errors.size()); ++i) {
    errors[i].Add(held_out, ExpectedScores(held_out, baselines[i]), fit.refinement.converged);
  }
}

absl::Status CrossValidate(Backend& backend, const Observations& observations, const FitOptions& options,
                           const StopSignal& stop, TaskAblation& ablation) {
  const std::vector<int> folds = AssignFolds(options.seed, observations.unit_count, ablation.fold_count);
  const int together = CountTogether(observations, ablation.fold_count);
  std::vector<HeldOutErrors> errors(ablation.variants.size());
  std::vector<HeldOutErrors> of_baselines(ablation.baselines.size());
  for (int first = 0; first < ablation.fold_count; first += together) {
    CTXFIT_RETURN_IF_ERROR(stop.Check());
    std::vector<Observations> fitted;
    std::vector<Observations> held_out;
    for (int fold = first; fold < std::min(first + together, ablation.fold_count); ++fold) {
      fitted.push_back(Select(observations, RowsOf(observations, folds, fold, false)));
      held_out.push_back(Select(observations, RowsOf(observations, folds, fold, true)));
    }
    for (std::size_t i = 0; i < errors.size(); ++i) {
      const FitOptions variant = OptionsOfVariant(options, ablation.variants[i].variant);
      CTXFIT_ASSIGN_OR_RETURN(const std::vector<TaskFit> fits,
                              FitTasks(backend, fitted, variant, stop, [](const FitProgress&) {}));
      for (std::size_t k = 0; k < fits.size(); ++k) {
        errors[i].Add(held_out[k], ExpectedScores(held_out[k], fits[k].law), fits[k].refinement.converged);
        if (ablation.variants[i].variant == LawVariant::kFull) {
          AddBaselines(fitted[k], held_out[k], fits[k], of_baselines);
        }
      }
    }
  }
  for (std::size_t i = 0; i < errors.size(); ++i) ablation.variants[i].cross_validation = errors[i].Summarize();
  for (std::size_t i = 0; i < of_baselines.size(); ++i) {
    if (of_baselines[i].has_rows()) ablation.baselines[i].cross_validation = of_baselines[i].Summarize();
  }
  return absl::OkStatus();
}

absl::StatusOr<TaskAblation> AblateTask(Backend& backend, const Observations& observations,
                                        const AblationOptions& options, const StopSignal& stop) {
  TaskAblation ablation;
  CTXFIT_ASSIGN_OR_RETURN(ablation.fold_count, ChooseFolds(observations, options.folds));
  for (const LawVariant variant : VariantsOf(options.fit)) {
    const FitOptions fit_options = OptionsOfVariant(options.fit, variant);
    CTXFIT_ASSIGN_OR_RETURN(TaskFit fit, FitTask(backend, observations, fit_options, stop));
    const int fitted_count = MakeDomain(OptionsForTask(fit_options, observations.task)).free_count();
    ablation.variants.push_back({variant, fitted_count, std::move(fit), {}});
  }
  for (Baseline& baseline : FitBaselines(observations, ablation.variants.front().fit.law)) {
    const int fitted_count = 1 + (baseline.compute_slope != 0) + (baseline.prompt_slope != 0);
    Goodness goodness = MeasureGoodness(observations, ExpectedScores(observations, baseline), fitted_count);
    goodness.aic.reset();
    goodness.bic.reset();
    ablation.baselines.push_back({std::move(baseline), goodness, {}});
  }
  if (ablation.fold_count == 0) return ablation;
  CTXFIT_RETURN_IF_ERROR(CrossValidate(backend, observations, options.fit, stop, ablation));
  return ablation;
}

}  // namespace

FitOptions OptionsOfVariant(const FitOptions& full, LawVariant variant) {
  FitOptions options = WithoutIntervals(full);
  if (LacksContextFactor(variant)) options.context_factor = false;
  if (!LacksPenalty(variant)) return options;
  options.penalty.form = Penalty::Form::kNone;
  options.fit_penalty_width = false;
  options.fit_penalty_onset = false;
  return options;
}

std::vector<int> AssignFolds(std::uint64_t seed, std::int32_t unit_count, int folds) {
  std::vector<std::pair<std::uint32_t, std::int32_t>> order(unit_count);
  for (std::int32_t unit = 0; unit < unit_count; ++unit) {
    const auto quad = static_cast<std::uint32_t>(unit / 4);
    order[unit] = {Draw(seed, Purpose::kFold, 0, quad).word[unit % 4], unit};
  }
  std::sort(order.begin(), order.end());
  std::vector<int> fold(unit_count);
  for (std::int32_t place = 0; place < unit_count; ++place) fold[order[place].second] = place % folds;
  return fold;
}

absl::StatusOr<std::vector<TaskAblation>> AblateTasks(Backend& backend, const std::vector<Observations>& tasks,
                                                      const AblationOptions& options, const StopSignal& stop) {
  return FitConcurrently<TaskAblation>(backend, tasks, stop, [&](Backend& share, const Observations& observations) {
    return AblateTask(share, observations, options, stop);
  });
}

}  // namespace ctxfit
