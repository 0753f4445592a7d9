#ifndef CTXFIT_KERNELS_OBJECTIVE_CHUNKS_H_
#define CTXFIT_KERNELS_OBJECTIVE_CHUNKS_H_

#include <cstddef>
#include <vector>

#include "absl/status/statusor.h"
#include "kernels/base/stop_signal.h"
#include "kernels/objective/vector_kernels.h"

namespace ctxfit {

struct Cells;

// Cells of a chunk: 20 to 100 microseconds of work, so that threads end together and a stop is seen at once, and few
// enough to stay in the cache while all candidates are evaluated on them.
inline constexpr std::int32_t kCellsPerChunk = 4096;

// A prompt length with more cells than this becomes several entries, so that no chunk grows too large.
inline constexpr std::int32_t kCellsPerPrompt = 64;

// Cells divided into pieces of work.
struct Chunks {
  std::vector<PromptCells> prompts;  // with a sentinel at the end, as the kernels need it
  std::vector<std::size_t> begin;    // prompts of chunk c: [begin[c], begin[c + 1])

  std::size_t size() const { return begin.size() - 1; }
};

// Divides all cells, in their order. Errors: those of `stop`.
absl::StatusOr<Chunks> CutIntoChunks(const Cells& cells, const StopSignal& stop);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_OBJECTIVE_CHUNKS_H_
