#ifndef CTXFIT_KERNELS_OBJECTIVE_CHUNKS_H_
#define CTXFIT_KERNELS_OBJECTIVE_CHUNKS_H_

#include <cstddef>
#include <vector>

#include "absl/status/statusor.h"
#include "kernels/base/stop_signal.h"
#include "kernels/objective/vector_kernels.h"

namespace ctxfit {

struct Cells;

// Cells of a chunk: 20 to 100 microseconds of work, so that threads end together and a stop is seen at once, and little
// enough to stay in the cache while candidates pass over it.
inline constexpr std::int32_t kCellsPerChunk = 4096;

// A prompt length with more cells than this is entered several times, so that it cannot make a chunk too large.
inline constexpr std::int32_t kCellsPerPrompt = 64;

// Cells cut into pieces of work.
struct Chunks {
  std::vector<PromptCells> prompts;  // with one behind the last, as the kernels need it
  std::vector<std::size_t> begin;    // prompts of chunk c: [begin[c], begin[c + 1])

  std::size_t size() const { return begin.size() - 1; }
};

// Errors: those of `stop`.
absl::StatusOr<Chunks> CutIntoChunks(const Cells& cells, const StopSignal& stop);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_OBJECTIVE_CHUNKS_H_
