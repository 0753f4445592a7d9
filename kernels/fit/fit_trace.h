#ifndef CTXFIT_KERNELS_FIT_FIT_TRACE_H_
#define CTXFIT_KERNELS_FIT_FIT_TRACE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "kernels/descent/refine.h"
#include "kernels/descent/trace.h"
#include "kernels/fit/trace_sink.h"
#include "kernels/law/domain.h"
#include "kernels/law/penalty.h"
#include "kernels/search/search_result.h"

namespace ctxfit {

struct ReplicateFits;

// Writes the steps of one task's fit as lines of key=value pairs (logfmt), one for each event, in this order:
//
//   generation      of the search; with GPUs, of those that are read
//   search_end      of a descent over the search's coarse cells, the best first
//   search          how it ended
//   refinement_end  of a descent over all cells, the best first
//   polish          of the best end
//   basin           the best first
//   refinement      how it ended
//   replicate       that did not converge
//   replicates      how many did
//
// Deviances are costs above the best of the kind in units of sigma^2. Points are the fitted parameters in natural
// units.
class FitTrace : public Trace {
 public:
  // The fit of `task` over `domain`, whose penalty is in the scales of `penalty`. `sink` must outlive the trace.
  FitTrace(absl::string_view task, const Domain& domain, const Penalty& penalty, const TraceSink& sink);

  void OnGeneration(int generation, double best_cost, double mean_cost) override;
  void OnSearchEnds(const std::vector<DescentEnd>& ends, double variance) override;
  void OnRefinementEnds(const std::vector<DescentEnd>& ends, double variance) override;
  void OnPolish(const DescentEnd& before, const DescentEnd& after, double variance) override;

  void OnSearch(const SearchResult& search) const;
  void OnRefinement(const Refinement& refinement) const;
  void OnReplicates(const ReplicateFits& replicates) const;

 private:
  // Writes a line of `event` and `pairs`, as "generation=3 best_cost=1.5".
  void Write(absl::string_view event, absl::string_view pairs) const;

  void WriteEnds(absl::string_view event, const std::vector<DescentEnd>& ends, double variance) const;

  // The fitted parameters at `point`, each preceded by a space.
  std::string Parameters(const Point& point) const;

  const std::string task_;  // quoted
  const Domain domain_;
  const Penalty penalty_;
  const TraceSink& sink_;
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_FIT_FIT_TRACE_H_
