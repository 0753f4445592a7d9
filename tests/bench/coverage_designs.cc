#include "tests/bench/coverage_designs.h"

#include <algorithm>
#include <boost/math/special_functions/beta.hpp>
#include <cmath>
#include <cstddef>
#include <functional>

#include "kernels/law/coordinate.h"
#include "kernels/law/loss_rule.h"
#include "kernels/law/parameters.h"
#include "kernels/law/penalty.h"

namespace ctxfit {
namespace {

// Beta-binomial runs: the probability of a run has a beta distribution of this precision about its expected score, an
// intraclass correlation of 1 / 21.
constexpr double kBetaPrecision = 20;

// Properties that the rows of a run share.
struct Run {
  double effect;    // added to scores
  double quantile;  // quantile of the beta distribution, in (0, 1)
  double weight;    // weight of each row
};

// An effect of mean 0 and standard deviation `sd`.
double DrawEffect(double sd, bool heavy_tails, std::mt19937_64& random) {
  if (sd == 0) return 0;
  // Student's t with 3 degrees of freedom has variance 3.
  if (heavy_tails) return sd / std::sqrt(3.0) * std::student_t_distribution<double>(3)(random);
  return sd * std::normal_distribution<double>()(random);
}

Run DrawRun(const Design& design, std::mt19937_64& random) {
  const double effect = DrawEffect(design.run_sd, design.heavy_tails, random);
  const double quantile = Uniform(random);
  return {effect, quantile, design.weighted ? std::round(LogUniform(5, 500, random)) : 1};
}

double DrawScore(const Design& design, const Run& run, double expected, std::mt19937_64& random) {
  const double mean = std::clamp(expected + run.effect, 0.0, 1.0);
  switch (design.scores) {
    case ScoreKind::kNormal:
      return std::clamp(expected + run.effect + design.row_sd * std::normal_distribution<double>()(random), 0.0, 1.0);
    case ScoreKind::kBinary:
      return Uniform(random) < mean ? 1 : 0;
    case ScoreKind::kBetaBinomial: {
      const double share = std::clamp(expected, 1e-6, 1 - 1e-6);
      return Uniform(random) <
             boost::math::ibeta_inv(kBetaPrecision * share, kBetaPrecision * (1 - share), run.quantile);
    }
    case ScoreKind::kRunMean: {
      const int count = static_cast<int>(run.weight);
      return std::binomial_distribution<int>(count, mean)(random) / static_cast<double>(count);
    }
  }
  return 0;
}

void FitPenalty(Design& design) {
  design.truth.penalty = {Penalty::Form::kRatio, 0.1, 1.2};
  design.limit = 8192;
  design.options.penalty = design.truth.penalty;
  design.options.fit_penalty_width = true;
  design.options.fit_penalty_onset = true;
}

void FitFloor(Design& design) {
  design.truth.point.at[kFloor] = 0.25;
  design.options.parameters[kFloor].fixed.reset();
}

}  // namespace

std::vector<Design> CoverageDesigns() {
  std::vector<Design> designs;
  const auto add = [&](const std::string& name, const std::function<void(Design&)>& change) {
    Design design;
    design.name = name;
    change(design);
    design.options.compute_reference_flops = design.truth.references.compute_flops;
    design.options.prompt_reference_tokens = design.truth.references.prompt_tokens;
    designs.push_back(design);
  };
  add("60 clusters", [](Design&) {});
  add("12 clusters", [](Design& design) {
    design.runs = 12;
    design.items = 10;
  });
  add("8 clusters", [](Design& design) {
    design.runs = 8;
    design.items = 15;
  });
  add("6 clusters", [](Design& design) {
    design.runs = 6;
    design.items = 20;
  });
  add("5 clusters", [](Design& design) {
    design.runs = 5;
    design.items = 24;
  });
  add("60 clusters, each of one model", [](Design& design) {
    design.nested = true;
    design.items = 12;
  });
  add("6 clusters, each of one model, 0/1", [](Design& design) {
    design.nested = true;
    design.all_lengths = true;
    design.runs = 6;
    design.items = 250;
    design.run_sd = 0;
    design.scores = ScoreKind::kBinary;
    design.options.loss.loss = Loss::kBernoulli;
  });
  add("12 clusters of 1 to 1,000 rows", [](Design& design) {
    design.runs = 12;
    design.sizes = RunSizes::kUnequal;
  });
  add("20 clusters, each of one model", [](Design& design) {
    design.nested = true;
    design.runs = 20;
    design.items = 12;
  });
  add("40 clusters of 1 to 1,000 rows", [](Design& design) {
    design.runs = 40;
    design.sizes = RunSizes::kUnequal;
  });
  add("60 clusters of weights 5 to 500", [](Design& design) {
    design.scores = ScoreKind::kRunMean;
    design.weighted = true;
    design.items = 1;
  });
  add("records of weights 5 to 500", [](Design& design) {
    design.scores = ScoreKind::kRunMean;
    design.weighted = true;
    design.items = 1;
    design.run_sd = 0;
    design.clustered = false;
  });
  add("t3 effects, 60 clusters", [](Design& design) { design.heavy_tails = true; });
  add("t3 effects, 12 clusters", [](Design& design) {
    design.heavy_tails = true;
    design.runs = 12;
    design.items = 10;
  });
  add("t3 effects, 60 clusters, Huber", [](Design& design) {
    design.heavy_tails = true;
    design.options.loss.loss = Loss::kHuber;
  });
  add("Bernoulli, 60 clusters", [](Design& design) {
    design.scores = ScoreKind::kBetaBinomial;
    design.items = 5;
    design.run_sd = 0;
    design.options.loss.loss = Loss::kBernoulli;
  });
  add("Bernoulli, 12 clusters", [](Design& design) {
    design.scores = ScoreKind::kBetaBinomial;
    design.runs = 12;
    design.items = 25;
    design.run_sd = 0;
    design.options.loss.loss = Loss::kBernoulli;
  });
  add("onset and width fitted", [](Design& design) {
    design.row_sd = 0.02;
    design.run_sd = 0;
    design.scores = ScoreKind::kBetaBinomial;
    design.items = 5;
    FitPenalty(design);
  });
  add("floor fitted", FitFloor);
  add("two-way, model effects", [](Design& design) {
    design.computes = TwelveComputes();
    design.items = 1;
    design.model_sd = 0.02;
    design.options.bootstrap.resampling = Resampling::kTwoWay;
  });
  add("beta grows by 0.05 per decade", [](Design& design) { design.drift = 0.05; });
  add("beta grows by 0.10 per decade", [](Design& design) { design.drift = 0.10; });
  return designs;
}

double ExpectedScore(const Design& design, double compute, double prompt) {
  return PredictWithDrift(design.truth, design.drift, compute, prompt, design.limit);
}

ObservationTable DrawSet(const Design& design, std::mt19937_64& random) {
  std::vector<double> model_effects;
  for (std::size_t m = 0; m < design.computes.size(); ++m) {
    model_effects.push_back(DrawEffect(design.model_sd, false, random));
  }
  ObservationTable table;
  for (int number = 0; number < design.runs; ++number) {
    const Run run = DrawRun(design, random);
    const auto add_row = [&](std::size_t model, double prompt) {
      const double compute = design.computes[model];
      const double expected = ExpectedScore(design, compute, prompt) + model_effects[model];
      AddRow(compute, prompt, design.limit, DrawScore(design, run, expected, random), table);
      if (design.weighted) table.weight.push_back(run.weight);
      if (design.clustered) table.cluster.push_back(std::to_string(number));
    };
    const double block = DrawBlock(random);
    if (design.sizes == RunSizes::kUnequal) {
      const double rows = std::round(LogUniform(1, 1000, random));
      for (int row = 0; row < rows; ++row) add_row(random() % design.computes.size(), DrawPrompt(block, random));
      continue;
    }
    for (int item = 0; item < design.items; ++item) {
      const double prompt = DrawPrompt(design.all_lengths ? DrawBlock(random) : block, random);
      for (std::size_t model = 0; model < design.computes.size(); ++model) {
        if (!design.nested || number % design.computes.size() == model) add_row(model, prompt);
      }
    }
  }
  return table;
}

double DrawNewMean(const Design& design, double compute, double prompt, int items, std::mt19937_64& random) {
  Run run = DrawRun(design, random);
  const double expected = ExpectedScore(design, compute, prompt);
  if (design.scores == ScoreKind::kRunMean) {
    run.weight = items;
    return DrawScore(design, run, expected, random);
  }
  double sum = 0;
  for (int item = 0; item < items; ++item) sum += DrawScore(design, run, expected, random);
  return sum / items;
}

}  // namespace ctxfit
