#ifndef CTXFIT_TESTS_KERNELS_ONE_SEARCH_H_
#define CTXFIT_TESTS_KERNELS_ONE_SEARCH_H_

#include <memory>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "kernels/backend/backend.h"
#include "kernels/base/status_macros.h"
#include "kernels/base/stop_signal.h"
#include "kernels/law/coordinate.h"

namespace ctxfit {

// A search of a single problem.
class OneSearch {
 public:
  explicit OneSearch(std::unique_ptr<PopulationSearch> search) : search_(std::move(search)) {}

  absl::StatusOr<PopulationSummary> Advance(int generations, const StopSignal& stop) {
    CTXFIT_ASSIGN_OR_RETURN(const std::vector<PopulationSummary> summaries, search_->Advance({0}, generations, stop));
    return summaries.front();
  }

  absl::StatusOr<Population> Read() { return search_->Read(0); }

 private:
  std::unique_ptr<PopulationSearch> search_;
};

inline absl::StatusOr<std::unique_ptr<OneSearch>> StartOne(Backend& backend, const Cells& cells,
                                                           const ProposalSettings& settings,
                                                           const std::vector<BasicPoint<float>>& initial,
                                                           const StopSignal& stop = StopSignal()) {
  CTXFIT_ASSIGN_OR_RETURN(std::unique_ptr<PopulationSearch> search,
                          backend.StartSearch({{cells, settings, initial}}, stop));
  return std::make_unique<OneSearch>(std::move(search));
}

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_KERNELS_ONE_SEARCH_H_
