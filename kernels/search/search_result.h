#ifndef CTXFIT_KERNELS_SEARCH_SEARCH_RESULT_H_
#define CTXFIT_KERNELS_SEARCH_SEARCH_RESULT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/search_over.h"
#include "kernels/search/evolution.h"

namespace ctxfit {

struct SearchResult {
  SearchTermination termination;
  std::string termination_message;  // the inequality with its numbers
  int generation_count = 0;
  int candidate_count = 0;
  std::int64_t evaluation_count = 0;
  std::int64_t non_finite_count = 0;
  SearchOver over = SearchOver::kObservations;  // kBins only where bins merged cells
  std::int64_t cell_count = 0;                  // cells that each candidate was evaluated against
  // Evaluations times observations per second of the evolution's wall time, without the descents. Cells that stand for
  // many observations make it larger than the work done, evaluations times cell_count; tasks that evolve together share
  // the time.
  double candidate_records_per_second = 0;
  Point best{};          // the best candidate
  double best_cost = 0;  // cost of the best candidate over all cells, with within_cost
  // The candidate basins for the refinement: ends of the descents by Multistart(), the best first.
  std::vector<Point> starts;
  absl::Duration duration;
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_SEARCH_SEARCH_RESULT_H_
