#include "tests/server/random_requests.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <random>
#include <string>

namespace ctxfit {
namespace {

using Column = google::protobuf::RepeatedField<double>;

constexpr int kMaxRows = 30;

// Random choices. The distributions of the standard library differ between implementations; these do not.
class Choices {
 public:
  explicit Choices(int number) : engine_(number) {}

  int Below(int end) { return static_cast<int>(engine_() % end); }
  int Between(int first, int last) { return first + Below(last - first + 1); }
  double Uniform(double lower, double upper) {
    return lower + (upper - lower) * static_cast<double>(engine_() >> 11) / 9007199254740992.0;
  }
  double LogUniform(double lower, double upper) { return std::exp(Uniform(std::log(lower), std::log(upper))); }
  bool Chance(double probability) { return Uniform(0, 1) < probability; }
  double OneOf(std::initializer_list<double> values) { return values.begin()[Below(static_cast<int>(values.size()))]; }

  // One of the enumerators from 0 to `last`.
  template <class Enum>
  Enum Enumerator(Enum last) {
    return static_cast<Enum>(Below(static_cast<int>(last) + 1));
  }

  // Numbers from a range of some orders of magnitude, many of them equal: all of them once in four times.
  std::vector<double> Levels(int count, double lower, double upper) {
    std::vector<double> pool;
    const int levels = Chance(0.25) ? 1 : Between(1, count);
    for (int i = 0; i < levels; ++i) pool.push_back(LogUniform(lower, upper));
    std::vector<double> values;
    for (int i = 0; i < count; ++i) values.push_back(pool[Below(levels)]);
    return values;
  }

  std::string Label(const std::string& stem, int count) { return stem + std::to_string(Below(count)); }

 private:
  std::mt19937_64 engine_;
};

void Assign(const std::vector<double>& values, Column& column) { column.Assign(values.begin(), values.end()); }

// Scores of one kind: of single items, of means, equal ones, or those of a law with noise.
void AddScores(Choices& choices, v1::Observations& table) {
  const int kind = choices.Below(6);
  const double equal = choices.OneOf({0, 1, 0.5, choices.Uniform(0, 1)});
  const int items = choices.Between(1, 20);
  const double slope = choices.Uniform(0.05, 1);
  const double noise = choices.OneOf({0, 1e-9, 0.02, 0.3});
  for (int row = 0; row < table.prompt_tokens_size(); ++row) {
    const double compute = 1 - std::exp(-std::pow(table.training_compute_flops(row) / 1e22, slope));
    const double context = 1 - std::exp(-std::pow(table.prompt_tokens(row) / 1e3, slope));
    const double penalty = table.prompt_tokens(row) > table.context_limit_tokens(row) ? 0.05 : 1;
    const double mean = std::clamp(compute * context * penalty + noise * choices.Uniform(-1, 1), 0.0, 1.0);
    const double scores[] = {equal, choices.Chance(0.5) ? 1.0 : 0.0,  choices.Between(0, items) / double(items),
                             mean,  choices.Chance(mean) ? 1.0 : 0.0, choices.Uniform(0, 1)};
    table.add_score(scores[kind]);
  }
}

void AddLabels(Choices& choices, v1::Observations& table) {
  const int rows = table.score_size();
  const bool tasks = choices.Chance(0.15);
  const bool models = choices.Chance(0.2);
  const bool held_out = choices.Chance(0.15);
  const bool second = choices.Chance(0.3);
  const int clusters = choices.Chance(0.5) ? choices.Between(1, rows) : 0;
  const int second_clusters = choices.Between(1, rows);
  for (int row = 0; row < rows; ++row) {
    if (clusters > 0) table.add_cluster(choices.Label("c", clusters));
    if (second) table.add_cluster_2(choices.Label("d", second_clusters));
    if (tasks) table.add_task(choices.Label("t", 2));
    if (models) table.add_model(choices.Label("m", 3));
    if (held_out) table.add_held_out(choices.Chance(0.3));
  }
}

// Gives some rows the covariates of the first.
void RepeatFirstRow(Choices& choices, v1::Observations& table) {
  for (int row = 1; row < table.prompt_tokens_size(); ++row) {
    if (!choices.Chance(0.5)) continue;
    table.set_training_compute_flops(row, table.training_compute_flops(0));
    table.set_prompt_tokens(row, table.prompt_tokens(0));
    table.set_context_limit_tokens(row, table.context_limit_tokens(0));
  }
}

v1::Observations RandomTable(Choices& choices) {
  v1::Observations table;
  const int rows = choices.Chance(0.3) ? choices.Between(1, 5) : choices.Between(1, kMaxRows);
  const double narrow = choices.OneOf({1, 1, 1e3});
  Assign(choices.Levels(rows, 1e18 * narrow, 1e26 / narrow), *table.mutable_training_compute_flops());
  Assign(choices.Levels(rows, 1, 1e6), *table.mutable_prompt_tokens());
  Assign(choices.Chance(0.2) ? std::vector<double>(rows, 0.5) : choices.Levels(rows, 512, 1e7),
         *table.mutable_context_limit_tokens());
  if (choices.Chance(0.03)) Assign(choices.Levels(rows, 1e-300, 1e300), *table.mutable_training_compute_flops());
  if (choices.Chance(0.03)) Assign(choices.Levels(rows, 1e-300, 1e300), *table.mutable_prompt_tokens());
  if (choices.Chance(0.15)) RepeatFirstRow(choices, table);
  AddScores(choices, table);
  AddLabels(choices, table);
  const bool weights = choices.Chance(0.4);
  const bool variances = choices.Chance(0.2);
  for (int row = 0; row < rows; ++row) {
    const double score = table.score(row);
    if (weights) table.add_weight(choices.Chance(0.5) ? choices.Between(1, 1000) : choices.LogUniform(1e-3, 1e3));
    if (variances) table.add_score_variance(choices.OneOf({0, 0.5, 1}) * score * (1 - score));
  }
  if (choices.Chance(0.02)) table.set_score(choices.Below(rows), std::numeric_limits<double>::quiet_NaN());
  if (choices.Chance(0.02)) table.set_prompt_tokens(choices.Below(rows), 0);
  return table;
}

v1::Penalty RandomPenalty(Choices& choices) {
  v1::Penalty penalty;
  const int form = choices.Below(4);
  if (form == 1) penalty.set_none(true);
  if (form == 2) penalty.set_width_tokens(choices.LogUniform(1e-3, 1e6));
  if (form == 3) penalty.set_width_ratio(choices.LogUniform(1e-4, 10));
  if (form == 1 && !choices.Chance(0.05)) return penalty;
  if (choices.Chance(0.3)) penalty.set_fit_width(true);
  if (choices.Chance(0.3)) {
    penalty.set_fit_onset(true);
  } else if (choices.Chance(0.3)) {
    penalty.set_onset_ratio(choices.LogUniform(0.1, 20));
  }
  return penalty;
}

void AddAsymptotes(Choices& choices, v1::FitOptions& options) {
  if (choices.Chance(0.2))
    options.mutable_floor()->set_fitted(true);
  else if (choices.Chance(0.2))
    options.mutable_floor()->set_value(choices.OneOf({0, 0.25, 0.5}));
  if (choices.Chance(0.2))
    options.mutable_ceiling()->set_fitted(true);
  else if (choices.Chance(0.2))
    options.mutable_ceiling()->set_value(choices.OneOf({0.6, 0.9, 1}));
}

void AddBoundsAndFixed(Choices& choices, v1::FitOptions& options) {
  for (const char* const name :
       {"compute_coefficient", "compute_exponent", "context_coefficient", "context_exponent"}) {
    if (choices.Chance(0.08)) {
      v1::Bound& bound = *options.add_bounds();
      bound.set_name(name);
      bound.set_lower(choices.LogUniform(1e-3, 1));
      bound.set_upper(bound.lower() * choices.OneOf({1 + 1e-9, 1.5, 100}));
    } else if (choices.Chance(0.08)) {
      v1::FixedParameter& fixed = *options.add_fixed();
      fixed.set_name(name);
      fixed.set_value(choices.OneOf({0.5, 1, choices.LogUniform(1e-6, 100)}));
    }
  }
  if (choices.Chance(0.15)) options.set_compute_reference_flops(choices.LogUniform(1e15, 1e28));
  if (choices.Chance(0.15)) options.set_prompt_reference_tokens(choices.LogUniform(1, 1e7));
}

v1::BootstrapOptions RandomBootstrap(Choices& choices, const v1::Observations& table) {
  v1::BootstrapOptions bootstrap;
  bootstrap.set_replicates(choices.Chance(0.1) ? 0 : choices.Between(20, 40));
  if (choices.Chance(0.5)) bootstrap.set_confidence(choices.OneOf({0.01, 0.5, 0.8, 0.99, 0.9999}));
  bootstrap.set_resampling(choices.Enumerator(v1::RESAMPLING_STRATIFIED));
  bootstrap.set_weights(choices.Enumerator(v1::WEIGHT_KIND_MULTINOMIAL));
  bootstrap.set_interval(choices.Enumerator(v1::INTERVAL_KIND_BCA));
  // Most contradictions would leave nothing to fit.
  if (!choices.Chance(0.05)) {
    if (bootstrap.resampling() == v1::RESAMPLING_CLUSTER && table.cluster().empty()) bootstrap.clear_resampling();
    if (bootstrap.resampling() == v1::RESAMPLING_TWO_WAY) bootstrap.clear_interval();
    if (bootstrap.resampling() == v1::RESAMPLING_STRATIFIED) bootstrap.set_weights(v1::WEIGHT_KIND_MULTINOMIAL);
  }
  if (choices.Chance(0.1)) bootstrap.set_global_replicates(choices.Between(1, 3));
  return bootstrap;
}

v1::FitOptions RandomOptions(Choices& choices, const v1::Observations& table) {
  v1::FitOptions options;
  options.set_loss(choices.Enumerator(v1::LOSS_BERNOULLI));
  if (options.loss() == v1::LOSS_HUBER && choices.Chance(0.5)) options.set_huber_threshold(choices.LogUniform(1e-6, 1));
  *options.mutable_penalty() = RandomPenalty(choices);
  AddAsymptotes(choices, options);
  AddBoundsAndFixed(choices, options);
  options.set_no_context_factor(choices.Chance(0.15));
  options.set_seed(choices.Below(1000));
  options.set_backend(v1::BACKEND_CPU);
  options.mutable_search()->set_candidates(choices.Between(8, 32));
  options.mutable_search()->set_max_generations(choices.Between(1, 40));
  options.mutable_search()->set_over(choices.Enumerator(v1::SEARCH_OVER_BINS));
  *options.mutable_bootstrap() = RandomBootstrap(choices, table);
  options.set_profile_intervals(choices.Chance(0.1));
  if (choices.Chance(0.02)) options.mutable_bootstrap()->set_confidence(1.5);
  return options;
}

// Points inside and far outside of every table.
v1::PredictionPoints RandomPoints(Choices& choices) {
  v1::PredictionPoints points;
  const int count = choices.Between(1, 6);
  const double far = choices.Chance(0.05) ? 1e270 : 1;
  for (int i = 0; i < count; ++i) {
    points.add_training_compute_flops(choices.LogUniform(1e15 / far, 1e29 * far));
    points.add_prompt_tokens(choices.LogUniform(0.01 / far, 1e9 * far));
    points.add_context_limit_tokens(choices.LogUniform(1, 1e8));
  }
  return points;
}

v1::PredictRequest RandomPredict(Choices& choices, const v1::Observations& table) {
  v1::PredictRequest request;
  v1::PredictionPoints& points = *request.mutable_points();
  points = RandomPoints(choices);
  points.MergeFrom(RandomPoints(choices));
  points.mutable_training_compute_flops()->MergeFrom(table.training_compute_flops());
  points.mutable_prompt_tokens()->MergeFrom(table.prompt_tokens());
  points.mutable_context_limit_tokens()->MergeFrom(table.context_limit_tokens());
  if (choices.Chance(0.3)) request.set_confidence(choices.OneOf({0.01, 0.5, 0.99}));
  request.set_simultaneous(choices.Chance(0.5));
  if (choices.Chance(0.4)) request.set_new_mean_items(choices.OneOf({1, 100, 1e9}));
  if (!choices.Chance(0.2)) return request;
  v1::PredictionGrid& grid = *request.mutable_grid();
  Assign(choices.Levels(3, 1e15, 1e29), *grid.mutable_training_compute_flops());
  Assign(choices.Levels(2, 1, 1e8), *grid.mutable_context_limit_tokens());
  Assign(choices.Levels(4, 0.01, 1e9), *grid.mutable_prompt_tokens());
  return request;
}

void AddSolve(Choices& choices, RandomRequests& requests) {
  v1::ComputeQueries& compute = *requests.solve_compute.mutable_training_compute();
  v1::PromptQueries& prompt = *requests.solve_prompt.mutable_prompt_length();
  const bool budget = choices.Chance(0.5);
  const int count = choices.Between(1, 8);
  for (int i = 0; i < count; ++i) {
    const double target = choices.OneOf({choices.Uniform(0, 1), choices.LogUniform(1e-12, 1), 1 - 1e-12, 0.25, 0.5});
    const double limit = choices.LogUniform(1, 1e8);
    compute.add_target_score(target);
    compute.add_prompt_tokens(choices.LogUniform(0.01, 1e9));
    compute.add_context_limit_tokens(limit);
    if (budget) compute.add_budget_compute_flops(choices.LogUniform(1e15, 1e29));
    prompt.add_target_score(target);
    prompt.add_training_compute_flops(choices.LogUniform(1e15, 1e29));
    prompt.add_context_limit_tokens(limit);
    if (budget) prompt.add_budget_prompt_tokens(choices.LogUniform(0.01, 1e9));
  }
  if (choices.Chance(0.3)) requests.solve_compute.set_confidence(choices.OneOf({0.01, 0.5, 0.99}));
}

}  // namespace

RandomRequests MakeRandomRequests(int number) {
  Choices choices(number);
  RandomRequests requests;
  const v1::Observations table = RandomTable(choices);
  const v1::FitOptions options = RandomOptions(choices, table);
  *requests.fit.mutable_observations() = *requests.stream_fit.mutable_observations() = table;
  *requests.fit.mutable_options() = *requests.stream_fit.mutable_options() = options;

  *requests.ablate.mutable_observations() = table;
  *requests.ablate.mutable_options() = options;
  if (choices.Chance(0.3)) requests.ablate.set_folds(choices.Below(4));

  *requests.compare.mutable_observations() = table;
  *requests.compare.mutable_options() = options;
  for (int row = 0; row < table.score_size(); ++row) {
    requests.compare.add_group(choices.Chance(0.1) ? "" : choices.Label("g", 2));
  }
  if (choices.Chance(0.7)) *requests.compare.mutable_points() = RandomPoints(choices);

  requests.predict = RandomPredict(choices, table);
  AddSolve(choices, requests);
  v1::Observations& evaluated = *requests.evaluate.mutable_observations();
  evaluated = choices.Chance(0.5) ? table : RandomTable(choices);
  if (table.task().empty()) evaluated.clear_task();
  if (choices.Chance(0.3)) requests.evaluate.set_confidence(choices.OneOf({0.01, 0.5, 0.99}));
  return requests;
}

}  // namespace ctxfit
