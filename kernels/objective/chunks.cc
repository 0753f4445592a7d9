#include "kernels/objective/chunks.h"

#include "kernels/base/status_macros.h"
#include "kernels/data/cells.h"

namespace ctxfit {

absl::StatusOr<Chunks> CutIntoChunks(const Cells& cells, const StopSignal& stop) {
  Chunks chunks;
  chunks.prompts.reserve(cells.log_prompt.size() + 1);
  chunks.begin = {0};
  std::int32_t chunk_begin = 0;
  for (std::size_t k = 0; k < cells.log_prompt.size(); ++k) {
    for (std::int32_t i = cells.prompt_begin[k]; i < cells.prompt_begin[k + 1]; i += kCellsPerPrompt) {
      if (i - chunk_begin >= kCellsPerChunk) {
        CTXFIT_RETURN_IF_ERROR(stop.Check());
        chunks.begin.push_back(chunks.prompts.size());
        chunk_begin = i;
      }
      chunks.prompts.push_back({cells.log_prompt[k], i});
    }
  }
  chunks.begin.push_back(chunks.prompts.size());
  chunks.prompts.push_back({0, static_cast<std::int32_t>(cells.size())});
  return chunks;
}

}  // namespace ctxfit
