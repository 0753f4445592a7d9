#include "kernels/predict/visit_scores.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "kernels/base/aligned_vector.h"
#include "kernels/base/status_macros.h"
#include "kernels/base/stop_signal.h"
#include "kernels/base/thread_pool.h"
#include "kernels/law/fitted_law.h"
#include "kernels/law/penalty.h"
#include "kernels/predict/law_rows.h"
#include "kernels/predict/predictions.h"

namespace ctxfit {
namespace {

// Memory of a table of factors at most, unless a single row takes more.
constexpr std::size_t kTableBytes = std::size_t{16} << 20;

// Points that a thread takes at a time: few enough to share the work evenly, enough to compute few factors twice.
constexpr std::size_t kMaxPointsPerBlock = 64;
constexpr std::size_t kBlocksPerThread = 8;

// The distinct values of one variable as ln(value / reference), and the index of each point's value among them.
struct Axis {
  std::vector<double> log_ratio;
  std::vector<std::uint32_t> at;
};

Axis MakeAxis(const std::vector<double>& values, double reference) {
  Axis axis;
  axis.at.reserve(values.size());
  absl::flat_hash_map<double, std::uint32_t> ranks;
  for (const double value : values) {
    const auto [rank, is_new] = ranks.try_emplace(value, static_cast<std::uint32_t>(axis.log_ratio.size()));
    if (is_new) axis.log_ratio.push_back(std::log(value / reference));
    axis.at.push_back(rank->second);
  }
  return axis;
}

using Factors = void (LawRows::*)(double log_ratio, double* factors) const;

// One factor is looked up in a table; the other is streamed: its values follow one another, each needed only for a
// while.
struct Plan {
  Axis tabled;
  Factors tabled_factors;
  Axis streamed;
  Factors streamed_factors;
};

// Tables the variable that has fewer values.
Plan MakePlan(const References& references, const PredictionPoints& points) {
  Axis compute = MakeAxis(points.compute, references.compute_flops);
  Axis prompt = MakeAxis(points.prompt, references.prompt_tokens);
  if (compute.log_ratio.size() <= prompt.log_ratio.size()) {
    return {std::move(compute), &LawRows::ComputeFactors, std::move(prompt), &LawRows::ContextFactors};
  }
  return {std::move(prompt), &LawRows::ContextFactors, std::move(compute), &LawRows::ComputeFactors};
}

// A point's place in the order of visits: by the table that has its factor, then by the streamed factor.
struct Visit {
  std::uint32_t table;
  std::uint32_t streamed;
  std::size_t point;

  bool operator<(const Visit& other) const {
    return table != other.table ? table < other.table : streamed < other.streamed;
  }
};

std::vector<Visit> OrderVisits(const Plan& plan, std::size_t table_rows) {
  std::vector<Visit> visits;
  visits.reserve(plan.tabled.at.size());
  for (std::size_t point = 0; point < plan.tabled.at.size(); ++point) {
    visits.push_back({static_cast<std::uint32_t>(plan.tabled.at[point] / table_rows), plan.streamed.at[point], point});
  }
  std::sort(visits.begin(), visits.end());
  return visits;
}

// The rows of one thread.
struct Workspace {
  AlignedVector<double> streamed_factors;
  std::optional<std::uint32_t> streamed;  // the value whose factors they are
  AlignedVector<double> scores;

  explicit Workspace(std::size_t size) : streamed_factors(size), scores(size) {}
};

}  // namespace

absl::Status VisitScores(const LawRows& laws, const References& references, const Penalty& penalty,
                         const PredictionPoints& points, ThreadPool& pool, const StopSignal& stop,
                         const std::function<void(std::size_t point, double* scores, int thread)>& visit) {
  const Plan plan = MakePlan(references, points);
  const std::size_t row_count = plan.tabled.log_ratio.size();
  const std::size_t table_rows =
      std::clamp(kTableBytes / (laws.size() * sizeof(double)), std::size_t{1}, std::max(row_count, std::size_t{1}));
  const std::vector<Visit> visits = OrderVisits(plan, table_rows);
  AlignedVector<double> table(table_rows * laws.size());
  std::vector<Workspace> workspaces(pool.size(), Workspace(laws.size()));

  const auto visit_point = [&](const Visit& next, int thread) {
    Workspace& own = workspaces[thread];
    if (own.streamed != next.streamed) {
      (laws.*plan.streamed_factors)(plan.streamed.log_ratio[next.streamed], own.streamed_factors.data());
      own.streamed = next.streamed;
    }
    const std::size_t row = plan.tabled.at[next.point] % table_rows;
    laws.Scores(table.data() + row * laws.size(), own.streamed_factors.data(),
                MakeExcess(penalty, points.prompt[next.point], points.limit[next.point]), own.scores.data());
    visit(next.point, own.scores.data(), thread);
  };

  for (std::size_t begin = 0; begin < visits.size();) {
    const std::size_t first_row = visits[begin].table * table_rows;
    const auto fill_row = [&](std::size_t row, int) {
      (laws.*plan.tabled_factors)(plan.tabled.log_ratio[first_row + row], table.data() + row * laws.size());
    };
    CTXFIT_RETURN_IF_ERROR(pool.ParallelFor(std::min(table_rows, row_count - first_row), stop, fill_row));

    const auto is_here = [&](const Visit& next) { return next.table == visits[begin].table; };
    const std::size_t end = std::partition_point(visits.begin() + begin, visits.end(), is_here) - visits.begin();
    const std::size_t block_size =
        std::clamp((end - begin) / (kBlocksPerThread * pool.size()), std::size_t{1}, kMaxPointsPerBlock);
    const auto visit_block = [&](std::size_t block, int thread) {
      const std::size_t block_begin = begin + block * block_size;
      const std::size_t block_end = std::min(block_begin + block_size, end);
      for (std::size_t i = block_begin; i < block_end && stop.Check().ok(); ++i) visit_point(visits[i], thread);
    };
    CTXFIT_RETURN_IF_ERROR(pool.ParallelFor((end - begin + block_size - 1) / block_size, stop, visit_block));
    begin = end;
  }
  return absl::OkStatus();
}

}  // namespace ctxfit
